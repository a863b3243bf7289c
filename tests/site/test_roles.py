"""Every route, every method, every role: what each of them gets. A route that is not in the table fails here."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from grader.db.columns import utc_now
from grader.domain.course import Role
from grader.services.accounts import Purpose
from grader.web.current import SESSION_KEY

NOBODY = "01JD3Z5V7M8KQ2W4X6Y8Z0A1B2"
ROLES = ("anonymous", "ada", "bob", "zoe", "tess", "otto", "tina", "root")
"""Nobody; the student whose work it is; a student of the course; one of another course; a TA of the course; one of
another course; a teacher of the course; an administrator."""

EVERYBODY = (200,) * 8
SIGNED_IN = (302, *(200,) * 7)
MEMBERS = (302, 200, 200, 404, 200, 404, 200, 200)
OWN_AND_STAFF = (302, 200, 404, 404, 200, 404, 200, 200)
STAFF = (302, 403, 403, 404, 200, 404, 200, 200)
DONE = {200: 302}  # after a form was accepted the browser is sent on

PAGES: dict[tuple[str, str], tuple[int, ...]] = {
    ("GET", "/static/<path:filename>"): EVERYBODY,
    ("GET", "/sign-in"): (200, *(302,) * 7),
    ("POST", "/sign-in"): (401,) * 8,
    ("POST", "/sign-out"): (302,) * 8,
    ("GET", "/link/<secret>"): EVERYBODY,
    ("POST", "/link/<secret>"): (302,) * 8,
    ("GET", "/account"): SIGNED_IN,
    ("POST", "/account/password"): (302, *(403,) * 7),
    ("POST", "/account/language"): (302,) * 8,
    ("GET", "/"): SIGNED_IN,
    ("POST", "/join"): (302, *(422,) * 7),
    ("POST", "/courses"): (302, *(403,) * 6, 302),
    ("GET", "/courses/<course>/<slug>"): MEMBERS,
    ("POST", "/courses/<course>/<slug>"): tuple(DONE.get(status, status) for status in MEMBERS),
    ("GET", "/courses/<course>/<slug>/starter.py"): MEMBERS,
    ("GET", "/submissions/<submission>"): OWN_AND_STAFF,
    ("GET", "/submissions/<submission>/state"): OWN_AND_STAFF,
    ("GET", "/submissions/<submission>/source"): OWN_AND_STAFF,
    ("POST", "/submissions/<submission>/regrade"): (302, 403, 404, 404, 302, 404, 302, 302),
    ("GET", "/courses/<course>/dashboard"): STAFF,
    ("GET", "/courses/<course>/grades.csv"): STAFF,
    ("GET", "/courses/<course>/causes"): STAFF,
    ("POST", "/courses/<course>/causes"): tuple(DONE.get(status, status) for status in STAFF),
    ("POST", "/courses/<course>/regrade-errors"): tuple(DONE.get(status, status) for status in STAFF),
    ("GET", "/courses/<course>/webhooks"): STAFF,
    ("POST", "/courses/<course>/webhooks/<wish>/replay"): tuple(DONE.get(s, s) for s in STAFF),
    ("POST", "/courses/<course>/webhooks/endpoints/<target>/enable"): tuple(DONE.get(s, s) for s in STAFF),
    ("GET", "/health"): EVERYBODY,
    ("GET", "/health/ready"): EVERYBODY,
    ("GET", "/health/grading"): (503,) * 8,  # no worker lives
    ("GET", "/metrics"): (401,) * 8,  # it has a token of its own
    ("GET", "/health/alive"): EVERYBODY,
    ("POST", "/csp-report"): (204,) * 8,
    ("POST", "/webhooks/lms/<source>"): (401,) * 8,
}
API: dict[tuple[str, str], tuple[int, ...]] = {
    ("GET", "/api/v1/health"): EVERYBODY,
    ("POST", "/api/v1/login"): (422,) * 8,
    ("POST", "/api/v1/tokens"): (401, *(201,) * 7),
    ("GET", "/api/v1/assignments"): (401, *(200,) * 7),
    ("GET", "/api/v1/assignments/<slug>"): (401, *(200,) * 7),
    ("GET", "/api/v1/courses/<course>/causes"): (401, 403, 403, 404, 200, 404, 200, 200),
    ("POST", "/api/v1/courses/<course>/causes/hint"): (401, 403, 403, 404, 422, 404, 422, 422),
    ("GET", "/api/v1/submissions"): (401, *(200,) * 7),
    ("POST", "/api/v1/submissions"): (401, 202, 202, 404, 202, 404, 202, 404),
    ("GET", "/api/v1/submissions/<submission>"): (401, 200, 404, 404, 200, 404, 200, 200),
    ("POST", "/api/v1/submissions/<submission>/regrade"): (401, 403, 404, 404, 202, 404, 202, 202),
}
TABLE = PAGES | API
FORMS = {
    "/courses/<course>/<slug>": {"source": "x = 1"},
    "/courses": {"title": "New", "slug": "new"},
    "/sign-in": {"email": "x@example.edu", "password": "x"},
}
School = Any


@pytest.fixture
def town(school: School) -> School:
    """The school with a student of the other course and a teacher."""
    courses, accounts = school.parts.courses, school.parts.accounts
    for name, course, role in (("zoe", "other", Role.STUDENT), ("tina", "keras", Role.TEACHER)):
        hashed = accounts._hasher.hash("a long enough password")
        user = accounts.store.add_user(f"{name}@example.edu", name.title(), hashed, is_admin=False)
        courses.set_role(courses.course(course).id, user.id, role)
        school.ids[name] = user.id
    return school


def visitor(app: Flask, school: School, who: str) -> tuple[Any, dict[str, str]]:
    """A browser that is signed in and the headers of a caller with a token."""
    client, headers = app.test_client(), {}
    if who != "anonymous":
        secret = school.parts.accounts.start_session(school.ids[who], utc_now())
        with client.session_transaction() as session:
            session[SESSION_KEY] = secret
        headers = {
            "Authorization": f"Bearer {school.parts.accounts.issue_token(school.ids[who], 't', utc_now())[0]}"
        }
    return client, headers


def token_for(client: Any, *, signed_in: bool) -> str:
    """The CSRF token of the browser's session."""
    page = client.get("/account" if signed_in else "/sign-in").text
    return re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]


def address(school: School, rule: str, *, nowhere: bool = False) -> str:
    """The rule filled in, for something of the course `keras` and of Ada's, or for what is not there."""

    def graded() -> str:
        submission = school.hand_in("ada")
        school.grade(submission, school.report)
        return submission.id

    def link() -> str:
        return school.parts.accounts.issue_link(school.ids["bob"], Purpose.SIGN_IN, utc_now())

    values = {
        "course": lambda: "nowhere" if nowhere else "keras",
        "submission": lambda: NOBODY if nowhere else graded(),
        "secret": link,
        "slug": lambda: "dense",
        "wish": lambda: NOBODY,
        "target": lambda: NOBODY,
        "source": lambda: "campus",
        "path:filename": lambda: "site.css",
    }
    return re.sub(r"<([^>]+)>", lambda found: values[found[1]](), rule)


def ask(app: Flask, school: School, who: str, method: str, rule: str, path: str) -> Any:
    client, headers = visitor(app, school, who)
    if rule.startswith("/api/"):
        body = {"assignment": "dense", "source": "x = 1", "course": "keras"}
        return client.open(
            path,
            method=method,
            headers=headers,
            json=body if "login" not in rule and method == "POST" else None,
        )
    if method != "POST":
        return client.open(path, method=method)
    token = token_for(client, signed_in=bool(headers))
    return client.open(path, method=method, data={"csrf_token": token} | FORMS.get(rule, {}))


def rules(app: Flask) -> set[tuple[str, str]]:
    return {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
        if method not in {"HEAD", "OPTIONS"}
    }


def test_the_table_has_every_route_and_no_other(app: Flask) -> None:
    assert rules(app) == set(TABLE)


@pytest.mark.parametrize(("method", "rule"), TABLE)
def test_every_role_gets_what_the_table_says(
    app: Flask, town: School, make_report: Any, method: str, rule: str
) -> None:
    town.report = make_report()
    got, leaks = {}, []
    for who in ROLES:
        answer = ask(app, town, who, method, rule, address(town, rule))
        got[who] = answer.status_code
        if answer.status_code == 404:
            nothing = ask(app, town, who, method, rule, address(town, rule, nowhere=True))
            if (nothing.status_code, plain(nothing)) != (404, plain(answer)):
                leaks.append(who)
        if method == "GET" and rule != "/static/<path:filename>":
            head = ask(app, town, who, "HEAD", rule, address(town, rule))
            assert (head.status_code, head.data) == (answer.status_code, b"")
        assert town.course not in answer.text
        answer.close()
    assert got == dict(zip(ROLES, TABLE[method, rule], strict=True))
    assert leaks == [], "what somebody may not see must look as if it were not there"


@pytest.mark.parametrize("who", ["anonymous", "ada", "root"])
def test_no_other_method_is_answered(app: Flask, town: School, make_report: Any, who: str) -> None:
    town.report = make_report()
    client, headers = visitor(app, town, who)
    token = token_for(client, signed_in=bool(headers))
    for rule in {rule for _, rule in TABLE}:
        path = address(town, rule)
        for method in ("PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"):
            answer = client.open(path, method=method, headers=headers, data={"csrf_token": token})
            assert answer.status_code == 405, (method, rule)
        options = client.open(path, method="OPTIONS", headers=headers)
        assert (options.status_code, options.data) == (200, b""), rule


@pytest.mark.parametrize("who", ["bob", "zoe", "otto"])
def test_lists_hold_nothing_of_others(app: Flask, town: School, who: str) -> None:
    hidden = town.hand_in("ada", file_name="adas-own.py").id
    client, headers = visitor(app, town, who)
    for query in ("", "?course=keras", f"?student={town.ids['ada']}", "?search=ada", f"?search={hidden}"):
        text = client.get(f"/api/v1/submissions{query}", headers=headers).text
        assert hidden not in text
        assert "adas-own" not in text


def plain(answer: Any) -> str:
    """A body without the CSRF token, which is new each time."""
    return re.sub(r'name="csrf_token" value="[^"]+"', "", answer.text)
