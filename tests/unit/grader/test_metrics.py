"""What Prometheus reads, from one look at the service."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from grader.db.owed import Debt
from grader.domain.submission import Lane
from grader.metrics import exposition
from grader.services.flow import Cause, Flow, LaneFacts
from grader.standing import Standing, look


def samples(standing: Standing) -> dict[str, float]:
    """By name and labels, as PromQL writes them."""
    return {
        sample.name
        + ",".join(f"{{{name}={value}}}" for name, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(exposition(standing).decode())
        for sample in family.samples
    }


def test_without_a_database_it_tells_that_alone(now: datetime) -> None:
    told = samples(Standing(now, database=False, broker=True, disk=False, free={"queue": 7}))
    assert told == {
        "grader_uploads_taken": 0, "grader_database_up": 0, "grader_broker_up": 1, "grader_disk_has_room": 0,
        "grader_disk_free_bytes{what=queue}": 7,
    }  # fmt: skip


def test_lanes_and_debts(now: datetime) -> None:
    since = now - timedelta(seconds=90)
    stopped = Flow(LaneFacts(waiting=4, waiting_since=since, work_s=12.5), (), Cause.NO_WORKER, since)
    told = samples(
        Standing(
            now, database=True, broker=False, disk=True, owed=Debt(3, 40.0), agree=False,
            lanes={Lane.QUICK: stopped, Lane.SLOW: Flow(LaneFacts(alive=1))},
        )
    )  # fmt: skip
    assert [told[f"grader_lane_{name}{{lane=quick}}"] for name in ("drains", "stopped_seconds", "waiting")] == [
        0, 90, 4,
    ]  # fmt: skip
    assert told["grader_lane_oldest_waiting_seconds{lane=quick}"] == 90
    assert told["grader_lane_work_seconds{lane=quick}"] == 12.5
    assert "grader_lane_work_seconds{lane=slow}" not in told
    assert told["grader_lane_running{lane=slow}"] == 1
    assert (told["grader_deliveries_owed"], told["grader_delivery_overdue_seconds"]) == (3, 40)
    assert (told["grader_broker_up"], told["grader_workers_agree"]) == (0, 0)


def test_times_are_cumulative(now: datetime) -> None:
    counts = {
        ("stages", "slow,train,0.5"): 2.0,
        ("stages", "slow,train,inf"): 1.0,
        ("stages", "slow,train,sum"): 9000.0,
        ("faults", "slow"): 5.0,
    }
    told = samples(Standing(now, database=True, broker=True, disk=True, counts=counts))
    found = [
        told[f"grader_stage_seconds_bucket{{lane=slow}},{{le={edge}}},{{stage=train}}"]
        for edge in ("0.25", "0.5", "3600.0", "+Inf")
    ]
    assert found == [0, 2, 2, 3]
    assert told["grader_stage_seconds_count{lane=slow},{stage=train}"] == 3
    assert told["grader_stage_seconds_sum{lane=slow},{stage=train}"] == 9000
    assert told["grader_faults_total{lane=slow}"] == 5


def test_two_processes_tell_the_same(school: Any, make_report: Any, now: datetime) -> None:
    from grader.wiring import Wiring

    school.grade(school.hand_in(), make_report())
    other = Wiring(school.parts.settings)
    try:
        first, second = (exposition(look(parts, now)) for parts in (school.parts, other))
    finally:
        other.database.close()
    kept = [line for line in first.splitlines() if b"free_bytes" not in line]
    assert kept == [line for line in second.splitlines() if b"free_bytes" not in line]
