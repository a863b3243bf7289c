from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from grader.db.columns import utc_now
from grader.services.ports import Sign


def test_without_a_worker_uploads_are_taken_and_not_graded(client: FlaskClient, school: Any) -> None:
    assert client.get("/health/alive").get_json() == {"alive": True}
    answer = client.get("/api/v1/health")
    assert answer.status_code == 200, "a container's health check comes before its workers"
    assert answer.get_json() == {
        "alive": True, "ready": True, "grading": False, "database": True, "broker": True, "disk": True, "worker_age_s": None,
        "workers_agree": True,
    }  # fmt: skip
    assert client.get("/health/ready").status_code == 200
    grading = client.get("/health/grading")
    assert grading.status_code == 503
    assert [lane["cause"] for lane in grading.get_json()["lanes"].values()] == ["no_worker"] * 2


def test_a_lane_that_nobody_takes_is_named(client: FlaskClient, school: Any) -> None:
    school.parts.workers.seen(Sign("w", "grading", False), utc_now())
    answer = client.get("/health/grading")
    lanes = answer.get_json()["lanes"]
    assert answer.status_code == 503
    assert (lanes["quick"]["drains"], lanes["slow"]["drains"]) == (True, False)
    assert "Start one" in lanes["slow"]["detail"]
    school.parts.workers.seen(Sign("v", "slow", False), utc_now())
    assert client.get("/health/grading").status_code == 200
    assert client.get("/health").get_json()["grading"]


def test_a_standstill_is_told_with_its_beginning(client: FlaskClient, school: Any) -> None:
    long_ago = utc_now() - timedelta(minutes=5)
    school.hand_in(at=long_ago)
    school.parts.workers.seen(Sign("w", "grading,slow", True), utc_now())
    answer = client.get("/health/grading")
    assert answer.status_code == 503
    quick = answer.get_json()["lanes"]["quick"]
    assert (quick["cause"], quick["waiting"], quick["workers"]) == ("no_sign_of_life", 1, 1)
    assert quick["stopped_since"] == long_ago.isoformat().replace("+00:00", "Z")
    assert quick["oldest_waiting_s"] >= 300
    assert answer.get_json()["lanes"]["slow"]["drains"]
    assert client.get("/health/ready").status_code == 200, "what is handed in is kept all the same"


def test_without_a_database_neither(
    client: FlaskClient, school: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(school.parts.database, "alive", lambda: False)
    assert client.get("/health/ready").status_code == 503
    answer = client.get("/health/grading")
    assert (answer.status_code, answer.get_json()) == (
        503,
        {"database": False, "grading": False, "lanes": {}},
    )
