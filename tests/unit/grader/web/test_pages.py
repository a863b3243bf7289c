"""Pages of students and staff: who sees what, and what handing in does."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace

import pytest

from grader.db.columns import utc_now
from grader.domain.assignment import Assignment, EntryPoint, Part, Strictness
from grader.domain.errors import Reason
from grader.domain.probe import ProbeKind, ProbePlan
from grader.domain.report import Report, Verdict
from grader.domain.submission import State
from grader.web.student import HOW_LAYERS_ARE_COMPARED, how_compared

NOBODYS = "/submissions/01JD3Z5V7M8KQ2W4X6Y8Z0A1B2"


def become(browser, who):
    """Sign in as somebody, whoever was signed in before."""
    browser.client.delete_cookie("grader")
    browser.sign_in(who)


def without_token(text):
    """A page without the token that is new each time."""
    return re.sub(r'name="csrf_token" value="[^"]+"', "", text)


def page(browser, who, path):
    become(browser, who)
    return browser.client.get(path)


def test_a_student_finds_the_exercises_of_the_course(browser):
    text = page(browser, "ada", "/").text
    assert "Keras" in text
    assert "/courses/keras/dense" in text
    assert "dashboard" not in text


def test_an_exercise_says_how_layers_are_compared(browser):
    assert HOW_LAYERS_ARE_COMPARED[Strictness.EXACT] in page(browser, "ada", "/courses/keras/dense").text
    network = Part("model", EntryPoint("build_model"), (4,))
    free = replace(network, architecture=Strictness.ANY)
    function = replace(network, probe=ProbePlan(ProbeKind.LOSS_FUNCTION, ((2, 1),)))
    told = how_compared(Assignment("a", "A", "v", "", "", (free, function)))
    assert told == ["Which layers you use is up to you."]


def test_who_is_in_no_course_can_join_by_code(browser, school):
    browser.sign_in("otto")
    assert browser.post("/join", code="wrong").status_code == 422
    assert browser.post("/join", code="joincode").status_code == 302
    assert browser.client.get("/courses/keras/dense").status_code == 200


@pytest.mark.parametrize(
    ("fields", "name"),
    [({"source": "x = 1"}, "pasted.py"), ({"file": (io.BytesIO(b"x = 2"), "mine.py")}, "mine.py")],
)
def test_pasted_code_and_files_are_handed_in(browser, school, fields, name):
    browser.sign_in("ada")
    answer = browser.post("/courses/keras/dense", **fields)
    assert answer.status_code == 302
    shown = browser.client.get(answer.location).text
    assert name in shown
    assert "Place 1 in line." in shown
    assert name not in page(browser, "bob", "/courses/keras/dense").text


def test_of_a_notebook_only_the_code_is_kept(browser):
    cells = [
        {"cell_type": "markdown", "source": "<img src=x onerror=alert(1)>"},
        {"cell_type": "code", "source": "x = 1", "outputs": [{"data": {"text/html": "<b>evil</b>"}}]},
    ]
    book = io.BytesIO(json.dumps({"nbformat": 4, "cells": cells}).encode())
    browser.sign_in("ada")
    answer = browser.post("/courses/keras/dense", file=(book, "homework.ipynb"))
    shown = browser.client.get(answer.location).text
    assert "# %% cell 1 of the notebook\nx = 1" in shown
    assert "onerror" not in shown
    assert "evil" not in shown


def test_one_form_sent_twice_is_one_submission(browser):
    browser.sign_in("ada")
    first, second = (
        browser.post("/courses/keras/dense", source="x = 1", once="a").location for _ in range(2)
    )
    assert first == second


def test_other_work_from_the_same_page_is_another_submission(browser):
    """Press Send, stop the slow request, choose the corrected file, press Send."""
    browser.sign_in("ada")
    sent = [
        browser.post(f"/courses/keras/{slug}", source=source, once="a").location
        for slug, source in (("dense", "x = 1"), ("dense", "x = 2"), ("conv", "x = 1"), ("dense", "x = 2"))
    ]
    assert len(set(sent)) == 3
    assert sent[1] == sent[3]
    assert "x = 2" in browser.client.get(sent[1]).text


def test_work_that_comes_back_after_other_work_is_handed_in_again(browser):
    """Where the last attempt counts, it is this one."""
    browser.sign_in("ada")
    sent = [
        browser.post("/courses/keras/dense", source=source, once="a").location
        for source in ("x = 1", "x = 2", "x = 1", "x = 1")
    ]
    assert len(set(sent)) == 3
    assert sent[2] == sent[3] != sent[0]


def test_nothing_is_explained_and_not_saved(browser):
    browser.sign_in("ada")
    answer = browser.post("/courses/keras/dense", source="  ")
    assert answer.status_code == 422
    assert "paste your code" in answer.text


def test_what_is_no_source_gets_its_report_at_once(browser):
    browser.sign_in("ada")
    answer = browser.post("/courses/keras/dense", file=(io.BytesIO(b"%PDF-1.4"), "a.pdf"))
    assert "PDF document" in browser.client.get(answer.location).text


@pytest.mark.parametrize("path", ["/courses/nothing/dense", "/courses/other/dense", "/courses/keras/nothing"])
def test_what_is_not_there_or_not_yours_is_a_404(browser, path):
    assert page(browser, "ada", path).status_code == 404


@pytest.mark.parametrize("suffix", ["", "/state", "/source"])
@pytest.mark.parametrize("who", ["bob", "otto"])
def test_another_persons_submission_looks_as_if_it_were_not_there(browser, school, who, suffix):
    submission = school.hand_in("ada")
    theirs = page(browser, who, f"/submissions/{submission.id}{suffix}")
    nobodys = browser.client.get(f"{NOBODYS}{suffix}")
    assert theirs.status_code == nobodys.status_code == 404
    assert without_token(theirs.text) == without_token(nobodys.text)


def test_everything_asks_who_is_not_signed_in(browser, school):
    submission = school.hand_in("ada")
    for path in ("/", "/courses/keras/dense", "/courses/keras/dashboard", f"/submissions/{submission.id}"):
        answer = browser.client.get(path)
        assert answer.status_code == 302
        assert answer.location.startswith("/sign-in")


def test_a_student_never_sees_a_hidden_check_and_staff_do(browser, school, make_report):
    submission = school.hand_in("ada")
    school.grade(submission, make_report())
    path = f"/submissions/{submission.id}"
    assert "a secret" not in page(browser, "ada", path).text
    assert "a secret" in page(browser, "tess", path).text


def test_the_state_follows_the_grading(browser, school, make_report):
    submission = school.hand_in("ada")
    path = f"/submissions/{submission.id}/state"
    assert page(browser, "ada", path).json["state"] == "queued"
    school.grade(submission, make_report())
    assert browser.client.get(path).json["state"] == "done"
    assert "Nice work!" in browser.client.get(f"/submissions/{submission.id}?part=1").text


def test_the_source_is_a_download_and_never_a_page(browser, school):
    submission = school.hand_in("ada", "<script>alert(1)</script>")
    answer = page(browser, "ada", f"/submissions/{submission.id}/source")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.content_type.startswith("text/plain")


def test_the_dashboard_is_for_staff(browser, school):
    assert page(browser, "tess", "/courses/keras/dashboard").status_code == 200
    assert page(browser, "ada", "/courses/keras/dashboard").status_code == 403
    assert page(browser, "otto", "/courses/keras/dashboard").status_code == 404
    assert page(browser, "root", "/courses/keras/dashboard").status_code == 200
    assert page(browser, "ada", "/courses/keras/grades.csv").status_code == 403


def test_staff_are_warned_of_workers_that_disagree(browser, school):
    assert "disagree" not in page(browser, "tess", "/courses/keras/dashboard").text
    for worker, digest in (("<one>", "a" * 64), ("two", "b" * 64)):
        school.parts.canaries.seen(worker, digest, "Keras 3", utc_now())
    shown = page(browser, "tess", "/courses/keras/dashboard").text
    assert "Two grading workers disagree" in shown
    assert "&lt;one&gt;" in shown
    assert "aaaaaaaaaaaa" in shown
    assert browser.client.get("/health").get_json()["workers_agree"] is False


@pytest.mark.parametrize(
    "query", ["page=x", "page=0", "page=99999999", "sort=nothing", "verdict=%00", "search=%25_%27", "state=x"]
)
def test_strange_queries_are_no_errors(browser, school, query):
    school.hand_in("ada")
    assert page(browser, "tess", f"/courses/keras/dashboard?{query}").status_code == 200


def test_only_staff_grade_again_and_it_is_written_down(browser, school, make_report):
    submission = school.hand_in("ada")
    school.grade(submission, make_report())
    path = f"/submissions/{submission.id}"
    browser.sign_in("ada")
    assert browser.post(f"{path}/regrade").status_code == 403
    assert school.parts.store.get(submission.id).state is State.DONE
    become(browser, "tess")
    assert browser.post(f"{path}/regrade", reason="a new threshold").status_code == 302
    assert school.parts.store.get(submission.id).state is State.QUEUED
    assert "attempt 1:" in browser.client.get(path).text
    school.grade(submission, make_report(Verdict.FAILED, 4.0))
    text = browser.client.get(path).text
    assert "passed → not yet, 10.0 → 4.0" in text
    assert "a new threshold" in text


def test_pages_of_an_erased_person_say_so_and_nothing_is_graded_again(browser, callers, school, make_report):
    saved = school.hand_in("ada", "zanzibar = 1\n", file_name="zanzibar.py")
    school.grade(saved, make_report())
    tess = callers["tess"]
    school.parts.erasures.forget(school.ids["ada"], "root", "asked for it", utc_now())
    become(browser, "tess")
    path = f"/submissions/{saved.id}"
    shown = [
        browser.client.get(each).text
        for each in (path, f"{path}/source", "/courses/keras/dashboard", "/courses/keras/grades.csv")
    ]
    shown += [tess.get(path).text, tess.get("/submissions").text]
    for text in shown:
        assert "erased" in text
        assert not any(word in text for word in ("zanzibar", "Ada", "ada@"))
    assert "10" in shown[0]
    assert '"10"' in shown[3]
    assert "was erased on" in shown[0]
    assert "Grade again" not in shown[0]
    refused = browser.post(f"{path}/regrade")
    assert (refused.status_code, "cannot be graded again" in refused.text) == (409, True)
    assert "cannot be graded again" in tess.post(f"{path}/regrade").get_json()["detail"]
    assert school.parts.store.get(saved.id).state is State.DONE


def test_all_grader_errors_are_graded_again_at_once(browser, school, make_report):
    wrong, right = school.hand_in("ada"), school.hand_in("bob")
    school.grade(wrong, Report.fault("dense", "v", 10.0))
    school.grade(right, make_report())
    browser.sign_in("tess")
    assert "1 submission ended in a grader error." in browser.client.get("/courses/keras/dashboard").text
    browser.post("/courses/keras/regrade-errors")
    assert school.parts.store.get(wrong.id).state is State.QUEUED
    assert school.parts.store.get(right.id).state is State.DONE


def test_grades_are_a_table_without_formulas(browser, school, make_report):
    user = school.parts.accounts.store.add_user("eve@example.edu", "=HYPERLINK(1)", None, is_admin=False)
    school.parts.courses.set_role(
        school.course, user.id, school.parts.courses.role(school.course, school.ids["ada"])
    )
    for who, score in (("ada", 4.0), ("ada", 9.0), ("ada", 6.0)):
        report = make_report(Verdict.FAILED, score)
        school.grade(school.hand_in(who), report)
    school.grade(school.hand_in("bob"), make_report(Verdict.INVALID, 0.0, Reason.BAD_CODE))
    school.ids = {**school.ids, "eve": user.id}
    school.grade(school.hand_in("eve"), make_report())
    best = page(browser, "tess", "/courses/keras/grades.csv?rule=best").text
    assert '"Ada","ada@example.edu","9","","9"' in best
    assert '"\'=HYPERLINK(1)"' in best
    assert '"Bob","bob@example.edu","0","","0"' in best
    last = browser.client.get("/courses/keras/grades.csv?rule=last").text
    assert '"Ada","ada@example.edu","6","","6"' in last
