"""Who does something too often waits, is told so, and loses nothing; nobody else notices."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from grader.db.queries import Filter
from grader.db.store import SubmissionStore
from grader.domain.submission import Stage
from grader.lms.signature import make_secret
from grader.services.ports import Step
from grader.web import create_app, limits
from grader.web.current import client_address
from grader.web.limits import Limit

School = Any


@pytest.fixture
def narrow(school: School) -> School:
    """Two may wait in line."""
    school.parts.__dict__["store"] = SubmissionStore(school.parts.database, most_waiting=2)
    return school


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows do not end while a test counts."""
    moment = limits.utc_now()
    monkeypatch.setattr(limits, "utc_now", lambda: moment)


def submissions(school: School, who: str = "ada") -> int:
    return school.parts.queries.submissions(Filter(student=school.ids[who])).total


def test_who_has_enough_in_line_is_told_and_keeps_the_code(narrow: School, app: Flask, browser: Any) -> None:
    browser.sign_in("ada")
    for number in range(2):
        assert browser.post("/courses/keras/dense", source=f"x = {number}").status_code == 302
    answer = browser.post("/courses/keras/dense", source="my = 'long work' # </textarea>")
    assert answer.status_code == 429
    assert "2 submissions waiting in line" in answer.text
    assert "Nothing is lost" in answer.text
    assert "my = &#39;long work&#39; # &lt;/textarea&gt;" in answer.text
    assert submissions(narrow) == 2
    other = type(browser)(app.test_client())
    other.sign_in("bob")
    assert other.post("/courses/keras/dense", source="x").status_code == 302


def test_a_program_gets_a_problem_and_may_repeat_itself(
    narrow: School, callers: Any, make_report: Any
) -> None:
    def send(key: str) -> Any:
        return callers["ada"].post(
            "/submissions", json={"assignment": "dense", "source": "x"}, headers={"Idempotency-Key": key}
        )

    first = [send(key).json["id"] for key in ("a", "b")]
    refused = send("c")
    assert (refused.status_code, refused.mimetype) == (429, "application/problem+json")
    assert int(refused.headers["Retry-After"]) > 0
    assert refused.json["most_waiting"] == 2
    assert send("a").json["id"] == first[0], "what was taken already is taken still"
    narrow.grade(narrow.parts.store.get(first[0]), make_report())
    assert send("c").status_code == 202


def test_what_is_graded_at_once_or_running_does_not_wait(narrow: School, callers: Any, now: Any) -> None:
    for _ in range(4):
        answer = callers["ada"].post("/submissions", json={"assignment": "dense", "source": ""})
        assert answer.status_code == 202
    running = [narrow.hand_in("ada") for _ in range(2)]
    for one in running:
        narrow.parts.recorder.stage(Step(one.id, 1, Stage.EXTRACT), now)
    assert callers["ada"].post("/submissions", json={"assignment": "dense", "source": "x"}).status_code == 202


def test_an_lms_is_asked_to_come_again(narrow: School, client: Any) -> None:
    from grader.db.columns import utc_now
    from grader.lms.signature import sign

    secret = make_secret()
    narrow.parts.sources.add(narrow.course, "campus", secret)

    def send(number: int) -> Any:
        data = (
            '{"type": "submission.created", "timestamp": "2026-11-20T20:35:00Z", "data": {"assignment_id": "dense",'
            f'"submission_id": "{number}", "user": {{"id": "U"}}, "submitted_at": "2026-11-20T20:35:00Z", "code": "x"}}}}'
        ).encode()
        return client.post(
            "/webhooks/lms/campus", data=data, headers=sign([secret], f"m{number}", utc_now(), data)
        )

    assert [send(number).status_code for number in range(3)] == [202, 202, 429]
    student = narrow.parts.queries.submissions(Filter()).items[0].student
    done = narrow.parts.queries.submissions(Filter(student=student)).items[0].id
    from grader.domain.report import Report

    narrow.grade(narrow.parts.store.get(done), Report.fault("dense", "v", 10.0))
    assert send(2).json["status"] == "accepted"


def test_uploads_in_a_minute(school: School, still: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        school.parts, "settings", replace(school.parts.settings, uploads_per_minute=2, max_waiting=0)
    )
    app = create_app(school.parts.settings, school.parts)
    from grader.db.columns import utc_now

    def send(who: str) -> int:
        token = school.parts.accounts.issue_token(school.ids[who], "t", utc_now())[0]
        return (
            app.test_client()
            .post(
                "/api/v1/submissions",
                json={"assignment": "dense", "source": "x"},
                headers={"Authorization": f"Bearer {token}"},
            )
            .status_code
        )

    assert [send("ada") for _ in range(3)] == [202, 202, 429]
    assert send("bob") == 202
    monkeypatch.setattr(limits, "ACCOUNTS_BEHIND_ONE_ADDRESS", 1)
    assert send("tess") == 429, "an address has its own limit"


def test_a_page_over_the_limit_keeps_the_code(
    school: School, browser: Any, still: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(school.parts, "settings", replace(school.parts.settings, uploads_per_minute=1))
    browser.sign_in("ada")
    browser.post("/courses/keras/dense", source="x = 1")
    answer = browser.post("/courses/keras/dense", source="precious = 1")
    assert answer.status_code == 429
    assert "precious = 1" in answer.text
    assert "then try again" in answer.text


@pytest.mark.parametrize(
    ("limit", "path"), [("SIGN_IN", "/login"), ("TOKENS", "/tokens"), ("JOINING", "/join")]
)
def test_every_door_has_a_limit(
    callers: Any,
    client: Any,
    browser: Any,
    still: None,
    monkeypatch: pytest.MonkeyPatch,
    limit: str,
    path: str,
) -> None:
    from grader.web import home
    from grader.web.api import tokens

    tight = replace(getattr(limits, limit), most=2)
    for module in (limits, tokens, home):
        monkeypatch.setattr(module, limit, tight, raising=False)
    right = {"email": "ada@example.edu", "password": "a long enough password"}
    browser.sign_in("bob")
    ask = {
        "/login": lambda: client.post("/api/v1/login", json=right),
        "/tokens": lambda: callers["ada"].post("/tokens", json={}),
        "/join": lambda: browser.post("/join", form_at="/", code="wrong"),
    }[path]
    answers = [ask() for _ in range(3)]
    assert [answer.status_code == 429 for answer in answers] == [False, False, True]
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_a_flood_from_one_address_locks_nobody_out_elsewhere(app: Flask, browser: Any) -> None:
    for _ in range(9):
        browser.sign_in("ada", "wrong")
    assert browser.sign_in("ada").status_code == 429
    elsewhere = type(browser)(app.test_client())
    elsewhere.client.environ_base["REMOTE_ADDR"] = "198.51.100.7"
    assert elsewhere.sign_in("ada").status_code == 302


@pytest.mark.parametrize(
    ("address", "known"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("unix:", "unix:"),
    ],
)
def test_a_network_of_ipv6_counts_as_one_address(app: Flask, address: str, known: str) -> None:
    with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
        assert client_address() == known


def test_nobody_is_told_to_wait_for_less_than_it_takes(app: Flask) -> None:
    with app.test_request_context("/"):
        assert [limits._no_less(seconds) for seconds in (1, 59, 60, 61, 900)] == [
            "1 second",
            "59 seconds",
            "1 minute",
            "2 minutes",
            "15 minutes",
        ]


def test_no_name_of_anybody_is_kept_for_a_limit(app: Flask, school: School) -> None:
    from sqlalchemy import select

    from grader.db.guard_tables import TallyRow

    with app.test_request_context():
        limits.spend(Limit("x", 5, limits.MINUTE), "ada@example.edu")
    with school.parts.database.read() as session:
        (name,) = session.scalars(select(TallyRow.name))
    assert re.fullmatch(r"x:[0-9a-f]{64}", name)
