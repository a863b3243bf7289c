"""What has been seen of a running job so far: its output, its claim, its clocks."""

from __future__ import annotations

import os
import select
from dataclasses import dataclass, field

from .job import Limits
from .progress import Progress

_READ = 65536
_MIB = 1024 * 1024


@dataclass
class Watch:
    """The pipes of a running job and what came out of them. CPU time is in seconds, of the whole tree."""

    pid: int
    limits: Limits
    output: int
    results: int
    progress: Progress = field(default_factory=Progress)
    kept: bytearray = field(default_factory=bytearray)
    printed: int = 0
    claim: bytearray = field(default_factory=bytearray)
    stopped: str | None = None
    clock: str | None = None
    status: int | None = None
    cpu_seconds: float = 0.0
    ended: int = 0

    def poll(self) -> select.poll:
        """A poll object for both pipes, which no longer block."""
        poll = select.poll()
        for descriptor in (self.output, self.results):
            os.set_blocking(descriptor, False)
            poll.register(descriptor, select.POLLIN)
        return poll

    def take(self, descriptor: int) -> bool:
        """Read what one pipe holds, within the caps; False when there is nothing (more)."""
        try:
            data = os.read(descriptor, _READ)
        except BlockingIOError:
            return False
        if descriptor == self.results:
            self._take_claim(data)
        else:
            self._take_output(data)
        return bool(data)

    def drain(self) -> None:
        """What still stands in the pipes; their end may never come, so nobody waits for it."""
        for descriptor in (self.output, self.results):
            while self.stopped is None and self.take(descriptor):
                pass

    def close(self) -> None:
        """Close both pipes, and read how far the job had come."""
        os.close(self.output)
        os.close(self.results)
        self.ended = self.progress.ended()
        self.progress.close()

    def check_clocks(self, cpu: float, wall: float) -> None:
        """Stop a job that is over its CPU time or its wall clock, both in seconds."""
        self.cpu_seconds = max(self.cpu_seconds, cpu)
        if self.stopped is not None:
            return
        if self.cpu_seconds > self.limits.cpu_seconds:
            self.stopped, self.clock = "time_limit", "cpu"
        elif wall > self.limits.wall_seconds:
            self.stopped, self.clock = "time_limit", "wall"

    def check_memory(self, used: int) -> None:
        """Stop a job that holds more than it may, in bytes."""
        if used > self.limits.memory_mib * _MIB:
            self.stopped = self.stopped or "memory_limit"

    def _take_claim(self, data: bytes) -> None:
        self.claim += data
        if len(self.claim) > self.limits.description_bytes:
            self.stopped = self.stopped or "claim_too_big"

    def _take_output(self, data: bytes) -> None:
        self.printed += len(data)
        self.kept += data[: max(0, self.limits.kept_output_bytes - len(self.kept))]
        if self.printed > self.limits.output_bytes:
            self.stopped = self.stopped or "output_limit"
