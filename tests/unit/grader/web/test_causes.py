from __future__ import annotations

from typing import Any

from grader.domain.errors import Reason, StudentError
from grader.domain.message import message
from grader.domain.report import Report

School = Any
CAUSE = "no_such_function wanted=build_model"


def stop(school: School, who: str) -> str:
    submission = school.hand_in(who)
    told = message("no_such_function", wanted="build_model", found=f"{who}_model")
    error = StudentError(Reason.BAD_CODE, told)
    school.grade(submission, Report.invalid("dense", "sha256:dense", 10.0, error))
    return str(submission.id)


def say(browser: Any, text: str) -> None:
    """As the form of a group does it."""
    browser.post("/courses/keras/causes", form_at="/account", assignment="dense", cause=CAUSE, text=text)


def test_staff_see_what_stops_a_class_and_say_one_thing_to_all(school: School, browser: Any) -> None:
    stop(school, "ada")
    newest = stop(school, "bob")
    browser.sign_in("tess")
    page = browser.client.get("/courses/keras/causes").text
    assert "2 students: There is no function build_model in your file. Names found: bob_model." in page
    assert "<strong>2 have not passed so far</strong>" in page
    assert f"/submissions/{newest}" in page
    say(browser, "It is called <build_model>.")
    assert (
        "Everybody who meets this reads it from now on." in browser.client.get("/courses/keras/causes").text
    )
    for who in ("ada", "bob"):
        browser.client.delete_cookie("grader")
        browser.sign_in(who)
        seen = browser.client.get(f"/submissions/{stop(school, who)}").text
        assert "From your teachers:</strong> It is called &lt;build_model&gt;." in seen


def test_the_groups_submissions_are_one_click_away(school: School, browser: Any, make_report: Any) -> None:
    stop(school, "ada")
    school.grade(school.hand_in("bob"), make_report())
    browser.sign_in("tess")
    page = browser.client.get(f"/courses/keras/dashboard?assignment=dense&cause={CAUSE}").text
    assert "Ada" in page
    assert "bob@example.edu" not in page


def test_a_cause_that_nobody_met(school: School, browser: Any) -> None:
    browser.sign_in("tess")
    assert "Nobody was stopped so far." in browser.client.get("/courses/keras/causes").text
    say(browser, "x")
    assert "Nobody met this so far" in browser.client.get("/courses/keras/causes").text


def test_as_json(school: School, callers: Any) -> None:
    mine = stop(school, "ada")
    staff = callers["tess"]
    (group,) = staff.get("/courses/keras/causes").json["items"]
    assert (group["cause"], group["students"], group["stuck"], group["hint"]) == (CAUSE, 1, 1, None)
    assert group["newest"] == f"/api/v1/submissions/{mine}"
    fields = {"assignment": "dense", "cause": CAUSE, "text": "Rename it."}
    assert staff.post("/courses/keras/causes/hint", json=fields).json["hint"] == "Rename it."
    assert callers["ada"].get(f"/submissions/{mine}").json["staff_hint"] == "Rename it."
    unknown = fields | {"cause": "nothing"}
    assert staff.post("/courses/keras/causes/hint", json=unknown).status_code == 404
    assert staff.post("/courses/keras/causes/hint", json={"text": 1}).status_code == 422
