from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient


@pytest.mark.parametrize("path", ["/sign-in", "/nothing", "/api/v1/nothing", "/api/v1/submissions"])
def test_every_answer_carries_the_headers(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_pages_need_no_inline_script_or_style(client: FlaskClient, browser: Any) -> None:
    browser.sign_in("ada")
    for path in ("/", "/account"):
        page = client.get(path).text
        assert "<script>" not in page
        assert "style=" not in page
        assert " onclick" not in page
