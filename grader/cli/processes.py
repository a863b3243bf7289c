"""Child processes of `grader serve`: started, watched, started again, ended; they die with their parent."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from grader.cli.logs import LARGEST_BYTES, turn
from grader.lifeline import ends_with_us
from grader.private import private_file

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
CALM_SECONDS = 30.0


@dataclass
class Child:
    """One process that is meant to run for ever; its output goes to `log`. Its first start has words of its own."""

    name: str
    command: Sequence[str]
    environ: Mapping[str, str]
    log: Path
    ending: signal.Signals = signal.SIGTERM
    descriptors: tuple[int, ...] = ()
    first_words: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = FIRST_PAUSE
    due: float = field(default=0.0)
    last_pid: int = 0
    largest_log: int = LARGEST_BYTES

    def start(self) -> None:
        """Start it."""
        self.turn_log()
        with private_file(self.log).open("ab") as output:
            self.process = subprocess.Popen(
                [*self.command, *self.first_words],
                env=dict(self.environ),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=self.descriptors,
                preexec_fn=ends_with_us(signal.SIGKILL),  # noqa: PLW1509 - this process has one thread
                start_new_session=True,
            )
        self.first_words = ()
        self.started = time.monotonic()

    def turn_log(self) -> None:
        """Begin its log anew where it has grown large, also while it writes to it."""
        turn(self.log, self.largest_log)

    def fell_over(self) -> bool:
        """Whether it has ended since we last looked; plans the next start, later each time."""
        if self.process is None or self.process.poll() is None:
            return False
        now = time.monotonic()
        self.pause = FIRST_PAUSE if now - self.started > CALM_SECONDS else min(LONGEST_PAUSE, self.pause * 2)
        self.due = now + self.pause
        self.last_pid, self.process = self.process.pid, None
        return True

    def is_due(self) -> bool:
        """Whether it is down and its pause is over."""
        return self.process is None and time.monotonic() >= self.due

    def end(self) -> None:
        """Ask it to end."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(self.ending)

    def wait(self, until: float) -> None:
        """Wait for its end until that moment of the monotonic clock; then kill it, and whatever it leaves behind."""
        if self.process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.0, until - time.monotonic()))
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def memory_mib(pids: Sequence[int]) -> float:
    """Memory of these processes and all below them, shared pages counted once (PSS), in MiB."""
    return sum(map(_pss_kib, _with_children(pids))) / 1024


def _with_children(pids: Sequence[int]) -> set[int]:
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            parents.setdefault(_parent(int(entry.name)), []).append(int(entry.name))
    found: set[int] = set()
    waiting = list(pids)
    while waiting:
        pid = waiting.pop()
        if pid not in found:
            found.add(pid)
            waiting += parents.get(pid, [])
    return found


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return 0


def _pss_kib(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
