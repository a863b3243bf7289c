"""What is not a whole sandbox: an ordinary user without control groups, and no sandbox at all."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.domain.assignment import Limits
from grader.domain.errors import SandboxUnavailable
from tests.ordinary_user import OrdinaryUserSandbox
from tests.sandbox_types import Runner
from workers.sandbox.base import (
    Crashed,
    DiskFull,
    Finished,
    OutOfMemory,
    TimedOut,
    TooManyProcesses,
    TooMuchOutput,
)
from workers.sandbox.bubblewrap import BubblewrapSandbox
from workers.sandbox.choose import open_sandbox
from workers.sandbox.unconfined import Unconfined
from workers.sandbox.unix_socket import UnixSocketSandbox
from workers.sandbox.users import Users

pytestmark = pytest.mark.sandbox


@pytest.fixture(scope="module")
def degraded() -> Iterator[Runner]:
    """A user who may write to no control group: limits per process, and the supervisor's own clock."""
    sandbox = OrdinaryUserSandbox(delegated=False)
    yield Runner(sandbox)
    sandbox.close()


@pytest.mark.parametrize(
    ("source", "ending"),
    [
        ("print('hello')", Finished),
        ("while True: pass", TimedOut),
        ("import time; time.sleep(100)", TimedOut),
        ("held = bytearray(10 ** 9)", OutOfMemory),
        ("import os, time\nfor _ in range(2000):\n  if os.fork() == 0: time.sleep(20)", TooManyProcesses),
        ("while True: print('x' * 1000)", TooMuchOutput),
        ("open('huge', 'wb').truncate(10 ** 13)", DiskFull),
        ("import os; os.kill(os.getpid(), 11)", Crashed),
    ],
    ids=["honest", "loops", "sleeps", "memory", "processes", "output", "disk", "crash"],
)
def test_limits_without_control_groups(degraded: Runner, source: str, ending: type) -> None:
    wall = 4.0 if "sleep(100)" in source else 120.0
    assert isinstance(degraded(source, cpu_seconds=1.0, wall_seconds=wall), ending)


def test_cpu_time_of_children_without_control_groups(degraded: Runner) -> None:
    source = """
        import os, time
        for _ in range(4):
            if os.fork() == 0:
                while time.process_time() < 0.5: pass
                os._exit(0)
        for _ in range(4): os.wait()
        time.sleep(30)
    """
    outcome = degraded(source, cpu_seconds=1.0)
    assert isinstance(outcome, TimedOut)
    assert outcome.clock == "cpu"


def test_missing_control_groups_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("workers.sandbox.control_group.find_parents", lambda: None)
    monkeypatch.setattr("workers.sandbox.systemd_scope.is_there", lambda: False)
    assert BubblewrapSandbox().degraded == ("memory", "cpu")
    # Root's own processes are bounded by no limit of a user, and before Linux 5.14 a user's were counted all together.
    assert BubblewrapSandbox(users=Users.ONE).degraded == ("memory", "processes", "cpu")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert BubblewrapSandbox(users=Users.ONE).degraded == ("memory", "cpu")
    monkeypatch.setattr("workers.sandbox.users.kernel", lambda: (5, 13))
    assert BubblewrapSandbox(users=Users.ONE).degraded == ("memory", "processes", "cpu")


def test_without_bubblewrap_there_is_a_clear_message(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxUnavailable, match="apt install bubblewrap"):
        BubblewrapSandbox().probe()


def test_a_bubblewrap_that_may_not_make_namespaces_is_explained(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    refused = tmp_path / "bwrap"
    refused.write_text(
        "#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n", encoding="ascii"
    )
    refused.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(SandboxUnavailable, match=r"may not make a user namespace .*setting up uid map"):
        BubblewrapSandbox().probe()


def test_auto_takes_what_works() -> None:
    sandbox = open_sandbox("auto")
    assert sandbox.name == "bubblewrap"
    sandbox.close()


def test_auto_names_everything_that_was_tried(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("workers.sandbox.docker_engine._SOCKETS", ())
    with pytest.raises(SandboxUnavailable, match=r"never run without one.*bubblewrap:.*docker:"):
        open_sandbox("auto")


@pytest.mark.parametrize(
    ("environment", "status", "answer"),
    [
        ({}, 0, {"works": True, "sandbox": "bubblewrap", "users": "own", "degraded": [], "cause": None}),
        ({"PATH": "/nowhere"}, 3, {"works": False, "sandbox": None, "users": None, "cause": "no-bubblewrap"}),
        ({"GRADER_SANDBOX": "none"}, 3, {"works": False, "cause": "other"}),
        ({"GRADER_SANDBOX": "unix:/nowhere/guest.sock"}, 3, {"works": False, "cause": "other"}),
    ],
    ids=["works", "no bubblewrap", "unknown", "no guest"],
)
def test_an_installer_is_answered(
    environment: dict[str, str], status: int, answer: dict[str, object]
) -> None:
    """By the system's own Python, which has none of our libraries."""
    words = ["/usr/bin/python3", "-S", "-B", "-m", "workers.sandbox"]
    root = Path(__file__).parents[2]
    plain = {"PATH": "/usr/bin:/bin", **environment}
    as_object = subprocess.run([*words, "--json"], env=plain, cwd=root, capture_output=True, text=True)
    assert as_object.returncode == status, as_object.stderr
    said = json.loads(as_object.stdout)
    assert answer.items() <= said.items()
    in_words = subprocess.run(words, env=plain, cwd=root, capture_output=True, text=True)
    assert (in_words.returncode, in_words.stdout or in_words.stderr) == (status, said["text"] + "\n")


@pytest.mark.parametrize("setting", ["none", "", "unix:", "subprocess"])
def test_unknown_settings_are_refused(setting: str) -> None:
    with pytest.raises(SandboxUnavailable, match="use auto, bubblewrap, docker or unix:PATH"):
        open_sandbox(setting)


def test_a_socket_where_nobody_listens(tmp_path: Path) -> None:
    sandbox = UnixSocketSandbox(tmp_path / "guest.sock", wait_seconds=0.2)
    with pytest.raises(SandboxUnavailable, match="no guest answers"):
        sandbox.run({"source": "pass", "parts": [], "preload": False}, Limits())


@pytest.mark.parametrize(
    ("source", "ending"),
    [
        ("print('hello')", Finished),
        ("while True: pass", TimedOut),
        ("import time; time.sleep(100)", TimedOut),
        ("while True: print('x' * 1000)", TooMuchOutput),
        ("import os; os._exit(0)", Crashed),
        ("import os; os.kill(os.getpid(), 11)", Crashed),
    ],
    ids=["honest", "loops", "sleeps", "output", "leaves", "crash"],
)
def test_a_students_own_machine(source: str, ending: type) -> None:
    run = Runner(Unconfined())
    wall = 2.0 if "sleep(100)" in source else 120.0
    assert isinstance(run(source, cpu_seconds=0.5, wall_seconds=wall), ending)


def test_a_students_own_machine_shows_what_is_printed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my.csv").write_text("1,2", encoding="ascii")
    source = "import os; print(open('my.csv').read(), flush=True); os.write(2, b'and errors')"
    assert Runner(Unconfined()).printed(source) == ["1,2", "and errors"]
