from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from grader.db.columns import utc_now
from grader.db.lanes import Outlook
from grader.domain.submission import Lack, Stage
from grader.services.ports import Refusal, Sign, Step
from grader.web.waiting import duration, in_words, outlook

MOMENT = datetime(2026, 11, 28, 13, 7, 30, tzinfo=UTC)
School = Any


@pytest.mark.parametrize(
    ("told", "english", "chinese"),
    [
        (Outlook(), "", ""),
        (Outlook(2), "Place 2 in line.", "排在第 2 位。"),
        (
            Outlook(1, 1),
            "Place 1 in line. Your report should be here in about 1 second.",
            "排在第 1 位。报告大约 1 秒后出来。",
        ),
        (Outlook(None, 40), "Your report should be here in about 40 seconds.", "报告大约 40 秒后出来。"),
        (
            Outlook(30, 150),
            "Place 30 in line. Your report should be here in about 2 minutes.",
            "排在第 30 位。报告大约 2 分钟后出来。",
        ),
        (
            Outlook(6, stopped_since=MOMENT),
            "Grading has stopped since 2026-11-28 13:07 UTC. Your submission is kept, and graded as soon as it goes on.",
            "评分从 2026-11-28 13:07 UTC 起停了。你的提交已经保存，恢复后会马上评分。",
        ),
    ],
)
def test_words(app: Flask, told: Outlook, english: str, chinese: str) -> None:
    with app.test_request_context("/"):
        assert in_words(told) == english
    with app.test_request_context("/?lang=zh"):
        assert in_words(told) == chinese


@pytest.mark.parametrize(
    ("seconds", "words"), [(1, "1 second"), (59, "59 seconds"), (60, "1 minute"), (120, "2 minutes")]
)
def test_durations(app: Flask, seconds: int, words: str) -> None:
    with app.test_request_context("/"):
        assert duration(seconds) == words


def told(client: FlaskClient, school: School, submission: str) -> tuple[Any, Any]:
    """What the API and the page's own question answer Ada."""
    token = school.parts.accounts.issue_token(school.ids["ada"], "t", utc_now())[0]
    header = {"Authorization": f"Bearer {token}"}
    with client.session_transaction() as session:
        session["sign_in"] = school.parts.accounts.start_session(school.ids["ada"], utc_now())
    return (
        client.get(f"/api/v1/submissions/{submission}", headers=header).get_json(),
        client.get(f"/submissions/{submission}/state").get_json(),
    )


def test_who_waits_in_a_lane_that_stands_still_is_told_since_when(
    client: FlaskClient, school: School, make_report: Any
) -> None:
    """Of three that were graded in a second the next would be expected in one; nobody takes it."""
    start = utc_now() - timedelta(minutes=10)
    for _ in range(3):
        done = school.hand_in(at=start)
        school.parts.recorder.stage(Step(done.id, 1, Stage.EXTRACT), start)
        school.grade(done, make_report(), start)
    since = start + timedelta(minutes=5)
    school.hand_in("bob", at=since)
    waits = school.hand_in(at=utc_now())
    school.parts.workers.seen(Sign("w", "grading,slow", True), utc_now())
    api, page = told(client, school, waits.id)
    assert (api["position"], api["expected_s"]) == (2, None)
    assert api["stopped_since"] == page["stopped_since"] == since.isoformat().replace("+00:00", "Z")
    assert page["place"].startswith("Grading has stopped since")
    assert page["place"] in client.get(f"/submissions/{waits.id}").text
    school.parts.recorder.stage(Step(waits.id, 1, Stage.EXTRACT), utc_now())
    api, page = told(client, school, waits.id)
    assert (api["stopped_since"], page["stopped_since"]) == (None, None)
    assert api["expected_s"] == page["expected_s"] == 1


@pytest.mark.parametrize("lack", Lack)
def test_who_waits_for_a_worker_that_can_reads_for_what(
    app: Flask, school: Any, now: datetime, lack: Lack
) -> None:
    parts = school.parts
    parts.workers.seen(Sign("w", "grading", busy=False), now)
    saved = school.hand_in(at=now)
    parts.recorder.refused(Refusal(saved.id, 1, "w", lack, "not here"), now)
    told = outlook(parts.store.get(saved.id), parts, now)
    assert told.waits_for is lack
    with app.test_request_context():
        words = {in_words(Outlook(waits_for=each)) for each in Lack}
        assert len(words) == len(Lack)
        assert "You need do nothing" in in_words(told)
