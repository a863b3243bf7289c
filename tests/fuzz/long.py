"""`make fuzz`: damaged claims for as many minutes as are wanted, watched. Says how many, and what came of them.

While a claim is read, an audit hook ends the run at whatever imports, opens, connects, starts or compiles, an alarm at
too much CPU time for one claim, and a limit on memory at too much of that. `--examples N` ends after so many.
"""

from __future__ import annotations

import argparse
import resource
import signal
import sys
import time
from collections import Counter

from hypothesis import HealthCheck, Phase, given, settings

from tests.fuzz.claims import CLAIMS, SEEDS, judge

FORBIDDEN = (
    "open", "import", "exec", "compile", "socket.", "subprocess.", "os.", "ctypes.", "shutil.", "pickle.", "marshal.",
    "tempfile.", "glob.", "pathlib.", "urllib.", "code.", "mmap.", "fcntl.", "signal.",
)  # fmt: skip
CPU_SECONDS = 10
MORE_MEMORY = 1024**3
BATCH = 2000


class Watch:
    """Watches this process while it is armed."""

    def __init__(self) -> None:
        self.armed = False
        sys.addaudithook(self._hear)
        signal.signal(signal.SIGVTALRM, self._too_long)
        self._limit_memory()

    def _hear(self, event: str, _arguments: object) -> None:
        if self.armed and event.startswith(FORBIDDEN):
            self.armed = False
            raise AssertionError(f"reading a claim made the event {event}")

    @staticmethod
    def _too_long(*_: object) -> None:
        raise AssertionError(f"one claim took more than {CPU_SECONDS} s of CPU time")

    @staticmethod
    def _limit_memory() -> None:
        pages = int(open("/proc/self/statm").read().split()[0])  # noqa: PTH123, SIM115 - once, at the start
        most = pages * resource.getpagesize() + MORE_MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (most, most))

    def read(self, claim: bytes) -> str:
        """Judge one claim under watch."""
        signal.setitimer(signal.ITIMER_VIRTUAL, CPU_SECONDS)
        self.armed = True
        try:
            return judge(claim)
        finally:
            self.armed = False
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def run(seconds: float, examples: int) -> Counter[str]:
    """Read claims until the time or the number is over; AssertionError, or what a claim raised, ends it."""
    import json

    for seed in SEEDS:  # what is imported late is imported now
        judge(json.dumps(seed).encode())
    watch = Watch()
    outcomes: Counter[str] = Counter()
    until = time.monotonic() + seconds

    @settings(
        max_examples=min(BATCH, examples),
        report_multiple_bugs=False,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(CLAIMS)
    def batch(claim: bytes) -> None:
        if time.monotonic() < until:
            outcomes[watch.read(claim)] += 1

    while time.monotonic() < until and sum(outcomes.values()) < examples:
        batch()
    return outcomes


def main() -> None:
    """Fuzz, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--examples", type=int, default=10**9)
    asked = parser.parse_args()
    start = time.monotonic()
    outcomes = run(asked.minutes * 60, asked.examples)
    seconds, total = time.monotonic() - start, sum(outcomes.values())
    for name, count in outcomes.most_common():
        print(f"{name:>14} {count:>9,}")
    print(
        f"{total:,} claims in {seconds:.0f} s: {total / seconds:.0f} a second, nothing but models and messages"
    )


if __name__ == "__main__":
    main()
