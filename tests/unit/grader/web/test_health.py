from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

from grader.db.columns import utc_now
from grader.services.ports import Sign


def test_without_a_worker_it_is_alive_and_not_ready(client: FlaskClient, school: Any) -> None:
    assert client.get("/health/alive").get_json() == {"alive": True}
    answer = client.get("/api/v1/health")
    assert answer.status_code == 200, "a container's health check comes before its workers"
    assert answer.get_json() == {
        "alive": True, "ready": False, "database": True, "broker": True, "disk": True, "worker_age_s": None, "workers_agree": True,
    }  # fmt: skip
    assert client.get("/health/ready").status_code == 503
    school.parts.workers.seen(Sign("w", "grading", False), utc_now())
    assert client.get("/health").get_json()["ready"]
    assert client.get("/health/ready").status_code == 200
