"""No other site changes anything in somebody's name: every route that changes something, from the map of routes."""

from __future__ import annotations

import base64
import json
import re
import zlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from grader.db.columns import utc_now
from grader.db.tables import Base
from grader.web import create_app
from grader.web.auth import safe_next
from grader.web.current import SESSION_KEY

NO_COOKIE = {
    "tokens.login", "tokens.another", "submissions.hand_in", "submissions.again",
    "api_causes.say",  # bearer tokens, or a password
    "webhooks_in.receive",  # a signature
    "policy_reports.receive",  # changes nothing but a count
}  # fmt: skip
School = Any


def changing(app: Flask) -> list[tuple[str, str, str]]:
    """Endpoint, method and a path of whatever changes something."""
    return [
        (rule.endpoint, method, re.sub(r"<[^>]+>", "x", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in sorted(rule.methods - {"GET", "HEAD", "OPTIONS"})
    ]


def signed_in(app: Flask, school: School, who: str = "root") -> tuple[Any, str]:
    client = app.test_client()
    with client.session_transaction() as session:
        session[SESSION_KEY] = school.parts.accounts.start_session(school.ids[who], utc_now())
    return client, token(client)


def token(client: Any, path: str = "/account") -> str:
    return re.findall(r'name="csrf_token" value="([^"]+)"', client.get(path).text)[0]


def everything(school: School) -> dict[str, list[Any]]:
    """Every row of every table but the counts."""
    with school.parts.database.read() as session:
        return {
            name: session.execute(text(f"SELECT * FROM {name} ORDER BY 1, 2")).all()
            for name in Base.metadata.tables
            if name != "tallies"
        }


def test_without_a_token_of_this_session_nothing_changes(app: Flask, school: School) -> None:
    client, mine = signed_in(app, school)
    _, others = signed_in(app, school, "ada")
    before, tried = everything(school), 0
    for endpoint, method, path in changing(app):
        if endpoint in NO_COOKIE:
            continue
        for sent in ({}, {"csrf_token": ""}, {"csrf_token": others}, {"csrf_token": mine[:-1] + "."}):
            assert client.open(path, method=method, data=sent).status_code == 400, (path, sent)
            tried += 1
        assert client.open(path, method=method, json={"csrf_token": mine}).status_code == 400
    assert tried >= 4 * 10
    assert everything(school) == before


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:81"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_good_token_does_not_help_a_form_on_another_site(
    app: Flask, school: School, headers: dict[str, str]
) -> None:
    client, mine = signed_in(app, school)
    before = everything(school)
    for endpoint, method, path in changing(app):
        if endpoint not in NO_COOKIE:
            answer = client.open(path, method=method, data={"csrf_token": mine}, headers=headers)
            assert answer.status_code == 400, path
            assert "another site" in answer.text
    assert everything(school) == before


@pytest.mark.parametrize("origin", ["http://localhost", "https://grader.example.edu"])
def test_our_own_forms_are_taken(school: School, origin: str) -> None:
    """Behind a proxy that hides its name from us the public address counts, too."""
    app = create_app(replace(school.parts.settings, public_url="http://grader.example.edu"), school.parts)
    client, mine = signed_in(app, school)
    headers = {"Origin": origin, "Sec-Fetch-Site": "same-origin"}
    assert client.post("/sign-out", data={"csrf_token": mine}, headers=headers).status_code == 302


def test_a_cookie_alone_opens_nothing_that_needs_no_token(app: Flask, school: School) -> None:
    client, _ = signed_in(app, school)
    before = everything(school)
    for endpoint, method, path in changing(app):
        if endpoint in NO_COOKIE:
            answer = client.open(path, method=method, json={"assignment": "dense", "source": "x"})
            # What browsers report of a page is taken from anybody, and what is no report of that is dropped.
            assert answer.status_code in ({204} if path == "/csp-report" else {400, 401, 422}), path
    assert everything(school) == before


def test_nothing_that_is_only_looked_at_changes_anything(app: Flask, school: School) -> None:
    submission = school.hand_in("ada")
    client, _ = signed_in(app, school)
    before = everything(school)
    for rule in app.url_map.iter_rules():
        if "GET" in rule.methods and rule.endpoint != "static":
            path = rule.rule.replace("<course>", "keras").replace("<slug>", "dense")
            client.get(re.sub(r"<[^>]+>", submission.id, path))
    assert everything(school) == before


@pytest.mark.parametrize("https", [True, False])
def test_the_cookies_flags(school: School, https: bool) -> None:
    address = "https://grader.example.edu" if https else ""
    client = create_app(replace(school.parts.settings, public_url=address), school.parts).test_client()
    answer = client.get("/sign-in", base_url=address or "http://localhost")
    name, _, rest = answer.headers["Set-Cookie"].partition("=")
    flags = {part.strip().casefold() for part in rest.split(";")[1:]}
    assert name == ("__Host-grader" if https else "grader")
    assert flags == {"httponly", "samesite=lax", "path=/"} | ({"secure"} if https else set())
    assert ("Strict-Transport-Security" in answer.headers) is https


def test_the_cookie_holds_two_secrets_and_nothing_about_anybody(browser: Any) -> None:
    browser.sign_in("ada")
    browser.client.get("/account")
    value = browser.client.get_cookie("grader").value
    body = value.removeprefix(".").partition(".")[0]
    data = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    assert set(json.loads(zlib.decompress(data) if value.startswith(".") else data)) == {
        "csrf_token",
        "_permanent",
        SESSION_KEY,
    }


def test_a_session_that_was_planted_is_not_kept(app: Flask, browser: Any, school: School) -> None:
    """Somebody signs a victim's browser in as themselves; the victim's own sign-in starts another session."""
    planted, _ = signed_in(app, school, "bob")
    cookie = planted.get_cookie("grader").value
    browser.client.set_cookie("grader", cookie)
    browser.post("/sign-out", form_at="/account")
    assert planted.get("/").status_code == 302
    planted.set_cookie("grader", cookie)
    browser.sign_in("ada")
    assert planted.get("/").status_code == 302


def test_a_session_ends_after_two_weeks(app: Flask, school: School) -> None:
    accounts, client = school.parts.accounts, app.test_client()
    for age, status in ((timedelta(days=13), 200), (timedelta(days=15), 302)):
        with client.session_transaction() as session:
            session[SESSION_KEY] = accounts.start_session(school.ids["ada"], utc_now() - age)
        assert client.get("/").status_code == status


@pytest.mark.parametrize(
    "target",
    [
        "https:evil.example", "https:///evil.example", "///evil.example", "/\t/evil.example", "/\n/evil.example",
        "\t//evil.example", " //evil.example", "/\\/evil.example", "\\/evil.example", "evil.example", "%2f%2fevil",
        "/\x00/evil", "/\u2028/evil", "data:text/html,x", "javascript:alert(1)", "http://localhost@evil.example",
        "／/evil.example", "/\u202eevil", "?next=//evil", "#//evil", "@evil.example",
    ],
)  # fmt: skip
def test_next_leads_nowhere_else(app: Flask, browser: Any, school: School, target: str) -> None:
    with app.test_request_context():
        assert safe_next(target) == "/"
    client, _ = signed_in(app, school)
    assert client.get("/sign-in", query_string={"next": target}).headers.get("Location", "/") == "/"
