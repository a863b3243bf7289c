"""From a report to a message: which ids, which score, what it says, and to whom it is owed."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from grader import queue
from grader.db.columns import utc_now
from grader.db.wish_tables import WishRow
from grader.domain.errors import Reason
from grader.domain.message import message
from grader.domain.report import Verdict
from grader.lms.graded import LONGEST_FEEDBACK
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


def owed(school: School) -> list[Any]:
    return list(school.parts.wishes.wishes(school.course, utc_now()))


def said(school: School, endpoint: str) -> Mapping[str, Any]:
    """The message that a courier would send now; nobody sends it."""
    now = utc_now() + timedelta(minutes=1)
    claimed = school.parts.wishes.claim(endpoint, now, now, school.parts.courier.write)
    return dict(claimed.payload)


def test_the_lms_hears_its_own_ids(school: School, endpoint: str, make_report: Any) -> None:
    saved = school.hand_in(at=utc_now(), origin=Origin.LMS, external=EXTERNAL)
    school.grade(saved, make_report(), utc_now())
    (wish,) = owed(school)
    assert (wish.endpoint.id, wish.submission, wish.student_name) == (endpoint, saved.id, "Ada")
    message = said(school, endpoint)
    assert (message["type"], message["version"], message["timestamp"]) == (
        "submission.graded", 2, wish.wished_at.isoformat(),
    )  # fmt: skip
    assert message["data"] == {
        "source": "campus", "platform": "canvas", "course_id": "7", "assignment_id": "48151", "submission_id": "99",
        "attempt": 3, "user": {"id": "U-1", "sis_id": "S1"}, "score": 10.0, "max_score": 10.0,
        "counting_submission_id": saved.id, "counting_rule": "best", "verdict": "passed",
        "grader_submission_id": saved.id, "report_url": None, "sequence": 1,
        "report": {
            "format": 1, "language": "en", "verdict": "passed", "reason": None, "score": 10.0, "max_score": 10.0,
            "feedback": "Nice work!\nLooks good!",
        },
    }  # fmt: skip


def test_a_report_has_a_whole_address_or_none(school: School, endpoint: str, make_report: Any) -> None:
    school.parts.settings = replace(school.parts.settings, public_url="https://grader.example.edu/")
    saved = school.hand_in(at=utc_now())
    school.grade(saved, make_report(), utc_now())
    address = said(school, endpoint)["data"]["report_url"]
    assert address == f"https://grader.example.edu/submissions/{saved.id}"


def test_without_an_lms_the_ids_are_ours(school: School, endpoint: str, make_report: Any) -> None:
    saved = school.hand_in(at=utc_now())
    school.grade(saved, make_report(), utc_now())
    data = said(school, endpoint)["data"]
    assert (data["source"], data["submission_id"], data["attempt"]) == ("grader", saved.id, 1)
    assert data["user"] == {"id": school.ids["ada"], "sis_id": None}


def test_the_score_is_that_of_the_counting_attempt(school: School, endpoint: str, make_report: Any) -> None:
    best = school.hand_in(at=utc_now())
    school.grade(best, make_report(score=8.0), utc_now())
    worse = school.hand_in(at=utc_now(), source="y = 2\n")
    school.grade(worse, make_report(Verdict.FAILED, 3.0), utc_now())
    data = said(school, endpoint)["data"]
    assert (data["score"], data["max_score"], data["counting_submission_id"]) == (8.0, 10.0, best.id)
    assert (data["verdict"], data["grader_submission_id"]) == ("failed", worse.id)
    assert (data["report"]["score"], data["sequence"]) == (3.0, 2)


def test_feedback_comes_in_the_students_language(school: School, endpoint: str, make_report: Any) -> None:
    school.grade(school.hand_in(at=utc_now(), language="zh"), make_report(Verdict.FAILED, 3.0), utc_now())
    report = said(school, endpoint)["data"]["report"]
    assert report["language"] == "zh"
    first, second = report["feedback"].split("\n")
    assert "还没" in first
    assert second


@pytest.mark.parametrize(("letter", "most"), [("ü", LONGEST_FEEDBACK), ("\U0001f600", 3000), ("\x01", 2000)])
def test_feedback_is_bounded(school: School, endpoint: str, make_report: Any, letter: str, most: int) -> None:
    told = message("exception_in_code", error="NameError", text=letter * 30_000)
    long = replace(make_report(Verdict.FAILED, 3.0), feedback=(message("not_yet"), told))
    school.grade(school.hand_in(at=utc_now()), long, utc_now())
    sent = said(school, endpoint)
    feedback = sent["data"]["report"]["feedback"]
    assert 0.8 * most < len(feedback) <= most
    assert feedback[-1] == "…"
    assert len(json.dumps(sent, ensure_ascii=False).encode()) < 13_000


def test_bytes_that_were_no_source_are_told(school: School, endpoint: str) -> None:
    saved = school.hand_in(at=utc_now(), source=" ")
    (wish,) = owed(school)
    assert wish.submission == saved.id
    data = said(school, endpoint)["data"]
    assert (data["verdict"], data["score"], data["max_score"]) == ("invalid", None, 10.0)
    assert data["report"]["reason"] == "bad_upload"


def test_our_own_faults_are_not_told(school: School, endpoint: str, make_report: Any) -> None:
    school.grade(school.hand_in(), make_report(Verdict.GRADER_ERROR, None, Reason.CRASHED), utc_now())
    assert owed(school) == []


def test_a_fault_of_a_regrade_leaves_what_is_owed_as_it_was(
    school: School, endpoint: str, make_report: Any
) -> None:
    saved = school.hand_in()
    school.grade(saved, make_report(), utc_now() - timedelta(minutes=1))
    before = owed(school)
    assert regrade(saved.id, school.ids["tess"], "again", school.parts.dispatcher, utc_now())
    school.grade(saved, make_report(Verdict.GRADER_ERROR, None, Reason.CRASHED), utc_now())
    assert owed(school) == before
    assert said(school, endpoint)["data"]["report"]["score"] == 10.0


def test_a_report_and_what_is_owed_for_it_are_saved_together_or_not_at_all(
    school: School, endpoint: str, make_report: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = school.hand_in()

    def fall(*_arguments: Any) -> None:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr("grader.db.report_rows.owe", fall)
        with pytest.raises(ConnectionError):
            school.grade(saved, make_report(), utc_now())
    assert (school.parts.store.get(saved.id).verdict, owed(school)) == (None, [])
    school.grade(saved, make_report(), utc_now())
    assert len(owed(school)) == 1


def test_a_task_that_a_broker_lost_is_asked_for_again(
    school: School, endpoint: str, make_report: Any
) -> None:
    school.grade(school.hand_in(), make_report(), utc_now() - timedelta(seconds=1))
    queue.purge(school.parts.celery, queue.WEBHOOKS)
    assert school.parts.outbox.sweep(utc_now()) == 1
    assert queue.purge(school.parts.celery, queue.WEBHOOKS) == 1


def test_a_broker_that_is_away_costs_no_report(
    school: School, endpoint: str, make_report: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = school.hand_in()

    def away(*_arguments: Any, **_words: Any) -> None:
        raise ConnectionError

    monkeypatch.setattr("grader.wiring.send", away)
    school.grade(saved, make_report(), utc_now() - timedelta(seconds=1))
    assert len(owed(school)) == 1


def test_old_reports_and_other_courses_do_not_concern_a_new_endpoint(
    school: School, make_report: Any
) -> None:
    school.grade(school.hand_in(), make_report(), utc_now() - timedelta(minutes=1))
    school.parts.endpoints.add_endpoint(school.course, "https://lms.example/hook", make_secret())
    other = school.parts.courses.course("other")
    school.parts.endpoints.add_endpoint(other.id, "https://lms.example/hook", make_secret())
    school.grade(school.hand_in("bob"), make_report(), utc_now())
    assert [wish.student_name for wish in owed(school)] == ["Bob"]
    assert school.parts.wishes.wishes(other.id, utc_now()) == []


def test_the_control_worker_delivers(school: School, endpoint: str, make_report: Any) -> None:
    """What it may not reach is a try that failed, and the message waits for the next."""
    school.parts.sender.__dict__["resolve"] = lambda _host, _port: ["10.0.0.1"]
    school.grade(school.hand_in(), make_report(), utc_now() - timedelta(seconds=1))
    deliver = make_control_app(school.parts).tasks[queue.DELIVER]
    deliver.apply(args=[endpoint], throw=True, routing_key=queue.WEBHOOKS)
    for thread in threading.enumerate():
        if thread.name == "webhook":
            thread.join(30)
    (after,) = owed(school)
    assert [one.error for one in after.tries] == ["lms.example is not on the public internet"]


def test_the_sweep_finds_webhooks_even_when_submissions_cannot_be_swept(
    school: School, endpoint: str, make_report: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    school.grade(school.hand_in(), make_report(), utc_now() - timedelta(seconds=1))
    queue.purge(school.parts.celery, queue.WEBHOOKS)
    sweeper = Sweeper(school.parts)

    def fall(*_arguments: Any, **_words: Any) -> None:
        sweeper.stop()
        raise RuntimeError

    monkeypatch.setattr("grader.tasks.sweep", fall)
    monkeypatch.setattr(sweeper, "_pause", 0.01)
    sweeper.start()
    sweeper.join(20)
    assert queue.purge(school.parts.celery, queue.WEBHOOKS) == 1


def test_a_receiver_of_another_kind_is_left_to_others(
    school: School, endpoint: str, make_report: Any
) -> None:
    """Scores of LTI are to stand in the same table."""
    school.grade(school.hand_in(), make_report(), utc_now() - timedelta(seconds=1))
    with school.parts.database.write() as session:
        row = session.scalars(select(WishRow)).one()
        row.receiver_kind = "lti"
    now = utc_now() + timedelta(days=1)
    assert (owed(school), school.parts.wishes.due(now)) == ([], [])
    assert school.parts.wishes.claim(endpoint, now, now, school.parts.courier.write) is None
    assert school.parts.endpoints.enable(endpoint, now, everybody=True) == 1


def test_a_wrong_list_of_networks_is_named(school: School) -> None:
    parts = Wiring(replace(school.parts.settings, webhook_allow_private="10.0.0.1/8"))
    with pytest.raises(ValueError, match="GRADER_WEBHOOK_ALLOW_PRIVATE"):
        make_control_app(parts)
