"""The trainer process from outside: started when first needed, limited, replaced when it dies or outlives its time."""

from __future__ import annotations

import os
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from grader.domain.errors import TrainerFault
from grader.lifeline import die_with_parent
from workers.training.death import judge, outlived

STARTUP_SECONDS = 120.0
ROOT = Path(__file__).resolve().parents[2]


class TrainerProcess:
    """One warm process that trains one job at a time, each in a fork of its own."""

    def __init__(self, address_space_gib: int) -> None:
        self._address_space = address_space_gib * 1024**3
        self._process: subprocess.Popen[str] | None = None
        self._home: str | None = None

    def run(self, folder: Path, wall_seconds: float) -> None:
        """Do the job in `folder`; TrainerFault for everything that goes wrong, since no student code runs there."""
        process = self._ready()
        try:
            self._write(process, f"{folder}\n")
            status = self._read(process, wall_seconds)
        except TrainerFault:
            self.close()
            raise
        if status != "0":
            log = folder / "log.txt"
            said = log.read_text("utf-8", errors="replace") if log.exists() else ""
            raise TrainerFault(str(judge(int(status), said)))

    def close(self) -> None:
        """End the process and what it forked; the next job starts a new one."""
        process, self._process = self._process, None
        if process is not None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
        if self._home is not None:
            shutil.rmtree(self._home, ignore_errors=True)
            self._home = None

    def _ready(self) -> subprocess.Popen[str]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        process = self._process = self._start()
        if self._read(process, STARTUP_SECONDS) != "ready":
            self.close()
            detail = "the trainer did not start"
            raise TrainerFault(detail)
        return process

    def _start(self) -> subprocess.Popen[str]:
        # Keras makes its folder when it is imported, wherever that is.
        self._home = self._home or tempfile.mkdtemp(prefix="grader-keras-")
        environment = {
            name: os.environ[name] for name in ("PATH", "LANG", "LD_LIBRARY_PATH") if name in os.environ
        }
        environment |= {
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "CUDA_VISIBLE_DEVICES": "-1",
            "KERAS_HOME": self._home,
        }
        return subprocess.Popen(
            [sys.executable, "-m", "workers.training"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            bufsize=1,
            start_new_session=True,
            preexec_fn=self._limit,  # noqa: PLW1509 - the worker has one thread when it starts the trainer
        )

    def _limit(self) -> None:
        """In the child, before it becomes the trainer: die with the worker, no core files, bounded memory."""
        die_with_parent()
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (self._address_space, self._address_space))

    @staticmethod
    def _write(process: subprocess.Popen[str], line: str) -> None:
        if process.stdin is None:
            raise TypeError
        try:
            process.stdin.write(line)
            process.stdin.flush()
        except OSError as error:
            detail = "the trainer is gone"
            raise TrainerFault(detail) from error

    @staticmethod
    def _read(process: subprocess.Popen[str], seconds: float) -> str:
        """One line of what the trainer says, within `seconds`."""
        if process.stdout is None:
            raise TypeError
        until = time.monotonic() + seconds
        # The trainer answers with one short line at a time, so a readable pipe holds a whole one.
        while not select.select([process.stdout], [], [], max(0.0, until - time.monotonic()))[0]:
            if time.monotonic() >= until:
                raise TrainerFault(str(outlived(seconds)))
        line = process.stdout.readline()
        if not line:
            # The pipe is closed, so the process is about to end; its own words went with the folder's log.
            raise TrainerFault(str(judge(process.wait(timeout=STARTUP_SECONDS))))
        return line.strip()
