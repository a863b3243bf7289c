"""`grader --help`: what everybody waits for who types a command."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

from tests.bench.results import Results, spread

KEYS = ("help_seconds",)


def run(results: Results) -> None:
    """The installed command, as it is typed."""
    program = Path(sys.executable).with_name("grader")
    seconds = [_seconds(program) for _ in range(results.count(21, 7))][1:]
    results.add(KEYS[0], statistics.median(seconds), len(seconds), seconds=spread(seconds))


def _seconds(program: Path) -> float:
    start = time.monotonic()
    subprocess.run([program, "--help"], check=True, stdout=subprocess.DEVNULL, timeout=60)
    return time.monotonic() - start
