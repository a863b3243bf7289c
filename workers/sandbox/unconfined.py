"""No sandbox: for a student's own code on a student's own machine, on any system. Never for grading."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

from grader.domain.assignment import Limits
from grader.domain.errors import SandboxUnavailable

from .base import Crashed, Job, Outcome
from .conversation import LostGuest, NeverStarted, hold
from .frames import BrokenFrame
from .runtime import GUEST_SOURCE

_START = (
    "import importlib.util as u, sys; s = u.spec_from_file_location('guest', {file!r}, "
    "submodule_search_locations=[{folder!r}]); m = u.module_from_spec(s); sys.modules['guest'] = m; "
    "s.loader.exec_module(m); from guest import unconfined; unconfined.main()"
)


# Whatever encoding our own output has: the code prints into a pipe of ours, where any letter may stand.
_ENVIRONMENT = {"PYTHONIOENCODING": "utf-8:backslashreplace"}


class Unconfined:
    """Runs a job in a process of this very interpreter, in the student's own folder and environment."""

    name = "unconfined"
    degraded = ("memory", "processes", "cpu", "isolation")

    def __init__(self, folder: Path | None = None) -> None:
        """`folder` is where the student's file lies, with the modules and the data that it asks for; None is where we are."""
        self._folder = folder

    def run(self, job: Job, limits: Limits) -> Outcome:
        """Run one job. Raises `SandboxUnavailable` if the libraries do not load."""
        # On some systems nobody can remove what a process that was just killed has open.
        with tempfile.TemporaryDirectory(prefix="grader-check-", ignore_cleanup_errors=True) as scratch:
            return self._run({**job, "at_home": True}, limits, scratch)

    def _run(self, job: Job, limits: Limits, scratch: str) -> Outcome:
        start = _START.format(file=str(GUEST_SOURCE / "__init__.py"), folder=str(GUEST_SOURCE))
        pipe = subprocess.PIPE
        # -P: a student's random.py must not stand in the way of our own imports.
        with subprocess.Popen(
            [sys.executable, "-B", "-P", "-c", start],
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            cwd=self._folder,
            env={**os.environ, **_ENVIRONMENT, "TMPDIR": scratch, "TEMP": scratch, "TMP": scratch},
        ) as process:
            if process.stdin is None or process.stdout is None or process.stderr is None:
                raise SandboxUnavailable("the process has no pipes")
            errors = _Kept(process.stderr)
            try:
                return hold(Pipes(process.stdout, process.stdin), job, limits)
            except LostGuest as error:
                # Here the guest is the student's own process, which may end itself.
                return Crashed(detail=str(error))
            except NeverStarted as error:
                raise SandboxUnavailable(
                    f"Keras and TensorFlow do not load here: {errors.last_line()}"
                ) from error
            finally:
                process.kill()

    def warm(self, limits: Limits) -> None:
        """Nothing is kept between jobs."""

    def probe(self) -> None:
        """Run a line of Python."""
        self.run({"source": "pass", "parts": [], "preload": False}, Limits())

    def close(self) -> None:
        """Nothing is kept between jobs."""


class Pipes:
    """A stream over pipes with a thread that reads: not every system can wait for a pipe."""

    def __init__(self, receiving: IO[bytes], sending: IO[bytes]) -> None:
        self._sending = sending
        self._pieces: queue.Queue[bytes] = queue.Queue()
        threading.Thread(target=self._read, args=(receiving,), daemon=True).start()

    def send(self, data: bytes, deadline: float) -> None:  # noqa: ARG002
        """All bytes; the guest reads them before it does anything else."""
        try:
            self._sending.write(data)
            self._sending.flush()
        except OSError as error:
            raise BrokenFrame(str(error)) from error

    def receive(self, deadline: float) -> bytes:
        """Some bytes, or none at the end."""
        try:
            return self._pieces.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            raise BrokenFrame("no answer in time", late=True) from None

    def _read(self, receiving: IO[bytes]) -> None:
        with suppress(OSError, ValueError):
            while data := receiving.read1(65536):  # type: ignore[attr-defined]
                self._pieces.put(data)
        self._pieces.put(b"")


class _Kept:
    """The last of what a process says on standard error, read so that it never blocks."""

    def __init__(self, errors: IO[bytes]) -> None:
        self._text = b""
        self._thread = threading.Thread(target=self._read, args=(errors,), daemon=True)
        self._thread.start()

    def last_line(self) -> str:
        self._thread.join(1.0)
        lines = self._text.decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else "the process ended"

    def _read(self, errors: IO[bytes]) -> None:
        with suppress(OSError, ValueError):
            while data := errors.read1(65536):  # type: ignore[attr-defined]
                self._text = (self._text + data)[-4096:]
