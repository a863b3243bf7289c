"""A warm guest stays for jobs of its size while its supervisor finds nothing of the last one left in it.

When one had to be thrown away, its successor loads beside the job's path.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.sandbox_types import SMALL
from workers.sandbox.base import Crashed, Finished, Mode, OutOfMemory, TimedOut, TooMuchOutput
from workers.sandbox.bubblewrap import BubblewrapSandbox

pytestmark = pytest.mark.sandbox

LOADED = replace(SMALL, memory_mib=1024)


@pytest.fixture(scope="module")
def warm() -> Iterator[BubblewrapSandbox]:
    sandbox = BubblewrapSandbox(mode=Mode.FORKSERVER)
    yield sandbox
    sandbox.close()


def run(sandbox: BubblewrapSandbox, source: str, **limits: float) -> object:
    return sandbox.run({"source": source, "parts": [], "preload": True}, replace(LOADED, **limits))


def guest_of(sandbox: BubblewrapSandbox) -> object:
    return sandbox._warm


def test_it_is_started_before_the_first_job(warm: BubblewrapSandbox) -> None:
    warm.warm(LOADED)
    ready = guest_of(warm)
    assert ready is not None
    warm.warm(LOADED)
    assert guest_of(warm) is ready
    assert isinstance(run(warm, "import keras"), Finished)
    assert guest_of(warm) is ready


def test_clocks_and_output_are_a_jobs_own(warm: BubblewrapSandbox) -> None:
    run(warm, "pass")
    ready = guest_of(warm)
    assert isinstance(run(warm, "pass", cpu_seconds=1.0, wall_seconds=9.0, output_bytes=4096), Finished)
    assert guest_of(warm) is ready


@pytest.mark.parametrize("size", [{"memory_mib": 1100}, {"processes": 40}, {"disk_mib": 8}])
def test_another_size_is_another_guest(warm: BubblewrapSandbox, size: dict[str, float]) -> None:
    run(warm, "pass")
    ready = guest_of(warm)
    run(warm, "pass", **size)
    assert guest_of(warm) is not ready


FORKS_AND_WRITES = """
import os, tempfile, time
open(tempfile.mkstemp()[1], "w").write("left")
for _ in range(5):
    os.fork() or os.setsid()
while True: pass
"""
LEFT = """
import os, tempfile
from pathlib import Path
others = [pid for pid in os.listdir("/proc") if pid.isdigit() and int(pid) not in (1, os.getpid(), os.getppid())]
print(others, list(Path(tempfile.gettempdir()).glob("tmp*")))
"""


@pytest.mark.parametrize(
    ("source", "limits", "kind"),
    [
        (FORKS_AND_WRITES, {"cpu_seconds": 0.3}, TimedOut),
        (FORKS_AND_WRITES, {"wall_seconds": 0.3}, TimedOut),
        ("while True: print('x' * 1000)", {"output_bytes": 4096}, TooMuchOutput),
    ],
)
def test_after_a_job_over_its_time_the_same_guest_is_empty(
    warm: BubblewrapSandbox, source: str, limits: dict[str, float], kind: type
) -> None:
    run(warm, "pass")
    ready = guest_of(warm)
    assert isinstance(run(warm, source, **limits), kind)
    assert guest_of(warm) is ready
    after = run(warm, LEFT)
    assert isinstance(after, Finished)
    assert after.stdout == "[] []\n"


@pytest.mark.parametrize(
    ("source", "kind"),
    [("list(bytearray(1 << 26) for _ in range(40))", OutOfMemory), ("import os; os.abort()", Crashed)],
)
def test_after_a_job_that_broke_something_the_next_guest_is_on_its_way(
    warm: BubblewrapSandbox, source: str, kind: type
) -> None:
    run(warm, "pass")
    ready = guest_of(warm)
    assert isinstance(run(warm, source, cpu_seconds=30, wall_seconds=60), kind)
    assert guest_of(warm) not in (ready, None)
    assert isinstance(run(warm, "import keras"), Finished)


def test_a_fresh_sandbox_keeps_nothing_ready() -> None:
    sandbox = BubblewrapSandbox(mode=Mode.FRESH)
    sandbox.warm(LOADED)
    assert guest_of(sandbox) is None
    sandbox.close()
