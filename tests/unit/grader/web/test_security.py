from __future__ import annotations

from typing import Any

import pytest
from flask import render_template
from flask.testing import FlaskClient
from jinja2 import DictLoader

from grader.web import create_app
from grader.web.markdown import render_markdown


@pytest.mark.parametrize("path", ["/sign-in", "/nothing", "/api/v1/nothing", "/api/v1/submissions"])
def test_every_answer_carries_the_headers(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_texts_are_shown_without_tricks_and_markup_as_words(school: Any) -> None:
    app = create_app(school.parts.settings, school.parts)
    app.jinja_loader = DictLoader({"x.html": "{{ text }}|{{ text|truncate(9) }}|{{ none }}|{{ 7 }}"})
    with app.test_request_context():
        shown = render_template("x.html", text="<b>\x1b[1m\u202e", none=None)
    assert shown == "&lt;b&gt;␛[1m\ufffd|&lt;b&gt;␛[1m\ufffd|None|7"


def test_statements_are_markdown_without_tricks_and_without_markup() -> None:
    shown = render_markdown("**a\u202e** <script>x</script> [x](javascript:alert(1)) ![y](data:text/html,z)")
    assert "<strong>a\ufffd</strong>" in shown
    assert "<script" not in shown
    assert "href" not in shown
    assert "<img" not in shown


def test_pages_need_no_inline_script_or_style(client: FlaskClient, browser: Any) -> None:
    browser.sign_in("ada")
    for path in ("/", "/account"):
        page = client.get(path).text
        assert "<script>" not in page
        assert "style=" not in page
        assert " onclick" not in page
