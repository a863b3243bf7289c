"""One script for each limit that wants more than it may have, and how it must end. Each is bounded if nothing stops it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from grader.domain.assignment import Limits

from .base import DiskFull, Outcome, OutOfMemory, TimedOut, TooManyProcesses, TooMuchOutput

# Small, so that running into one takes a moment; a guest that runs already has its container's limits instead.
SMALL = Limits(
    cpu_seconds=8.0,
    wall_seconds=30.0,
    memory_mib=64,
    processes=32,
    disk_mib=8,
    output_bytes=256 * 1024,
    description_bytes=64 * 1024,
)


@dataclass(frozen=True)
class Trial:
    """What is tried, and what it must run into; `clock` where it is a clock. `limit` is named as `Sandbox.degraded` names it."""

    limit: str
    source: str
    ends: type
    clock: str = ""
    limits: Limits = SMALL

    def holds(self, outcome: Outcome) -> bool:
        """Whether this limit was what ended it."""
        return isinstance(outcome, self.ends) and getattr(outcome, "clock", "") == self.clock


# By two children together: a limit for each process alone would not do.
_CPU = """
import os, time
for _ in range(2):
    if os.fork() == 0:
        while time.process_time() < 4: pass
        os._exit(0)
for _ in range(2): os.wait()
"""
_WALL = "import time\ntime.sleep(10)"
# Sixteen children of half a gibibyte: a guest of 8 GiB is the largest that is believed to have a limit. In files that are no
# process's memory: looks at processes alone, which a guest falls back to, would not see them.
_MEMORY = """
import os, signal, time
for _ in range(16):
    if os.fork() == 0:
        try:
            for _ in range(64):
                os.write(os.memfd_create("held"), b"x" * (8 << 20))
            time.sleep(2)
        finally:
            os._exit(0)
for _ in range(16):
    if os.WIFSIGNALED(os.wait()[1]):
        os.kill(os.getpid(), signal.SIGKILL)
"""
_PROCESSES = """
import os, time
for _ in range(2000):
    if os.fork() == 0:
        time.sleep(20)
        os._exit(0)
"""
_OUTPUT = "for _ in range(16384): print('x' * 1023)"
# 2 GiB on each file system that can be written to.
_DISK = """
import errno
def fill(folder):
    for number in range(2048):
        with open(f"{folder}/canary-{number}", "wb", buffering=0) as file:
            if file.write(bytes(1 << 20)) < 1 << 20:
                raise OSError(errno.ENOSPC, "full")
try:
    fill("/dev/shm")
except OSError:
    fill(".")
"""

TRIALS = (
    Trial("cpu", _CPU, TimedOut, "cpu", replace(SMALL, cpu_seconds=0.3)),
    Trial("wall clock", _WALL, TimedOut, "wall", replace(SMALL, wall_seconds=0.5)),
    Trial("memory", _MEMORY, OutOfMemory),
    Trial("processes", _PROCESSES, TooManyProcesses),
    Trial("output", _OUTPUT, TooMuchOutput),
    Trial("disk", _DISK, DiskFull),
)
