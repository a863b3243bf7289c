"""The small door for what browsers refused: it counts, logs one line, and cannot be made to do more."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from grader.web import policy_reports
from grader.web.limits import POLICY_REPORTS, Limit

School = Any
OLD = {
    "csp-report": {
        "effective-directive": "script-src-elem",
        "blocked-uri": "inline",
        "document-uri": "http://localhost/submissions/x?secret=1",
    }
}
NEW = [
    {
        "type": "csp-violation",
        "body": {"effectiveDirective": "img-src", "blockedURL": "https://evil.example/x"},
    }
]


def send(client: Any, body: Any, kind: str = "application/csp-report") -> int:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post("/csp-report", data=data, content_type=kind).status_code


def test_both_forms_are_counted_and_logged(
    client: Any, school: School, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert send(client, OLD) == 204
        assert send(client, NEW, "application/reports+json") == 204
    assert school.parts.tallies.total("policy:script-src-elem") == 1
    assert school.parts.tallies.total("policy:img-src") == 1
    assert "kept a browser from inline on http://localhost/submissions/x" in caplog.text
    assert "secret" not in caplog.text


def test_a_log_line_is_one_line_of_harmless_text(client: Any, caplog: pytest.LogCaptureFixture) -> None:
    nasty = {"csp-report": {"effective-directive": "x\x1b[2J", "blocked-uri": "a\x1b[31m\u202e" + "b" * 5000}}
    with caplog.at_level(logging.WARNING):
        assert send(client, nasty) == 204
    (line,) = [record.getMessage() for record in caplog.records if record.name == policy_reports.__name__]
    assert "\x1b" not in line
    assert "\u202e" not in line
    assert len(line) < 600


def test_made_up_directives_make_no_new_rows(client: Any, school: School) -> None:
    for number in range(20):
        send(client, {"csp-report": {"effective-directive": f"made-up-{number}"}})
    assert school.parts.tallies.total("policy:other") == 20


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[" * 10_000,
        b"null",
        b"5",
        b"true",
        b'"x"',
        b"[]",
        b"[5]",
        b'{"a": 1}',
        b'[{"body": 1}]',
        b'{"csp-report": "x"}',
        b"\xff\xfe\x00",
        b"1" * 10_000,
        b"NaN",
        b'{"csp-report": [[]]}',
    ],
)
def test_what_is_no_report_is_dropped(client: Any, school: School, body: bytes) -> None:
    assert send(client, body) == 204
    assert school.parts.tallies.total("policy:") == 0


def test_too_much_is_not_read(client: Any, school: School) -> None:
    assert send(client, b" " * 20_000 + json.dumps(OLD).encode()) == 204
    assert school.parts.tallies.total("policy:") == 0


def test_a_flood_ends_at_the_limit(client: Any, school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy_reports, "POLICY_REPORTS", Limit("few", 2, POLICY_REPORTS.window * 60))
    assert [send(client, OLD) for _ in range(4)] == [204, 204, 429, 429]
    assert school.parts.tallies.total("policy:") == 2
