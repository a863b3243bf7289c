"""A run of the tests that is killed leaves no server, no engine and no mount on the machine it ran on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.ordinary_user import USER
from tests.shared import UNTIL_WE_END

pytestmark = [
    pytest.mark.services,
    pytest.mark.sandbox,
    pytest.mark.skipif(os.getuid() != 0, reason="only root starts an engine and becomes another user"),
]

PROJECT = Path(__file__).resolve().parents[2]
A_TEST_THAT_HAS_EVERYTHING = """
import time
from pathlib import Path
from tests.engine import shared_engine
from tests.ordinary_user import OrdinaryUserSandbox

def test_that_is_killed(postgres, redis_url):
    shared_engine()
    user = OrdinaryUserSandbox(delegated=False)
    user.probe()
    Path("ready").touch()
    time.sleep(600)
"""
# The run itself is called as its interpreter is, which may be a link of either name.
OURS = Path(sys.executable).name
EVERYTHING = {"dockerd", "containerd", "redis-server", "postgres", OURS, "python3 of another user"}


@pytest.fixture
def place() -> Iterator[Path]:
    """Where the run has all its temporary files; names of sockets must be short."""
    with tempfile.TemporaryDirectory(prefix="killed-", dir="/tmp") as name:
        Path(name).chmod(0o755)  # PostgreSQL runs as somebody else
        yield Path(name)


@pytest.fixture
def run(place: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A run of one test, with this project's fixtures."""
    (place / "test_killed.py").write_text(A_TEST_THAT_HAS_EVERYTHING, encoding="utf-8")
    ours = {
        name: text for name, text in os.environ.items() if not name.startswith(("PYTEST_", "KERAS_GRADER_"))
    }
    words = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir", str(place), str(place)]
    words += ["-p", "tests.conftest", "-p", "tests.integration.conftest", "-p", "no:cacheprovider"]
    with (place / "log").open("wb") as log:
        process = subprocess.Popen(
            [*UNTIL_WE_END, *words],
            stdout=log,
            stderr=log,
            cwd=place,
            env=ours | {"TMPDIR": str(place), "XDG_CACHE_HOME": str(place), "PYTHONPATH": str(PROJECT)},
        )
    yield process
    process.kill()
    process.wait()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_stays(
    how: signal.Signals,
    place: Path,
    run: subprocess.Popen[bytes],
    until: Callable[[Callable[[], Any], float, str], Any],
) -> None:
    until(lambda: (place / "ready").exists() or run.poll(), 120, "everything is started")
    assert run.poll() is None, (place / "log").read_text()
    assert set(processes_of(place).values()) >= EVERYTHING
    run.send_signal(how)
    run.wait()
    until(lambda: not processes_of(place), 60, "the servers have ended")
    assert mounts_in(place) == []
    assert list(place.glob("engine-*")) == []


def processes_of(place: Path) -> dict[int, str]:
    """Process id → name, of those that were told of that folder or work in it; a server may rewrite what it was told."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            told = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
            if str(place).encode() in told or (entry / "cwd").readlink().is_relative_to(place):
                whose = " of another user" if entry.stat().st_uid == USER else ""
                found[int(entry.name)] = (entry / "comm").read_text().strip() + whose
        except OSError:
            continue
    return found


def mounts_in(place: Path) -> list[str]:
    """Where something is mounted in that folder, as this process sees it."""
    points = (line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines())
    return [point for point in points if point.startswith(f"{place}/")]
