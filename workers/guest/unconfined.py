"""A student's own code on a student's own machine: the same claim, without a sandbox and on any system.

No fork, no users, no control groups: one thread reads what is printed, one looks at the clocks. Nothing here may
import what only POSIX has.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

from . import preload, student
from .compat import aside
from .frames import Channel
from .job import Job, Limits, parse

_TICK_SECONDS = 0.05
_DRAIN_SECONDS = 2.0


class _Output:
    """Whatever is written to standard output or error, by Python or by C, up to a limit."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._kept = bytearray()
        self._printed = 0
        self._reader, writer = os.pipe()
        for descriptor in (1, 2):
            os.dup2(writer, descriptor)
        os.close(writer)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    @property
    def is_too_much(self) -> bool:
        return self._printed > self._limits.output_bytes

    def finish(self) -> dict[str, Any]:
        """What was printed, after all of it has been read."""
        student.flush_output()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for descriptor in (1, 2):
            os.dup2(nowhere, descriptor)
        self._thread.join(_DRAIN_SECONDS)
        return self.so_far()

    def so_far(self) -> dict[str, Any]:
        text = bytes(self._kept).decode("utf-8", "replace")
        return {"stdout": text, "truncated": self._printed > len(self._kept)}

    def _read(self) -> None:
        while data := os.read(self._reader, 65536):
            self._printed += len(data)
            self._kept += data[: max(0, self._limits.kept_output_bytes - len(self._kept))]


class _Run:
    """One job with its clocks; the outcome is sent once, by whoever is first."""

    def __init__(self, job: Job, channel: Channel, output: _Output) -> None:
        self._job = job
        self._channel = channel
        self._output = output
        self._lock = threading.Lock()
        self._wall = time.monotonic()
        self._cpu = time.process_time()

    def watch(self) -> None:
        """End this process when a limit is passed; the student's code may never give the word back."""
        limits = self._job.limits
        while True:
            time.sleep(_TICK_SECONDS)
            if self._cpu_seconds() > limits.cpu_seconds:
                self._end("time_limit", {"clock": "cpu"}, None, self._output.so_far())
            if time.monotonic() - self._wall > limits.wall_seconds:
                self._end("time_limit", {"clock": "wall"}, None, self._output.so_far())
            if self._output.is_too_much:
                self._end("output_limit", {}, None, self._output.so_far())

    def finish(self, claim: bytes) -> None:
        """Send the claim."""
        if len(claim) > self._job.limits.description_bytes:
            self._end("claim_too_big", {}, None, self._output.finish())
        error = json.loads(claim).get("error")
        if error and error["reason"] in ("memory_limit", "process_limit", "disk_limit"):
            self._end(error["reason"], {}, None, self._output.finish())
        self._end("finished", {}, claim.decode(), self._output.finish())

    def _cpu_seconds(self) -> float:
        return time.process_time() - self._cpu

    def _end(self, outcome: str, detail: dict[str, Any], claim: str | None, printed: dict[str, Any]) -> None:
        with self._lock:
            self._channel.send(
                {
                    "format": 1,
                    "job": self._job.nonce,
                    "outcome": outcome,
                    "detail": detail,
                    "claim": claim,
                    **printed,
                    "cpu_seconds": self._cpu_seconds(),
                    "wall_seconds": time.monotonic() - self._wall,
                    "versions": preload.versions(),
                    "left_nothing": False,
                }
            )
            aside.remove()
            os._exit(0)


def main() -> None:
    """Take one job from standard input, send its outcome to what was standard output, and end."""
    channel = Channel(os.dup(0), os.dup(1))
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    job = parse(channel.receive())
    os.environ.update({name: preload.settings("")[name] for name in ("MPLBACKEND", "TF_CPP_MIN_LOG_LEVEL")})
    versions = preload.imports() if job.preload else {}
    channel.send({"format": 1, "job": job.nonce, "started": True, "versions": versions})
    # As Python has it for a script: its folder, which is the working one, comes first.
    sys.path.insert(0, str(Path.cwd()))
    run = _Run(job, channel, _Output(job.limits))
    threading.Thread(target=run.watch, daemon=True).start()
    sys.argv[:] = ["submission.py"]
    with aside.kept():
        claim = student.encoded(student.claim(job))
    run.finish(claim)
