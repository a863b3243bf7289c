"""`unix:PATH`: a guest that already runs as a hardened container of its own, reached by a shared socket.

Whoever orchestrates it restarts it when it gives itself up; here one waits and tries again.
"""

from __future__ import annotations

import logging
import socket
import time
from pathlib import Path

from grader.domain.assignment import Limits
from grader.domain.errors import SandboxLost, SandboxUnavailable

from .base import Job, Outcome
from .conversation import LostGuest, NeverStarted, hold
from .frames import Descriptors

log = logging.getLogger("workers")

# Several workers may wait for one guest, which takes one job at a time, or restarts.
WAIT_SECONDS = 300.0
_PAUSE_SECONDS = 0.1
_PROBE_SECONDS = 60.0


class UnixSocketSandbox:
    """A guest behind a Unix socket; its container's limits are the limits."""

    name = "unix"
    degraded: tuple[str, ...] = ()

    def __init__(self, path: Path, *, wait_seconds: float = WAIT_SECONDS) -> None:
        self._path = path
        self._wait_seconds = wait_seconds

    def run(self, job: Job, limits: Limits) -> Outcome:
        """Run one job. Raises `SandboxUnavailable` if the guest does not take it in time, `SandboxLost` if it dies twice."""
        try:
            return self._run(job, limits, self._wait_seconds)
        except LostGuest as error:
            log.warning("%s; once more when it is back", error)
        try:
            return self._run(job, limits, self._wait_seconds)
        except LostGuest as error:
            raise SandboxLost(f"the guest at {self._path} was lost twice under a job: {error}") from error

    def probe(self) -> None:
        """Run a line of Python for real. Raises `SandboxUnavailable`."""
        self._run({"source": "pass", "parts": [], "preload": False}, Limits(), _PROBE_SECONDS)

    def warm(self, limits: Limits) -> None:
        """The guest looks after itself."""

    def close(self) -> None:
        """Nothing is kept between jobs."""

    def _run(self, job: Job, limits: Limits, wait_seconds: float) -> Outcome:
        if not self._path.parent.is_dir():
            # A guest that restarts takes its socket with it, never the shared folder.
            raise SandboxUnavailable(f"there is no folder {self._path.parent} for a guest's socket")
        deadline = time.monotonic() + wait_seconds
        while True:
            try:
                return self._try(job, limits, max(0.1, deadline - time.monotonic()))
            except (OSError, NeverStarted) as error:
                if time.monotonic() > deadline:
                    raise SandboxUnavailable(f"no guest answers at {self._path}: {error}") from error
                time.sleep(_PAUSE_SECONDS)

    def _try(self, job: Job, limits: Limits, wait_seconds: float) -> Outcome:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(min(5.0, wait_seconds))
            connection.connect(str(self._path))
            stream = Descriptors(connection.fileno(), connection.fileno())
            return hold(stream, job, limits, startup_seconds=wait_seconds)
