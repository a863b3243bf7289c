"""The trainer process from outside: warmed early, limited, and replaced when it is worn, dies or stands still."""

from __future__ import annotations

import logging
from pathlib import Path

from grader.domain.errors import TrainerFault
from workers.training.death import TrainerDied, judge
from workers.training.standstill import LONGEST_SECONDS
from workers.training.warm import WarmProcess

log = logging.getLogger(__name__)

MIB = 1024**2


class TrainerProcess:
    """One warm process at a time, and a second one only while it takes the first one's place.

    A process is worn after `most_runs` jobs, or when it has grown by `most_growth` bytes: it should never grow, since it
    runs nothing itself. One that stands still for `still_seconds`, at its start or over a job, is ended.
    """

    def __init__(
        self,
        address_space_gib: int,
        most_runs: int = 1000,
        most_growth: int = 256 * MIB,
        still_seconds: float = LONGEST_SECONDS,
    ) -> None:
        self._address_space = address_space_gib * 1024**3
        self._still_seconds = still_seconds
        self._most_runs = most_runs
        self._most_growth = most_growth
        self._process: WarmProcess | None = None
        self._successor: WarmProcess | None = None

    def warm(self) -> None:
        """Begin to import, and return at once; the process dies with the thread that asks for this."""
        if self._process is None or not self._process.alive:
            self._drop()
            self._process, self._successor = self._successor or self._fresh(), None

    def run(self, folder: Path, cpu_seconds: float) -> None:
        """Do the job in `folder`; TrainerFault for everything that goes wrong, since no student code runs there.

        A trainer that something outside has ended or stopped says nothing about the job, which is done once more in a fresh one.
        """
        try:
            self._run(folder, cpu_seconds)
        except TrainerDied as error:
            if not error.death.is_chance:
                raise
            log.warning("%s; once more in a fresh one", error)
            self._run(folder, cpu_seconds)

    def _run(self, folder: Path, cpu_seconds: float) -> None:
        try:
            process = self._ready()
            status = process.run(folder, cpu_seconds)
            self._look_for_wear(process)
        except TrainerFault:
            self.close()
            raise
        if status != "0":
            words = folder / "log.txt"
            said = words.read_text("utf-8", errors="replace") if words.exists() else ""
            raise TrainerDied(judge(int(status), said))

    def close(self) -> None:
        """End the processes and what they forked; the next job starts a new one."""
        self._drop()
        self._drop_successor()

    def _ready(self) -> WarmProcess:
        if self._is_succeeded():
            self._drop()
        self.warm()
        if self._process is None:
            raise TypeError
        self._process.wait_until_ready()
        return self._process

    def _is_succeeded(self) -> bool:
        """Whether a successor is ready; one that did not start is forgotten, and the worn process works on."""
        try:
            return self._successor is not None and self._successor.is_ready()
        except TrainerFault:
            self._drop_successor()
            return False

    def _look_for_wear(self, process: WarmProcess) -> None:
        """Warm a successor of a worn process, which works on until that is ready."""
        worn = process.runs >= self._most_runs or process.grown > self._most_growth
        if worn and self._successor is None:
            self._successor = self._fresh()

    def _fresh(self) -> WarmProcess:
        return WarmProcess(self._address_space, self._still_seconds)

    def _drop(self) -> None:
        if self._process is not None:
            self._process.close()
            self._process = None

    def _drop_successor(self) -> None:
        if self._successor is not None:
            self._successor.close()
            self._successor = None
