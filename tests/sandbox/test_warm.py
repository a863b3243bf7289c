"""A warm guest stays for jobs of its size while its supervisor finds nothing of the last one left in it.

When one had to be thrown away, its successor loads beside the job's path.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.sandbox_types import SMALL
from workers.sandbox.base import (
    Crashed,
    DiskFull,
    EndedEarly,
    Finished,
    Mode,
    OutOfMemory,
    TimedOut,
    TooManyProcesses,
    TooMuchOutput,
)
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


def guest_of(sandbox: BubblewrapSandbox) -> Any:
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
    bare = {"source": "pass", "parts": [], "preload": False}
    warm.run(bare, LOADED)
    ready = guest_of(warm)
    warm.run(bare, replace(LOADED, **size))
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


ENDINGS = {
    "cpu": (FORKS_AND_WRITES, {"cpu_seconds": 0.3}, TimedOut),
    "wall": (FORKS_AND_WRITES, {"wall_seconds": 0.3}, TimedOut),
    "output": ("while True: print('x' * 1000)", {"output_bytes": 4096}, TooMuchOutput),
    "memory": ("kept = [bytearray(1 << 26) for _ in range(40)]", {}, OutOfMemory),
    "processes": (
        "import os, time\nwhile True: os.fork() or time.sleep(60)",
        {"processes": 24},
        TooManyProcesses,
    ),
    "disk": (
        "with open('/tmp/full', 'wb') as file:\n    while True: file.write(bytes(1 << 20))",
        {},
        DiskFull,
    ),
    "crash": ("import os; os.abort()", {}, Crashed),
    "exit": ("import os; os._exit(3)", {}, EndedEarly),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_however_a_job_ended_the_same_guest_is_empty_afterwards(warm: BubblewrapSandbox, ending: str) -> None:
    source, limits, kind = ENDINGS[ending]
    longer = {"cpu_seconds": 30, "wall_seconds": 60} | limits
    run(warm, "pass", **longer)
    ready = guest_of(warm)
    assert isinstance(run(warm, source, **longer), kind)
    assert guest_of(warm) is ready
    after = run(warm, LEFT, cpu_seconds=30, wall_seconds=60)
    assert isinstance(after, Finished)
    assert after.stdout == "[] []\n"


ALL_THAT_A_JOB_MAY_HAVE = """
import threading
kept = bytearray(900 << 20)
with open("/tmp/all", "wb") as file:
    file.write(bytes({disk} << 20))
over = threading.Event()
threads = [threading.Thread(target=over.wait) for _ in range({threads})]
for thread in threads:
    thread.start()
over.set()
print("enough")
"""


@pytest.mark.parametrize("ending", ["memory", "processes", "disk"])
def test_whatever_ran_out_is_all_there_for_the_next_job(warm: BubblewrapSandbox, ending: str) -> None:
    source, _, kind = ENDINGS[ending]
    clocks = {"cpu_seconds": 30, "wall_seconds": 60}
    assert isinstance(run(warm, source, **clocks), kind)
    all_of_it = ALL_THAT_A_JOB_MAY_HAVE.format(disk=LOADED.disk_mib - 1, threads=LOADED.processes - 8)
    after = run(warm, all_of_it, **clocks)
    assert isinstance(after, Finished), after
    assert after.stdout == "enough\n"


def test_when_a_guest_is_gone_the_next_one_is_on_its_way(warm: BubblewrapSandbox) -> None:
    run(warm, "pass")
    ready = guest_of(warm)
    threading.Timer(0.5, ready._process.kill).start()
    assert isinstance(run(warm, "import time; time.sleep(2)", wall_seconds=18), Finished)
    assert guest_of(warm) not in (ready, None)
    assert isinstance(run(warm, "import keras"), Finished)


def test_a_fresh_sandbox_keeps_nothing_ready() -> None:
    sandbox = BubblewrapSandbox(mode=Mode.FRESH)
    sandbox.warm(LOADED)
    assert guest_of(sandbox) is None
    sandbox.close()
