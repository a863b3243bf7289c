"""From a report to a message: which ids, which score, once each, and nothing lost."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from grader import queue
from grader.db.columns import utc_now
from grader.db.webhook_tables import WebhookDeliveryRow
from grader.domain.errors import Reason
from grader.domain.report import Verdict
from grader.lms.signature import make_secret
from grader.services.ports import Origin
from grader.services.regrade import regrade
from grader.tasks import Sweeper, make_control_app
from grader.wiring import Wiring

School = Any
EXTERNAL = {
    "source": "campus", "platform": "canvas", "course_id": "7", "assignment_id": "48151", "submission_id": "99",
    "attempt": "3", "user_id": "U-1", "sis_id": "S1", "submitted_at": "2026-11-20T20:35:00+00:00",
}  # fmt: skip


@pytest.fixture
def endpoint(school: School) -> str:
    return str(school.parts.endpoints.add_endpoint(school.course, "https://lms.example/hook", make_secret()))


def written(school: School) -> list[Any]:
    """Messages, the oldest first."""
    found = school.parts.endpoints.deliveries(school.course, utc_now())
    return sorted(found, key=lambda one: one.id)


def test_the_lms_hears_its_own_ids(school: School, endpoint: str, make_report: Any) -> None:
    saved = school.hand_in(at=utc_now(), origin=Origin.LMS, external=EXTERNAL)
    school.grade(saved, make_report(), utc_now())
    (message,) = written(school)
    assert (message.event, message.endpoint.id, message.submission) == (
        "submission.graded",
        endpoint,
        saved.id,
    )
    assert message.payload["type"] == "submission.graded"
    assert message.payload["data"] == {
        "source": "campus", "platform": "canvas", "course_id": "7", "assignment_id": "48151", "submission_id": "99",
        "attempt": 3, "user": {"id": "U-1", "sis_id": "S1"}, "score": 10.0, "max_score": 10.0,
        "counting_submission_id": saved.id, "counting_rule": "best", "verdict": "passed",
        "grader_submission_id": saved.id, "report_url": None,
    }  # fmt: skip
    assert queue.purge(school.parts.celery, queue.WEBHOOKS) == 1


def test_a_report_has_a_whole_address_or_none(school: School, endpoint: str, make_report: Any) -> None:
    school.parts.outbox.__dict__["public_url"] = "https://grader.example.edu/"
    saved = school.hand_in(at=utc_now())
    school.grade(saved, make_report(), utc_now())
    assert (
        written(school)[0].payload["data"]["report_url"]
        == f"https://grader.example.edu/submissions/{saved.id}"
    )


def test_without_an_lms_the_ids_are_ours(school: School, endpoint: str, make_report: Any) -> None:
    saved = school.hand_in(at=utc_now())
    school.grade(saved, make_report(), utc_now())
    data = written(school)[0].payload["data"]
    assert (data["source"], data["submission_id"], data["attempt"]) == ("grader", saved.id, 1)
    assert data["user"] == {"id": school.ids["ada"], "sis_id": None}


def test_the_score_is_that_of_the_counting_attempt(school: School, endpoint: str, make_report: Any) -> None:
    best = school.hand_in(at=utc_now())
    school.grade(best, make_report(score=8.0), utc_now())
    worse = school.hand_in(at=utc_now(), source="y = 2\n")
    school.grade(worse, make_report(Verdict.FAILED, 3.0), utc_now())
    data = written(school)[1].payload["data"]
    assert (data["score"], data["max_score"], data["counting_submission_id"]) == (8.0, 10.0, best.id)
    assert (data["verdict"], data["grader_submission_id"]) == ("failed", worse.id)


def test_bytes_that_were_no_source_are_told_of_by_the_sweep(school: School, endpoint: str) -> None:
    saved = school.hand_in(at=utc_now(), source=" ")
    assert written(school) == []
    school.parts.outbox.sweep(utc_now())
    (message,) = written(school)
    assert message.submission == saved.id
    assert (message.payload["data"]["verdict"], message.payload["data"]["score"]) == ("invalid", None)
    assert message.payload["data"]["max_score"] == 10.0


def test_our_own_faults_are_not_told(school: School, endpoint: str, make_report: Any) -> None:
    school.grade(school.hand_in(), make_report(Verdict.GRADER_ERROR, None, Reason.CRASHED), utc_now())
    school.parts.outbox.sweep(utc_now())
    assert written(school) == []


def test_every_report_is_told_once(school: School, endpoint: str, make_report: Any) -> None:
    saved = school.hand_in()
    school.grade(saved, make_report(Verdict.FAILED, 3.0), utc_now())
    for _ in range(3):
        school.parts.outbox.sweep(utc_now())
    assert len(written(school)) == 1
    assert regrade(saved.id, school.ids["tess"], "again", school.parts.dispatcher, utc_now())
    school.grade(saved, make_report(), utc_now())
    school.parts.outbox.sweep(utc_now())
    assert [one.payload["data"]["score"] for one in written(school)] == [3.0, 10.0]


def test_a_death_between_the_report_and_its_message_loses_nothing(
    school: School, endpoint: str, make_report: Any
) -> None:
    school.grade(school.hand_in(), make_report(), utc_now())
    with school.parts.database.write() as session:
        session.execute(delete(WebhookDeliveryRow))
    school.parts.outbox.sweep(utc_now())
    assert len(written(school)) == 1


def test_a_message_that_a_broker_lost_is_handed_out_again(
    school: School, endpoint: str, make_report: Any
) -> None:
    school.grade(school.hand_in(), make_report(), utc_now())
    assert queue.purge(school.parts.celery, queue.WEBHOOKS) == 1
    now = utc_now()
    assert school.parts.outbox.hand_out(now) == 0
    assert school.parts.outbox.hand_out(now + timedelta(seconds=61)) == 1


def test_a_broker_that_is_away_costs_no_report(
    school: School, endpoint: str, make_report: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = school.hand_in()

    def away(*_arguments: Any, **_words: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr("grader.wiring.send", away)
    school.grade(saved, make_report(), utc_now())
    assert len(written(school)) == 1


def test_old_reports_and_other_courses_do_not_concern_a_new_endpoint(
    school: School, make_report: Any
) -> None:
    school.grade(school.hand_in(), make_report(), utc_now() - timedelta(minutes=1))
    school.parts.endpoints.add_endpoint(school.course, "https://lms.example/hook", make_secret())
    other = school.parts.courses.course("other")
    school.parts.endpoints.add_endpoint(other.id, "https://lms.example/hook", make_secret())
    school.grade(school.hand_in(source="y = 1\n"), make_report(), utc_now())
    school.parts.outbox.sweep(utc_now())
    assert len(written(school)) == 1
    assert school.parts.endpoints.deliveries(other.id, utc_now()) == []


def test_the_control_worker_delivers(school: School, endpoint: str, make_report: Any) -> None:
    """What it may not reach is a try that failed, and the message waits for the next."""
    school.parts.sender.__dict__["resolve"] = lambda _host, _port: ["10.0.0.1"]
    school.grade(school.hand_in(), make_report(), utc_now())
    (message,) = written(school)
    make_control_app(school.parts).tasks[queue.DELIVER].apply(args=[message.id], throw=True)
    for thread in threading.enumerate():
        if thread.name == "webhook":
            thread.join(30)
    (after,) = written(school)
    assert [one.error for one in after.tries] == ["lms.example is not on the public internet"]


def test_the_sweep_writes_webhooks_even_when_submissions_cannot_be_swept(
    school: School, endpoint: str, make_report: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    school.hand_in(at=utc_now(), source=" ")
    sweeper = Sweeper(school.parts)

    def fall(*_arguments: Any, **_words: Any) -> None:
        sweeper.stop()
        raise RuntimeError

    monkeypatch.setattr("grader.tasks.sweep", fall)
    monkeypatch.setattr(sweeper, "_pause", 0.01)
    sweeper.start()
    sweeper.join(20)
    assert len(written(school)) == 1


def test_a_wrong_list_of_networks_is_named(school: School) -> None:
    parts = Wiring(replace(school.parts.settings, webhook_allow_private="10.0.0.1/8"))
    with pytest.raises(ValueError, match="GRADER_WEBHOOK_ALLOW_PRIVATE"):
        make_control_app(parts)
