"""What every answer has in common: headers, no copies of personal pages, downloads, errors without details."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from flask import Flask

from grader.db.columns import utc_now
from grader.web.current import SESSION_KEY

School = Any
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def visitor(app: Flask, school: School, who: str) -> Any:
    client = app.test_client()
    with client.session_transaction() as session:
        session[SESSION_KEY] = school.parts.accounts.start_session(school.ids[who], utc_now())
    return client


def addresses(app: Flask, submission: str) -> list[tuple[str, str]]:
    """Every address that can be looked at, from the map of routes."""
    values = {"course": "keras", "slug": "dense", "submission": submission, "path:filename": "site.css"}
    return [
        (rule.endpoint, re.sub(r"<([^>]+)>", lambda found: values.get(found[1], "x"), rule.rule))
        for rule in app.url_map.iter_rules()
        if "GET" in rule.methods
    ]


def test_every_answer_carries_the_headers_and_only_files_of_ours_are_kept(
    app: Flask, school: School, make_report: Any
) -> None:
    submission = school.hand_in("ada")
    school.grade(submission, make_report())
    client = visitor(app, school, "root")
    for endpoint, path in [*addresses(app, submission.id), ("", "/nothing"), ("", "/api/v1/nothing")]:
        answer = client.get(path)
        for name, value in HEADERS.items():
            assert answer.headers[name] == value, path
        policy = answer.headers["Content-Security-Policy"]
        for part in (
            "default-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "script-src 'self';",
        ):
            assert part in policy, path
        assert "unsafe" not in policy
        assert "*" not in policy
        if endpoint != "static":
            assert answer.headers["Cache-Control"] == "no-store", path
        for name in ("ETag", "Last-Modified", "X-Powered-By", "Access-Control-Allow-Origin"):
            assert endpoint == "static" or name not in answer.headers, path
        answer.close()


def test_downloads_are_plain_text_that_no_browser_opens(app: Flask, school: School) -> None:
    submission = school.hand_in("ada", "<script>alert(1)</script>")
    client = visitor(app, school, "tess")
    kinds = {
        f"/submissions/{submission.id}/source": ("text/plain; charset=utf-8", f"{submission.id}.py"),
        "/courses/keras/dense/starter.py": ("text/plain; charset=utf-8", "dense.py"),
        "/courses/keras/grades.csv": ("text/csv; charset=utf-8", "grades-keras-best.csv"),
    }
    for path, (kind, name) in kinds.items():
        answer = client.get(path)
        assert answer.headers["Content-Type"] == kind
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'


FORMULAS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u3000=1", "＝1", "＋1", "－1", "＠x", "\ufeff=1", "\x00=1",
    "=cmd|'/C calc'!A0", '=HYPERLINK("http://evil.example")', '","=1', '"\n=1,', "\u202e=1",
]  # fmt: skip


@pytest.mark.parametrize("name", FORMULAS)
def test_a_name_in_the_grades_is_never_a_formula(
    app: Flask, school: School, make_report: Any, name: str
) -> None:
    person = school.parts.accounts.store.add_user(f"{name}x@example.edu", name, None, is_admin=False)
    school.ids["mallory"] = person.id
    school.grade(school.hand_in("mallory"), make_report())
    text = visitor(app, school, "tess").get("/courses/keras/grades.csv").text
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert [len(row) for row in rows] == [5, 5], "no name makes a cell or a line of its own"
    for cell in (cell for row in rows for cell in row):
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠"))
        assert not cell.lstrip(" \u3000\ufeff\ufffd").startswith(("=", "+", "-", "@", "＝")), cell
        assert not any(letter in cell for letter in "\x00\x1b\u202e\ufeff")
    assert re.fullmatch(r'("[^"]*(""[^"]*)*"[,\r\n]+)+', text.removeprefix("\ufeff")), "every cell is quoted"


def test_an_error_of_ours_tells_a_number_and_nothing_else(
    app: Flask, school: School, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("postgresql://grader:hunter2@db/grader /var/lib secret")

    client = visitor(app, school, "ada")
    token = school.parts.accounts.issue_token(school.ids["ada"], "t", utc_now())[0]
    school.parts.queries.submissions = broken
    headers = {"Authorization": f"Bearer {token}"}
    for answer in (
        client.get("/courses/keras/dense"),
        client.get("/api/v1/submissions", headers=headers),
    ):
        assert answer.status_code == 500
        number = re.search(r"written down under ([0-9a-f]{12})", answer.text)
        assert number
        assert number[1] in caplog.text
        for secret in ("hunter2", "RuntimeError", "Traceback", "/var/lib", ".py", "werkzeug", "Flask"):
            assert secret not in answer.text
    assert answer.mimetype == "application/problem+json"


def test_an_error_page_needs_no_database(app: Flask, school: School) -> None:
    client = visitor(app, school, "ada")

    def away(*_: Any) -> Any:
        raise RuntimeError("the database is away: hunter2")

    school.parts.accounts.store.session_user = away
    for path in ("/", "/nothing"):
        answer = client.get(path)
        assert answer.status_code in {404, 500}
        assert "hunter2" not in answer.text
        assert "To your courses" in answer.text, "our own page, and not the framework's"


KNOWN = {"alive", "ready", "grading", "lanes", "database", "broker", "disk", "worker_age_s", "workers_agree"}


def test_health_tells_no_versions_and_no_addresses(client: Any) -> None:
    for path in ("/health", "/health/ready", "/health/grading", "/health/alive", "/api/v1/health"):
        answer = client.get(path)
        assert set(answer.json) <= KNOWN
        assert not re.search(r"\d+\.\d+\.\d+", answer.text)


def test_there_is_no_debugger_whatever_the_environment_says(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    from grader.web import create_app

    monkeypatch.setenv("FLASK_DEBUG", "1")
    app = create_app(school.parts.settings, school.parts)
    assert app.debug is False
    assert app.config["TRAP_HTTP_EXCEPTIONS"] is False
