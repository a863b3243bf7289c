"""The trusted process inside the sandbox: forks a child for a job, watches it, says how it ended.

It alone decides why a job ended: by its own clock, by the kernel's counters and by what it read itself, never
by an exit status alone. It runs no student code and holds no secret.
"""

from __future__ import annotations

import os
import select
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from . import cleaning, counters, jail, kernel, preload, student, users, verdict
from .frames import Channel, HostIsGone
from .job import Job
from .memory import Memory
from .progress import Progress
from .watch import Watch

_TICK_MS = 20
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108


class Supervisor:
    """Runs jobs one after the other. `scratch` is a writable folder on a file system of limited size."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self.users = users.of_this_namespace() if kernel.may_change_user() else None
        # Only as process 1 of a namespace: everything else in it is then a job's.
        self._owns_namespace = os.getpid() == 1
        self.is_clean = True
        self.settle()

    def settle(self) -> None:
        """Make this process, perhaps just forked, the one that orphans go to and that nobody can look into."""
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
        kernel.prctl(kernel.PR_SET_DUMPABLE, 0)

    def take_user(self) -> int | None:
        """A user that no job has had; None where all jobs run as the supervisor's own. Raises `NoUsersLeft`."""
        return self.users.take() if self.users else None

    def _has_users(self) -> bool:
        return self.users is None or not self.users.are_used_up

    def run(self, job: Job, channel: Channel) -> dict[str, Any]:
        """Run one job to its end; afterwards `is_clean` says whether another may follow.

        Raises `HostIsGone` when nobody waits for the outcome any more; the job is then dead, too.
        """
        cell = jail.Cell(self.take_user(), self._scratch / f"job-{os.urandom(8).hex()}")
        meter = _Meter(cell.uid, self._scratch)
        watch = _start(job, cell)
        try:
            _follow(watch, meter, channel)
        finally:
            self.is_clean = cleaning.kill_everything(
                cleaning.Reach(cell.uid, watch.pid, self._owns_namespace)
            )
            watch.drain()
            watch.close()
        wall = meter.wall_seconds()
        outcome = verdict.outcome(
            job, watch, meter.before, counters.read(), disk_is_full=_is_full(self._scratch)
        )
        self.is_clean = self.is_clean and cleaning.remove_files(cell.uid, self._scratch) and self._has_users()
        times = {"cpu_seconds": round(watch.cpu_seconds, 4), "wall_seconds": round(wall, 4)}
        return {**outcome, **times, "versions": preload.versions(), "left_nothing": self.is_clean}


class _Meter:
    """Since a job's start: seconds of its wall clock, CPU seconds of its whole tree without our own, bytes that it holds."""

    def __init__(self, uid: int | None, scratch: Path) -> None:
        self._uid = uid
        self._started = time.monotonic()
        self._times = os.times()
        self.before = counters.read()
        # Where a control group counts memory, the kernel itself is in the way.
        self._memory = Memory(uid, [scratch, _SHARED_MEMORY]) if self.before.memory_kills is None else None

    def memory_bytes(self) -> int:
        """What the job holds; 0 where a control group has an eye on that."""
        return self._memory.used_bytes() if self._memory else 0

    def wall_seconds(self) -> float:
        return time.monotonic() - self._started

    def cpu_seconds(self) -> float:
        """The control group's count, else the sum over /proc and over what was reaped."""
        now, times = counters.read(), os.times()
        own = times.user + times.system - self._times.user - self._times.system
        if now.cpu_seconds is not None and self.before.cpu_seconds is not None:
            return now.cpu_seconds - self.before.cpu_seconds - own
        reaped = times.children_user + times.children_system
        reaped -= self._times.children_user + self._times.children_system
        return counters.tree_cpu_seconds(self._uid) + reaped


def _start(job: Job, cell: jail.Cell) -> Watch:
    now = counters.read()
    counted = jail.Counted(memory=now.memory_kills is not None, processes=now.refused_forks is not None)
    output, output_end = os.pipe()
    results, results_end = os.pipe()
    progress = Progress()
    pid = os.fork()
    if pid == 0:
        _live(job, cell, jail.Pipes(output_end, results_end), counted, progress)
    os.close(output_end)
    os.close(results_end)
    return Watch(pid, job.limits, output, results, progress)


def _live(job: Job, cell: jail.Cell, pipes: jail.Pipes, counted: jail.Counted, progress: Progress) -> None:
    """The child, from its fork to its end; never returns."""
    status = 70
    try:
        jail.enter(cell, job.limits, pipes, counted)
        rest = memoryview(student.encoded(student.claim(job, progress.tell)))
        while rest:
            rest = rest[os.write(jail.RESULTS, rest) :]
        student.flush_output()
        status = 0
    finally:
        os._exit(status)


def _follow(watch: Watch, meter: _Meter, channel: Channel) -> None:
    """Read, count and wait until the child has ended or something is over its limit."""
    poll = watch.poll()
    poll.register(channel.receiving, select.POLLHUP | select.POLLRDHUP)
    while watch.stopped is None and watch.status is None:
        for descriptor, event in poll.poll(_TICK_MS):
            if descriptor == channel.receiving:
                raise HostIsGone("while a job ran")
            if not watch.take(descriptor) and event & select.POLLHUP:
                poll.unregister(descriptor)
        watch.status = cleaning.reap().get(watch.pid)
        watch.check_clocks(meter.cpu_seconds(), meter.wall_seconds())
        watch.check_memory(meter.memory_bytes())


def _is_full(scratch: Path) -> bool:
    for folder in (scratch, _SHARED_MEMORY):
        with suppress(OSError):
            room = os.statvfs(folder)
            if room.f_bavail * 50 < room.f_blocks or (room.f_files > 0 and room.f_favail == 0):
                return True
    return False
