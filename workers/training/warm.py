"""One warm process: it imports TensorFlow at once, says when it is ready, and trains one job at a time in forks."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

from grader.domain.errors import TrainerFault
from workers.scratch import Scratch
from workers.training.death import TrainerDied, judge, stood_still
from workers.training.standstill import LONGEST_SECONDS, Standstill

ENDING_SECONDS = 120.0
ROOT = Path(__file__).resolve().parents[2]
PAGE = os.sysconf("SC_PAGE_SIZE")


class WarmProcess:
    """A process from its start, which returns at once, to its end. `runs` counts the jobs that it was told.

    It may stand still for `still_seconds` while it starts or has a job.
    """

    def __init__(self, address_space: int, still_seconds: float = LONGEST_SECONDS) -> None:
        self._still_seconds = still_seconds
        # Keras makes its folder when it is imported, wherever that is.
        self._home = Scratch("keras")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "workers.training", str(address_space)],
            cwd=ROOT,
            env=_environment(str(self._home.path)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            bufsize=1,
            start_new_session=True,
        )
        self.runs = 0
        self._ready = False
        self._resident_at_start = 0

    @property
    def pid(self) -> int:
        """Its process id, which is its process group too."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    @property
    def grown(self) -> int:
        """How many bytes of memory it holds more than when it became ready; a fork's own do not count."""
        return self._resident() - self._resident_at_start if self._ready and self.alive else 0

    def is_ready(self) -> bool:
        """Whether it has imported everything by now; TrainerFault when it never will."""
        if not self._ready and self._has_spoken():
            if self._read() != "ready":
                detail = "the trainer did not start"
                raise TrainerFault(detail)
            self._ready, self._resident_at_start = True, self._resident()
        return self._ready

    def wait_until_ready(self) -> None:
        """Return when it has imported everything; TrainerFault when it never will, or stands still."""
        if not self._ready:
            self._wait()
            self.is_ready()

    def run(self, folder: Path, cpu_seconds: float) -> str:
        """How the child ended that did the job in `folder`; TrainerFault when this process itself ends or stands still.

        However long that takes on the wall clock, while it computes: the kernel ends a child that has used `cpu_seconds` up.
        """
        self.runs += 1
        self._write(f"{cpu_seconds} {folder}\n")
        self._wait()
        return self._read()

    def close(self) -> None:
        """End the process and what it forked."""
        if self.alive:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()
        self._home.close()

    def _resident(self) -> int:
        pages = Path(f"/proc/{self._process.pid}/statm").read_text("ascii").split()[1]
        return int(pages) * PAGE

    def _write(self, line: str) -> None:
        if self._process.stdin is None:
            raise TypeError
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
        except OSError as error:
            raise TrainerDied(judge(self._process.poll())) from error

    def _has_spoken(self, seconds: float = 0.0) -> bool:
        if self._process.stdout is None:
            raise TypeError
        return bool(select.select([self._process.stdout], [], [], seconds)[0])

    def _wait(self) -> None:
        """Until it says something; TrainerDied when it stands still."""
        standstill = Standstill(self.pid, self._still_seconds)
        while not self._has_spoken(standstill.look_seconds):
            if standstill.is_over():
                raise TrainerDied(stood_still(self._still_seconds))

    def _read(self) -> str:
        """One line of what the trainer says, once it has spoken: short ones, so a readable pipe holds a whole one."""
        if self._process.stdout is None:
            raise TypeError
        line = self._process.stdout.readline()
        if not line:
            # The pipe is closed, so the process is about to end; its own words went with the folder's log.
            raise TrainerDied(judge(self._process.wait(timeout=ENDING_SECONDS)))
        return line.strip()


def _environment(home: str) -> dict[str, str]:
    passed = {name: os.environ[name] for name in ("PATH", "LANG", "LD_LIBRARY_PATH") if name in os.environ}
    # Children end without tidying up: what TensorFlow leaves goes with the home.
    own = {"KERAS_HOME": home, "TMPDIR": home}
    return passed | own | {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
