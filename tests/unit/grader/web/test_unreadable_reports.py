"""One row that nobody can read hides no other: every page and list opens, and grading again mends it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import text

from grader import wire
from grader.db.kept import UNREADABLE
from grader.domain.course import CountingRule
from grader.domain.errors import Reason, StudentError
from grader.domain.message import message
from grader.domain.report import PartReport, Report, Verdict
from grader.domain.training import SeededRun, TrainingRun
from grader.messages import render
from grader.services.regrade import regrade

School = Any
Damage = Callable[[dict[str, Any]], dict[str, Any]]
TOLD = render(UNREADABLE[0])


def _huge(report: dict[str, Any]) -> dict[str, Any]:
    report["feedback"][1]["params"]["size"] = 2**200
    return report


def _of_another_release(report: dict[str, Any]) -> dict[str, Any]:
    report["feedback"][1]["code"] = "a_code_that_is_gone"
    return report


def _without_a_parameter(report: dict[str, Any]) -> dict[str, Any]:
    del report["feedback"][1]["params"]["layer"]
    return report


def _of_no_shape(report: dict[str, Any]) -> dict[str, Any]:
    return {"feedback": [report["feedback"]], "parts": 5}


@pytest.fixture(params=[_huge, _of_another_release, _without_a_parameter, _of_no_shape])
def poisoned(request: pytest.FixtureRequest, school: School) -> str:
    """Ada's submission, as an older release kept it; Bob's beside it is sound."""
    submission = school.hand_in()
    school.grade(submission, too_big())
    school.grade(school.hand_in("bob"), too_big())
    poison(school, submission.id, request.param)
    return str(submission.id)


def too_big() -> Report:
    told = message("too_large_activations", layer="wide", size=60_000_000, limit=50_000_000)
    return Report.invalid("dense", "sha256:dense", 10.0, StudentError(Reason.TOO_BIG, told))


def poison(school: School, submission: str, damage: Damage) -> None:
    """What only somebody with the database in hand can do: rows are append-only."""
    with school.parts.database.write() as session:
        session.execute(text("DROP TRIGGER IF EXISTS reports_append_only_update"))
        (kept,) = session.execute(
            text("SELECT report FROM reports WHERE submission_id = :id"), {"id": submission}
        ).one()
        report = damage(json.loads(kept))
        words = {"id": submission, "report": json.dumps(report), "first": json.dumps(report["feedback"][:2])}
        for statement in (
            "UPDATE reports SET report = :report, first_feedback = :first WHERE submission_id = :id",
            "UPDATE submissions SET first_feedback = :first WHERE id = :id",
        ):
            session.execute(text(statement), words)


PAGES = {
    "ada": {
        "/": "Dense",
        "/courses/keras/dense": "My submissions",
        "/submissions/{}": TOLD,
        "/submissions/{}?part=1": TOLD,
        "/submissions/{}?lang=zh": "请让老师重新评分",
        "/submissions/{}/state": "done",
    },
    "tess": {
        "/courses/keras/dashboard": TOLD,
        "/courses/keras/dashboard?search=bob": "wide gives 60,000,000 numbers",
        "/courses/keras/dashboard?verdict=invalid&search=ada": TOLD,
        "/courses/keras/causes": "2 students",
        "/courses/keras/grades.csv": "ada@example.edu",
        "/submissions/{}": "Grade again",
    },
    "root": {
        "/courses/keras/dashboard": TOLD,
        "/courses/keras/causes": "2 students",
        "/submissions/{}": TOLD,
    },
}


@pytest.mark.parametrize("who", PAGES)
def test_pages_open(poisoned: str, browser: Any, who: str) -> None:
    browser.sign_in(who)
    for path, shown in PAGES[who].items():
        answer = browser.client.get(path.format(poisoned))
        assert (path, answer.status_code) == (path, 200)
        assert (path, shown in answer.text) == (path, True)


@pytest.mark.parametrize("who", ["ada", "tess", "root"])
def test_lists_and_answers_of_the_api_open(poisoned: str, callers: Any, who: str) -> None:
    listed = callers[who].get("/submissions").get_json()["items"]
    feedback = {each["id"]: each["feedback"] for each in listed}
    assert feedback.pop(poisoned) == TOLD
    assert len(feedback) == (0 if who == "ada" else 1)
    answer = callers[who].get(f"/submissions/{poisoned}")
    assert answer.status_code == 200
    report = answer.get_json()["report"]
    assert (report["verdict"], report["reason"], report["score"]) == ("invalid", "too_big", 0.0)
    assert report["feedback"] == TOLD


def test_misconceptions_of_the_api_open(poisoned: str, callers: Any) -> None:
    assert callers["tess"].get("/courses/keras/causes").status_code == 200
    assert poisoned in callers["tess"].get("/submissions?cause=too_large_activations").text


def test_grading_again_mends_it(
    poisoned: str, school: School, browser: Any, callers: Any, now: datetime
) -> None:
    browser.sign_in("tess")
    browser.post(f"/submissions/{poisoned}/regrade", form_at=f"/submissions/{poisoned}", reason="unreadable")
    school.grade(school.parts.store.get(poisoned), too_big())
    assert TOLD not in browser.client.get("/courses/keras/dashboard").text
    page = browser.client.get(f"/submissions/{poisoned}").text
    assert "wide gives 60,000,000 numbers" in page
    assert "Earlier reports" in page
    assert "wide" in callers["ada"].get(f"/submissions/{poisoned}").get_json()["report"]["feedback"]


def test_it_is_logged_once(poisoned: str, school: School, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "grader.db.kept"):
        for _ in range(3):
            school.parts.store.latest_report(poisoned)
            school.parts.queries.reports(poisoned)
    assert [poisoned in record.message for record in caplog.records] == [True]


def test_a_curve_that_cannot_be_read_is_left_out(school: School, make_report: Any, now: datetime) -> None:
    run = TrainingRun((SeededRun(0, 1, {"accuracy": (0.5,)}),))
    trained = replace(
        make_report(Verdict.FAILED, 2.0), parts=(PartReport("model", "build_model", training=run),)
    )
    for number in range(6):
        name = f"s{number}"
        user = school.parts.accounts.store.add_user(f"{name}@example.edu", name, "x", is_admin=False)
        school.ids[name] = user.id
        school.grade(school.hand_in(name), trained)
    curves = school.parts.class_curves

    def harm(report: dict[str, Any]) -> dict[str, Any]:
        report["parts"][0]["training"]["runs"][0]["history"]["accuracy"] = [2**200]
        return report

    last = school.hand_in("ada")
    school.grade(last, trained)
    poison(school, last.id, harm)
    assert curves.median(school.course, "dense", "model") == {"accuracy": (0.5,)}
    assert wire.to_json(curves.median(school.course, "dense", "model"))
    assert [line.score for line in school.parts.queries.grades(school.course, CountingRule.BEST)][:1] == [2.0]
    regrade(last.id, school.ids["tess"], "", school.parts.dispatcher, now)
