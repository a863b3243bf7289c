"""The wheel without extras, in an environment of its own: what a student installs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader.db.columns import utc_now
from grader.web import create_app
from tests.school import database, make_report, now, parts, school, school_template, template
from tests.visitors import served

__all__ = ["database", "make_report", "now", "parts", "school", "school_template", "template"]

pytestmark = pytest.mark.services

ROOT = Path(__file__).resolve().parents[2]
BLOCKED = ["fcntl", "resource", "pwd", "grp", "termios", "tty", "pty", "syslog", "posix_ipc"]
PROBE = """
import sys
for name in {blocked!r}:
    sys.modules[name] = None
from grader.cli import main
sys.argv = ["grader", *{arguments!r}]
main()
"""


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, timeout=300, **options)


@pytest.fixture(scope="module")
def client(built_wheel, tmp_path_factory):
    """The Python of an environment with client.lock and the project's wheel, nothing else."""
    folder = tmp_path_factory.mktemp("client")
    assert run(sys.executable, "-m", "venv", str(folder / "venv")).returncode == 0
    python = folder / "venv" / "bin" / "python"
    for what in (
        ["--require-hashes", "-r", str(ROOT / "requirements" / "client.lock")],
        ["--no-deps", str(built_wheel)],
    ):
        done = run(str(python), "-m", "pip", "install", "-q", *what)
        assert done.returncode == 0, done.stderr
    return python


def grader(client, *arguments, config):
    environ = {**os.environ, "XDG_CONFIG_HOME": str(config)}
    return run(str(client), "-c", PROBE.format(blocked=BLOCKED, arguments=arguments), env=environ, cwd=config)


def test_help_works_and_tensorflow_is_not_there(client, tmp_path):
    shown = grader(client, "--help", config=tmp_path)
    assert shown.returncode == 0, shown.stderr
    for command in ("login", "submit", "status", "serve"):
        assert command in shown.stdout
    assert run(str(client), "-c", "import tensorflow").returncode != 0


def test_a_notebook_has_its_grader_and_the_assignments(client, tmp_path):
    code = (
        "import grader, grader.settings as s\nprint(grader.__file__, grader.run_grader.__module__)\n"
        "print(*sorted(folder.name for folder in s.BUILT_IN_ASSIGNMENTS.iterdir()))"
    )
    shown = run(str(client), "-c", code, cwd=tmp_path)
    assert shown.returncode == 0, shown.stderr
    where, folders = shown.stdout.splitlines()
    assert where.startswith(str(client.parent.parent))
    assert where.endswith("grader.notebook")
    assert folders.split() == sorted(folder.name for folder in (ROOT / "assignments").iterdir())


def test_signing_in_explains_itself(client, tmp_path):
    shown = grader(client, "login", "--help", config=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert "--token" in shown.stdout


@pytest.mark.parametrize("arguments", [("status", "x"), ("submit", "traffic-dense", "solution.py")])
def test_who_is_not_signed_in_is_told_how(client, tmp_path, arguments):
    (tmp_path / "solution.py").write_text("x = 1\n", "utf-8")
    refused = grader(client, *arguments, config=tmp_path)
    assert refused.returncode == 2
    assert "grader login" in refused.stderr


@pytest.fixture
def address(school):
    """A real server on a free port."""
    with served(create_app(school.parts.settings, school.parts)) as address:
        yield address


def test_a_student_needs_nothing_more(client, tmp_path, school, address, make_report):
    (tmp_path / "solution.py").write_text("def build_model(): ...\n", "utf-8")
    token = school.parts.accounts.issue_token(school.ids["ada"], "t", utc_now())[0]
    signed_in = grader(client, "login", address, "--token", token, config=tmp_path)
    assert signed_in.returncode == 0, signed_in.stderr
    sent = grader(client, "submit", "dense", "solution.py", config=tmp_path)
    submission = sent.stdout.split()[-1]
    school.grade(school.parts.store.get(submission), make_report())
    done = grader(client, "status", submission, "--wait", config=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Nice work!" in done.stdout


def test_a_server_that_is_away_is_named(client, tmp_path):
    refused = grader(client, "login", "http://127.0.0.1:9", "--token", "x", config=tmp_path)
    assert refused.returncode == 3
    assert "127.0.0.1:9" in refused.stderr


@pytest.mark.parametrize("command", ["verify", "serve"])
def test_a_command_that_needs_an_extra_says_which(client, tmp_path, command):
    refused = grader(client, command, config=tmp_path)
    assert refused.returncode == 2
    assert "pip install 'keras-grader[" in refused.stderr


def test_the_client_speaks_chinese_and_has_no_babel(client, tmp_path):
    words = (
        "from grader.domain.message import message\nfrom grader.messages import render\n"
        "print(render(message('looks_good'), 'zh'))"
    )
    assert run(str(client), "-I", "-c", "import babel", cwd=tmp_path).returncode != 0
    shown = run(str(client), "-I", "-c", words, cwd=tmp_path, encoding="utf-8")
    assert shown.stdout == "看起来很棒！\n", shown.stderr
