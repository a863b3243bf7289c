"""The pins against the floors, and what the audit says when it could not look."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))


@pytest.fixture(scope="module")
def audit():
    spec = importlib.util.spec_from_file_location("audit", ROOT / "requirements" / "audit.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["audit"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["audit"]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_every_pin_is_at_or_above_its_floor(audit, lock):
    assert audit.below_floor(lock) == []
    assert len(dict(audit.pins(lock))) >= 4


def test_the_floors_are_about_what_is_pinned(audit):
    server = dict(audit.pins(ROOT / "requirements" / "server.lock"))
    assert {"flask", "werkzeug", "waitress", "jinja2"} <= set(server)
    assert "keras" in dict(audit.pins(ROOT / "requirements" / "guest.lock"))


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("flask==3.1.2 \\\n", "older than 3.1.3"),
        ("Werkzeug==3.1.5\n", "older than 3.1.6"),
        ("keras==3.14.1 \\\n", "older than 3.15.1"),
        ("pyjwt[crypto]==2.11.0 \\\n", "older than 2.12.0"),
        ("python_jose==9.0 \\\n", "must not be used"),
        ("flask==3.10.0 \\\n", None),
        ("authlib==1.6.9 \\\n    --hash=sha256:aa\n", None),
    ],
)
def test_an_old_pin_is_found(audit, tmp_path, line, says):
    lock = tmp_path / "x.lock"
    lock.write_text(line)
    found = audit.below_floor(lock)
    assert bool(found) == (says is not None)
    assert says is None or says in found[0]


def answer(names, holes=()):
    return json.dumps(
        {"dependencies": [{"name": name, "version": "1", "vulns": list(holes)} for name in names]}
    )


@pytest.mark.parametrize(
    ("out", "err", "status", "says"),
    [
        (answer(["a", "b"]), "", 0, "2 packages, no known holes"),
        (answer(["a", "b"], [{"id": "CVE-1"}]), "", 1, "a 1: CVE-1"),
        ("", "ConnectionError: no route to host", 3, "unverified (ConnectionError"),
        ("", "", 3, "unverified"),
        ("[]", "", 3, "unverified"),
        (answer(["a"]), "", 3, "unverified (1 not looked at: b)"),
        (json.dumps({"dependencies": [{"name": "a", "version": "1", "vulns": []}, {"name": "b", "skip_reason": "x"}]}), "", 3, "unverified (x; 1 not looked at: b)"),
    ],
)  # fmt: skip
def test_a_statement_counts_only_where_the_database_was_asked(audit, tmp_path, out, err, status, says):
    lock = tmp_path / "x.lock"
    lock.write_text("a==1 \\\n    --hash=sha256:aa\nb==1\n")
    found = audit.judge(lock, out, err)
    assert found.status == status
    assert says in found.lines[0]


def test_no_tool_is_no_statement(audit, monkeypatch, capsys):
    monkeypatch.setattr(audit, "install", lambda folder: None)
    assert audit.main([]) == 3
    assert "unverified: pip-audit could not be installed" in capsys.readouterr().out
