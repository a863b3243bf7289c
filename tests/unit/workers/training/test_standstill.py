"""A process group that stands still, and one that does not, for real."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from workers.training.standstill import Standstill, cpu_seconds

Start = Callable[[str], int]


@pytest.fixture
def start() -> Iterator[Start]:
    """Runs a program in a process group of its own, whose number is returned, until the test ends."""
    started = []

    def run(program: str) -> int:
        started.append(subprocess.Popen([sys.executable, "-S", "-c", program], start_new_session=True))
        return started[-1].pid

    yield run
    for process in started:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_who_only_sleeps_stands_still(start: Start) -> None:
    watched = Standstill(start("import time; time.sleep(600)"), 0.2)
    for _ in range(10_000):
        if watched.is_over():
            break
        time.sleep(watched.look_seconds)
    assert watched.is_over()


def test_who_computes_does_not(start: Start) -> None:
    """A child counts, too."""
    group = start("import os\nif os.fork(): os.wait()\nwhile True: pass")
    watched = Standstill(group, 5.0)
    while cpu_seconds(group) < 0.15:
        time.sleep(0.02)
    watched._still = 5.0
    assert not watched.is_over()


def test_a_look_that_comes_late_is_no_proof(start: Start) -> None:
    """Whoever looks was stopped, too, or the clock jumped."""
    watched = Standstill(start("import time; time.sleep(600)"), 1000.0)
    watched._looked -= 100_000
    assert not watched.is_over()


def test_a_group_that_is_gone_uses_nothing() -> None:
    assert cpu_seconds(2**30) == 0
