from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

from grader.web import create_app


def test_an_unknown_page_is_a_page_and_an_unknown_call_a_problem(client: FlaskClient) -> None:
    page, call = client.get("/nothing"), client.get("/api/v1/nothing")
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert (call.status_code, call.mimetype) == (404, "application/problem+json")
    assert call.get_json()["status"] == 404


def test_our_own_failure_shows_a_number_and_nothing_else(school: Any) -> None:
    app = create_app(school.parts.settings, school.parts)

    def fall() -> str:
        raise RuntimeError("secret detail")

    app.add_url_rule("/fall", view_func=fall)
    app.add_url_rule("/api/v1/fall", endpoint="api_fall", view_func=fall)
    for path in ("/fall", "/api/v1/fall"):
        answer = app.test_client().get(path)
        assert answer.status_code == 500
        assert "written down under" in answer.text
        assert "secret detail" not in answer.text


def test_a_wrong_method_says_which_are_right(client: FlaskClient) -> None:
    answer = client.delete("/api/v1/login")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
