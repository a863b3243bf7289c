from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from grader.db.columns import utc_now
from grader.services.accounts import Purpose
from grader.web.auth import safe_next

School = Any
Browser = Any


def test_signing_in_and_out(browser: Browser) -> None:
    assert browser.client.get("/").headers["Location"].startswith("/sign-in?next=")
    assert browser.sign_in("ada").headers["Location"] == "/"
    assert "Keras" in browser.client.get("/").text
    cookie = browser.client.get_cookie("grader")
    browser.post("/sign-out", form_at="/account")
    assert browser.client.get("/").status_code == 302
    browser.client.set_cookie("grader", cookie.value)
    assert browser.client.get("/").status_code == 302, "an old cookie is worth nothing after signing out"


def test_the_same_words_for_a_wrong_password_and_an_unknown_address(browser: Browser) -> None:
    answers = [browser.sign_in("ada", "wrong"), browser.sign_in("nobody", "wrong")]
    assert [answer.status_code for answer in answers] == [401, 401]
    pages = [re.sub(r'value="[^"]*"', "", answer.text) for answer in answers]
    assert pages[0] == pages[1]


def test_guessing_ends_in_429(browser: Browser) -> None:
    statuses = [browser.sign_in("ada", "wrong").status_code for _ in range(9)]
    assert statuses[:8] == [401] * 8
    assert statuses[8] == 429


def test_the_session_changes_at_sign_in(browser: Browser) -> None:
    browser.client.get("/sign-in")
    before = browser.client.get_cookie("grader").value
    browser.sign_in("ada")
    after = browser.client.get_cookie("grader").value
    assert before != after
    browser.client.set_cookie("grader", before)
    assert browser.client.get("/").status_code == 302


def test_a_cookie_that_was_tampered_with_is_nothing(browser: Browser) -> None:
    browser.sign_in("ada")
    value = browser.client.get_cookie("grader").value
    browser.client.set_cookie("grader", value[:-2] + ("aa" if value[-2:] != "aa" else "bb"))
    assert browser.client.get("/").status_code == 302


def test_the_cookie_is_for_this_site_and_for_no_script(browser: Browser) -> None:
    header = browser.sign_in("ada").headers["Set-Cookie"]
    assert "HttpOnly" in header
    assert "SameSite=Lax" in header


def test_looking_at_a_link_does_not_use_it(browser: Browser, school: School) -> None:
    secret = school.parts.accounts.issue_link(school.ids["ada"], Purpose.SIGN_IN, utc_now())
    for _ in range(3):
        assert "Ada" in browser.client.get(f"/link/{secret}").text
    assert browser.client.get("/").status_code == 302
    assert browser.post(f"/link/{secret}", password="").status_code == 302
    assert browser.client.get("/").status_code == 200
    assert browser.client.get(f"/link/{secret}").status_code == 404


def test_a_reset_link_wants_a_good_password_and_survives_a_bad_one(browser: Browser, school: School) -> None:
    secret = school.parts.accounts.issue_link(school.ids["ada"], Purpose.RESET, utc_now())
    assert browser.post(f"/link/{secret}", password="short").status_code == 422
    assert browser.post(f"/link/{secret}", password="").status_code == 422
    assert browser.post(f"/link/{secret}", password="my new long password").status_code == 302
    assert browser.client.get("/").status_code == 200
    browser.post("/sign-out", form_at="/account")
    assert browser.sign_in("ada").status_code == 401
    assert browser.sign_in("ada", "my new long password").status_code == 302


def test_an_old_link_is_gone(browser: Browser, school: School) -> None:
    secret = school.parts.accounts.issue_link(
        school.ids["ada"], Purpose.RESET, utc_now() - timedelta(hours=2)
    )
    assert browser.client.get(f"/link/{secret}").status_code == 404


def test_a_new_password_wants_the_old_one_and_ends_other_sessions(app: Flask, browser: Browser) -> None:
    other = type(browser)(app.test_client())
    other.sign_in("ada")
    browser.sign_in("ada")
    form = {"form_at": "/account", "password": "my new long password"}
    assert browser.post("/account/password", current="wrong", **form).status_code == 403
    assert browser.post("/account/password", current="a long enough password", **form).status_code == 302
    assert browser.client.get("/").status_code == 200
    assert other.client.get("/").status_code == 302


def test_every_form_wants_its_token(app: Flask, browser: Browser) -> None:
    """Walks the map of routes, so that a new one cannot forget it."""
    browser.sign_in("ada")
    for rule in app.url_map.iter_rules():
        if {"POST", "PUT", "DELETE", "PATCH"} & (rule.methods or set()) and not rule.rule.startswith(
            ("/api/", "/webhooks/")
        ):
            path = re.sub(r"<[^>]+>", "x", rule.rule)
            # A browser's report of what a page's policy refused comes without a token, and is no form.
            wanted = 204 if path == "/csp-report" else 400
            assert browser.client.post(path).status_code == wanted, path


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\\\evil",
        "/a\nb",
        "javascript:1",
    ],
)
def test_nobody_is_sent_elsewhere(app: Flask, target: str | None) -> None:
    with app.test_request_context():
        assert safe_next(target) == "/"


def test_the_wanted_page_comes_after_signing_in(browser: Browser) -> None:
    assert browser.sign_in("ada", next="/account?x=1").headers["Location"] == "/account?x=1"
    assert browser.post("/sign-out", form_at="/account").status_code == 302
    assert browser.sign_in("ada", next="//evil.example").headers["Location"] == "/"
