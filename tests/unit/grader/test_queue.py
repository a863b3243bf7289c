from __future__ import annotations

import base64
import json
import os
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from kombu.exceptions import OperationalError

from grader import queue
from grader.dispatch_secret import DispatchSecrets
from grader.domain.submission import Job, Lane
from grader.queue import CeleryJobQueue, make_celery
from grader.redis_broker import keys_of
from grader.services.ports import QueueAway

SECRETS = DispatchSecrets(lambda: ["k" * 40])
JOB = Job("01J", 1, "dense", "sha256:x", (), "SECRET_SOURCE = 1")


def test_only_json_is_spoken(tmp_path: Path) -> None:
    conf = make_celery("", tmp_path).conf
    assert list(conf.accept_content) == ["json"]
    assert {conf.task_serializer, conf.result_serializer, conf.event_serializer} == {"json"}
    assert conf.task_ignore_result
    assert conf.task_acks_late
    assert conf.task_reject_on_worker_lost
    assert conf.worker_prefetch_multiplier == 1


def test_a_job_is_one_message_and_its_source_stands_in_no_header(tmp_path: Path) -> None:
    app = make_celery("", tmp_path)
    CeleryJobQueue(app, SECRETS).send(JOB)
    (message,) = (tmp_path / "queue" / "messages").glob("*.grading.msg")
    data = json.loads(message.read_text())
    assert "SECRET" not in json.dumps(data["headers"])
    ((sent,), _, _) = json.loads(base64.b64decode(data["body"]))
    assert sent["source"] == "SECRET_SOURCE = 1"
    assert SECRETS.knows(JOB.submission, JOB.attempt, sent["secret"])
    assert queue.purge(app, queue.GRADING) == 1


@pytest.mark.parametrize(("alone", "words"), [(False, 1), (True, 2)])
def test_a_job_for_one_worker_lies_in_its_own_queue(tmp_path: Path, alone: bool, words: int) -> None:
    app = make_celery("", tmp_path)
    CeleryJobQueue(app, SECRETS).send(JOB, "some.host-7", alone=alone)
    (message,) = (tmp_path / "queue" / "messages").iterdir()
    assert message.name.endswith(f".{queue.own_queue('some.host-7', queue.GRADING)}.msg")
    sent, _, _ = json.loads(base64.b64decode(json.loads(message.read_text())["body"]))
    assert len(sent) == words, "a worker of an older release takes a job alone, where nothing else is asked"
    assert [queue.purge(app, lane) for lane in queue.LANES] == [0, 0]
    assert queue.purge(app, queue.own_queue("some.host-7", queue.GRADING)) == 1


def test_a_job_for_one_worker_lies_by_its_lane(tmp_path: Path) -> None:
    """Else whoever says that it takes a lane, and may not, would be sent what it may not have."""
    app = make_celery("", tmp_path)
    CeleryJobQueue(app, SECRETS).send(replace(JOB, lane=Lane.SLOW), "some.host-7")
    assert [queue.purge(app, own) for own in queue.own_queues("some.host-7", queue.LANES)] == [0, 1]


@pytest.mark.parametrize(
    ("queues", "group", "places"),
    [
        ((queue.CONTROL, queue.WEBHOOKS), "control", ["control"]),
        ((queue.WEBHOOKS,), "control", ["control"]),
        ((queue.GRADING,), "grading", ["grading"]),
        ((queue.SLOW, queue.GRADING), "grading+slow", ["grading", "slow"]),
    ],
)
def test_who_takes_the_same_queues_has_its_own_keys(
    tmp_path: Path, queues: tuple[str, ...], group: str, places: list[str]
) -> None:
    """In Redis; the embedded broker has files of one user."""
    app = make_celery("redis://127.0.0.1:1/0", tmp_path)
    own = queue.take_apart(app, "some.host-7", queues)
    assert list(own) == [f"worker:{place}:some.host-7" for place in places]
    assert group in queue.GROUPS
    options = app.conf.broker_transport_options
    kept = {name: key for name, key in options.items() if name.endswith("_key")}
    assert kept == keys_of(group)
    assert all(key.endswith(f":{group}") for key in kept.values())
    embedded = make_celery("", tmp_path)
    queue.take_apart(embedded, "some.host-7", queues)
    assert "unacked_key" not in embedded.conf.broker_transport_options


def test_redis_waits_longer_than_any_job(tmp_path: Path) -> None:
    conf = make_celery("redis://127.0.0.1:1/0", tmp_path).conf
    assert conf.broker_transport_options["visibility_timeout"] > 1800


@pytest.mark.parametrize(("url", "alive"), [("", True), ("redis://127.0.0.1:1/0", False)])
def test_a_broker_that_is_away_is_noticed(tmp_path: Path, url: str, alive: bool) -> None:
    assert queue.broker_alive(make_celery(url, tmp_path)) is alive


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a broker that lets everybody in and never says a word, as one that is stopped."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        yield f"redis://127.0.0.1:{listening.getsockname()[1]}/0"


def test_who_hands_in_does_not_wait_for_a_broker_that_hangs(tmp_path: Path, silent: str) -> None:
    jobs, begun = CeleryJobQueue(make_celery(silent, tmp_path), SECRETS, seconds=0.2), time.monotonic()
    for _ in range(20):
        with pytest.raises(QueueAway):
            jobs.send(JOB)
    assert time.monotonic() - begun < 25.0, "only the first one waited"


def test_a_broker_that_hangs_is_not_alive(
    tmp_path: Path, silent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "ALIVE_SECONDS", 0.2)
    assert not queue.broker_alive(make_celery(silent, tmp_path))


def test_connecting_to_redis_has_a_limit(tmp_path: Path) -> None:
    """An answer has none: a worker whose acknowledgement was cut off would consume no more (celery #8030)."""
    options = make_celery("redis://127.0.0.1:1/0", tmp_path).conf.broker_transport_options
    assert 0 < options["socket_connect_timeout"] <= 5
    assert "socket_timeout" not in options


def test_patience_tries_for_minutes_whatever_the_broker_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, pauses = make_celery("redis://127.0.0.1:1/0", tmp_path), list[float]()
    monkeypatch.setattr(queue.time, "sleep", pauses.append)
    monkeypatch.setattr(queue, "_BRIEF", {"max_retries": 0})
    with pytest.raises(OperationalError):
        queue.send(app, queue.HEARTBEAT, queue.CONTROL, "01J", 1, patient=True)
    between = [pause for pause in pauses if pause in set(queue._pauses())]
    assert len(between) >= queue.PATIENT_TRIES - 1
    assert sum(between) > 150
    assert max(between) == queue.LONGEST_PAUSE_SECONDS


def test_patience_ends_with_the_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app, claimed, pauses = make_celery("", tmp_path), tmp_path / "queue" / "claimed", list[float]()
    claimed.rename(tmp_path / "aside")

    def mend(pause: float) -> None:
        pauses.append(pause)
        if len(pauses) == 3:
            (tmp_path / "aside").rename(claimed)

    monkeypatch.setattr(queue.time, "sleep", mend)
    queue.send(app, queue.HEARTBEAT, queue.CONTROL, "01J", 1, patient=True)
    assert len(pauses) == 3
    assert len(list((tmp_path / "queue" / "messages").iterdir())) == 1


def test_what_a_killed_writer_left_goes_and_what_is_being_written_stays(tmp_path: Path) -> None:
    app, claimed = make_celery("", tmp_path), tmp_path / "queue" / "claimed"
    for name in ("old.new", "fresh.new", "old.msg"):
        (claimed / name).touch()
        if name.startswith("old"):
            os.utime(claimed / name, (0, 0))
    assert queue.remove_unfinished(app) == 1
    assert {path.name for path in claimed.iterdir()} == {"fresh.new", "old.msg"}
    assert queue.remove_unfinished(make_celery("redis://127.0.0.1:1/0", tmp_path)) == 0
