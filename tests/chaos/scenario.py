"""One fault on one deployment: students come, it breaks, it is whole again, everything is reconciled."""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos import family
from tests.chaos.client import Students
from tests.chaos.deployment import Deployment
from tests.chaos.receiver import Receiver
from tests.chaos.reconcile import Outcome, await_ends, judge

FINAL_SECONDS = 120.0
OWN_SECONDS = 8.0
"""What one submission may take by itself; whatever waits ahead takes as much."""

SMALL_DISK = "64m"


@dataclass
class Told:
    """What a scenario has shown."""

    fault: str
    deployment: str
    outcome: Outcome
    answers: Counter[str] = field(default_factory=Counter)
    left: list[str] = field(default_factory=list)

    @property
    def problems(self) -> list[str]:
        """Whatever is not as it must be; none is good."""
        return [*self.outcome.problems, *(f"left behind: {words}" for words in self.left)]

    def row(self) -> str:
        """A line of the table in docs/faults.md."""
        seconds = sorted(self.outcome.seconds)
        times = f"{statistics.median(seconds):.0f}/{seconds[-1]:.0f}" if seconds else "–"
        seen = (
            ", ".join(f"{word} ×{n}" for word, n in sorted(self.answers.items()) if word != "202")
            or "nothing"
        )
        return (
            f"| {self.fault} | {self.deployment} | {self.outcome.count} | {times} | {self.outcome.after:.0f} |"
            f" {self.outcome.grader_errors} | {self.outcome.stuck} | {seen} |"
        )


def play(
    name: str,
    happen: Callable[[Deployment], None],
    kind: str,
    *,
    count: int = 24,
    every: float = 1.0,
    before: float = 5.0,
    workers: int = 2,
) -> Told:
    """`count` students, one every so many seconds; `happen` comes `before` seconds after the first."""
    with (
        family.taking_in_orphans(),
        tempfile.TemporaryDirectory(prefix="chaos-") as folder,
        ExitStack() as stack,
    ):
        place = Path(folder)
        if "disk" in name:
            stack.enter_context(_small_disk(place / "data"))
        receiver = stack.enter_context(Receiver())
        known = family.children()
        with Deployment(place, kind, count, receiver.url, workers) as one:
            with Students(one.address, one.tokens, every) as students:
                time.sleep(before)
                happen(one)
                students.await_all()
            longest = FINAL_SECONDS + OWN_SECONDS * count / 2
            outcome = await_ends(one.parts, students.handed, longest)
            judge(one.parts, students.handed, receiver, outcome, FINAL_SECONDS)
            one.stop()
            told = Told(name, kind, outcome, students.answers, _files_left(one))
            if told.problems and (keep := os.environ.get("CHAOS_KEEP")):
                subprocess.run(["cp", "-r", folder, f"{keep}/{name.replace(' ', '-')}-{kind}"], check=False)
        told.left += family.left_behind(known)
    return told


def _files_left(one: Deployment) -> list[str]:
    claimed = one.data_dir / "queue" / "claimed"
    return [str(path.relative_to(one.data_dir)) for path in claimed.glob("*.new")] if claimed.is_dir() else []


class _small_disk:
    """A disk of its own for the data folder; only root can make one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> None:
        self._folder.mkdir()
        words = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK}", "none", str(self._folder)]
        subprocess.run(words, check=True)

    def __exit__(self, *_error: object) -> None:
        subprocess.run(["umount", "--lazy", str(self._folder)], check=True)
