from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask

from grader.cli import cli, session
from grader.db.columns import utc_now
from grader.domain.report import Report, Verdict
from grader.services.ports import Sign
from grader.web import create_app
from tests.visitors import app, served, site

__all__ = ["app", "site"]

School = Any


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """A real server on a free port."""
    with served(app) as address:
        yield address


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`grader …` in this process."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr(session, "BACKOFF", 0.01)

    def call(*arguments: str, words: str = "") -> Done:
        result = CliRunner().invoke(cli, list(arguments), input=words, catch_exceptions=False)
        return Done(result.exit_code, result.stdout, result.stderr)

    return call


@pytest.fixture
def solution(tmp_path: Path) -> str:
    path = tmp_path / "solution.py"
    path.write_text("def build_model(): ...\n")
    return str(path)


def grade_the_first(school: School, report: Report) -> None:
    """As a worker would, as soon as something is handed in."""
    until = time.monotonic() + 60
    while not (unfinished := school.parts.backlog.unfinished()) and time.monotonic() < until:
        time.sleep(0.05)
    school.grade(unfinished[0], report)


def sign_in(run: Any, school: School, address: str, who: str = "ada") -> None:
    token = school.parts.accounts.issue_token(school.ids[who], "t", utc_now())[0]
    done = run("login", address, "--token", token)
    assert done.returncode == 0, done.stderr


def test_a_password_signs_in_and_its_token_is_kept_safe(
    run: Any, school: School, address: str, tmp_path: Path
) -> None:
    school.parts.accounts.set_password(school.ids["ada"], "a long enough password")
    done = run("login", address, "--email", "ada@example.edu", words="a long enough password\n")
    assert done.returncode == 0, done.stderr
    kept = tmp_path / "config" / "keras-grader" / "session.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert "a long enough" not in kept.read_text() + done.stdout
    wrong = run("login", address, "--email", "ada@example.edu", words="wrong\n")
    assert wrong.returncode == 2
    assert "do not belong together" in wrong.stderr


def test_a_file_is_handed_in_and_its_feedback_shown(
    run: Any, school: School, address: str, solution: str, make_report: Any
) -> None:
    sign_in(run, school, address)
    done = run("submit", "dense", solution)
    assert done.returncode == 0, done.stderr
    submission = done.stdout.split()[-1]
    waiting = run("status", submission)
    assert (waiting.returncode, waiting.stdout) == (0, "Waiting in line, place 1\n")
    school.grade(school.parts.store.get(submission), make_report())
    graded = run("status", submission)
    assert graded.returncode == 0
    assert "Nice work!\nLooks good!" in graded.stdout
    assert "✓ layers in order" in graded.stdout


def test_who_waits_for_a_service_that_stands_still_is_told_so(
    run: Any, school: School, address: str, solution: str
) -> None:
    sign_in(run, school, address)
    school.hand_in("bob", at=utc_now() - timedelta(minutes=5))
    submission = run("submit", "dense", solution).stdout.split()[-1]
    english, chinese = (run("status", submission, "--lang", lang).stdout for lang in ("en", "zh"))
    assert re.fullmatch(
        r"Grading has stopped since 20\d\d-\d\d-\d\d \d\d:\d\d UTC\. Your submission is kept, .*\n", english
    )
    assert chinese.startswith("评分从 20")


def test_who_waits_for_a_worker_that_can_is_told_for_what(
    run: Any, school: School, address: str, solution: str
) -> None:
    sign_in(run, school, address)
    school.parts.workers.seen(Sign("w", "grading", busy=False, can={"dense": "sha256:another"}), utc_now())
    submission = run("submit", "dense", solution).stdout.split()[-1]
    english, chinese = (run("status", submission, "--lang", lang).stdout for lang in ("en", "zh"))
    assert english.startswith("Your submission is kept and waits for a grader that has its version")
    assert chinese.startswith("你的提交已经保存")
    assert json.loads(run("status", submission, "--json").stdout)["waits_for"] == "version"


@pytest.mark.parametrize(
    ("verdict", "score", "status"),
    [(Verdict.PASSED, 10.0, 0), (Verdict.FAILED, 2.0, 1), (Verdict.GRADER_ERROR, None, 3)],
)
def test_waiting_ends_with_the_status_of_the_verdict(
    run: Any,
    school: School,
    address: str,
    solution: str,
    make_report: Any,
    verdict: Verdict,
    score: Any,
    status: int,
) -> None:
    sign_in(run, school, address)
    grading = threading.Thread(target=grade_the_first, args=(school, make_report(verdict, score)))
    grading.start()
    done = run("submit", "dense", solution, "--wait", "--json")
    grading.join()
    assert done.returncode == status, done.stderr
    assert json.loads(done.stdout)["report"]["verdict"] == verdict


def test_bytes_that_are_no_source_exit_with_1(run: Any, school: School, address: str, tmp_path: Path) -> None:
    sign_in(run, school, address)
    (tmp_path / "empty.py").touch()
    done = run("submit", "dense", str(tmp_path / "empty.py"), "--wait")
    assert done.returncode == 1
    assert "empty" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("submit", "nonsense", "FILE"),
        ("submit", "dense", "no such file"),
        ("status", "nonsense"),
        ("submit", "dense"),
        ("nonsense",),
    ],
)
def test_wrong_usage_exits_with_2(
    run: Any, school: School, address: str, solution: str, arguments: tuple[str, ...]
) -> None:
    sign_in(run, school, address)
    done = run(*(solution if word == "FILE" else word for word in arguments))
    assert done.returncode == 2, done.stderr
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_who_is_not_signed_in_is_told_how(run: Any, solution: str) -> None:
    done = run("submit", "dense", solution)
    assert (done.returncode, "grader login" in done.stderr) == (2, True)


def test_a_server_that_is_away_is_not_the_students_fault(run: Any) -> None:
    done = run("login", "http://127.0.0.1:1", "--token", "x")
    assert done.returncode == 3
    assert "does not answer" in done.stderr
    assert "Traceback" not in done.stderr


@dataclass
class Outage:
    """The first calls find the database away; the site is otherwise as it is."""

    calls: int

    def begin(self, app: Flask) -> None:
        inner = app.wsgi_app

        def wsgi(environ: Any, start_response: Any) -> Any:
            self.calls -= 1
            if self.calls < 0:
                return inner(environ, start_response)
            headers = [("Content-Type", "application/problem+json"), ("Retry-After", "0")]
            start_response("503 Service Unavailable", headers)
            return [b'{"detail": "away for now"}']

        app.wsgi_app = wsgi  # type: ignore[method-assign]


def test_who_waits_for_a_report_outlasts_an_outage(
    run: Any, school: School, solution: str, make_report: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "PAUSE_SECONDS", 0.01)
    app = create_app(school.parts.settings, school.parts)
    with served(app) as address:
        sign_in(run, school, address)
        Outage(14).begin(app)
        thread = threading.Thread(target=grade_the_first, args=(school, make_report()))
        thread.start()
        done = run("submit", "dense", solution, "--wait")
        thread.join(30)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("The server is away") == 1


def test_who_does_not_wait_is_told_soon_in_the_servers_words(run: Any, school: School, solution: str) -> None:
    app = create_app(school.parts.settings, school.parts)
    with served(app) as address:
        sign_in(run, school, address)
        Outage(100).begin(app)
        done = run("submit", "dense", solution)
    assert (done.returncode, "away for now" in done.stderr) == (3, True)


def test_feedback_in_the_language_that_was_asked_for(
    run: Any, school: School, address: str, solution: str, make_report: Any
) -> None:
    sign_in(run, school, address)
    handed_in = run("submit", "dense", solution, "--lang", "zh").stdout
    submission = handed_in.split()[-1]
    assert handed_in == f"已提交。查看结果：grader status {submission}\n"
    assert run("status", submission, "--lang", "zh").stdout == "正在排队，第 1 位\n"
    school.grade(school.parts.store.get(submission), make_report())
    assert run("status", submission, "--lang", "zh").stdout.startswith(
        "通过 · 10 分（满分 10 分）\n\n做得好！\n看起来很棒！"
    )
    assert run("status", submission).stdout.startswith("passed · 10 of 10 points\n\nNice work!\nLooks good!")
    school.parts.accounts.store.set_language(school.ids["ada"], "zh")
    assert run("status", submission).stdout.startswith("通过")
    assert run("status", submission, "--lang", "fr").returncode == 2
