"""What a forked child does to itself before the first line of student code: everything is given away.

Afterwards it has its own user (where the supervisor may change users), its own session and empty folder, no
descriptor but /dev/null, the output pipe and the claim pipe, no capability, a system call filter and limits.
"""

from __future__ import annotations

import io
import math
import os
import resource
import signal
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from . import kernel, preload, seccomp
from .job import Limits

RESULTS = 3
_MIB = 1024 * 1024


@dataclass(frozen=True)
class Cell:
    """Where one job lives: its user (None: the supervisor's own) and its folder, which does not exist yet."""

    uid: int | None
    folder: Path


@dataclass(frozen=True)
class Pipes:
    """The child's ends: one for all that is printed, one for the claim."""

    output: int
    results: int


@dataclass(frozen=True)
class Counted:
    """What the control group limits and counts; the rest gets a limit per process."""

    memory: bool
    processes: bool


def enter(cell: Cell, limits: Limits, pipes: Pipes, counted: Counted) -> None:
    """Give up everything; raises `OSError` if any step is refused, and then no student code may run."""
    os.setsid()
    _forget_signals()
    _keep_only(pipes)
    _raise_oom_score()
    if cell.uid is not None:
        os.setgroups([])
        os.setresgid(cell.uid, cell.uid, cell.uid)
    _limit(limits, counted)
    if cell.uid is not None:
        os.setresuid(cell.uid, cell.uid, cell.uid)
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    kernel.drop_capabilities()
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
    seccomp.install(memory_is_counted=counted.memory)
    _move_in(cell.folder)


def _forget_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(
        signal.SIGPIPE, signal.SIG_IGN
    )  # as Python has it: a pipe that nobody reads is an exception


def _keep_only(pipes: Pipes) -> None:
    nowhere = os.open(os.devnull, os.O_RDONLY)
    # High numbers first: none of the four targets may be overwritten before it was copied.
    high = [
        os.dup2(fd, 200 + index)
        for index, fd in enumerate((nowhere, pipes.output, pipes.output, pipes.results))
    ]
    for target, fd in enumerate(high):
        os.dup2(fd, target)
    kernel.close_descriptors_from(RESULTS + 1)
    os.set_inheritable(RESULTS, False)
    sys.stdin = io.TextIOWrapper(io.FileIO(0, "r", closefd=False), encoding="utf-8")
    sys.stdout = _text(1)
    sys.stderr = _text(2)


def _text(descriptor: int) -> io.TextIOWrapper:
    raw = io.BufferedWriter(io.FileIO(descriptor, "w", closefd=False))
    return io.TextIOWrapper(raw, encoding="utf-8", errors="backslashreplace", line_buffering=True)


def _raise_oom_score() -> None:
    # Under memory pressure the kernel must choose this process, not the supervisor.
    try:
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    except OSError:
        return


def _limit(limits: Limits, counted: Counted) -> None:
    """Per-process limits: a second line behind the counters of the whole tree, which the supervisor watches."""
    cpu = math.ceil(limits.cpu_seconds + time.process_time()) + 2
    wanted = {
        # With 0 a machine whose core_pattern is a program would still run it; 1 is the kernel's word for never.
        resource.RLIMIT_CORE: 1,
        resource.RLIMIT_NOFILE: 256,
        resource.RLIMIT_FSIZE: limits.disk_mib * _MIB,
        resource.RLIMIT_STACK: 16 * _MIB,
        resource.RLIMIT_CPU: cpu,
        resource.RLIMIT_MEMLOCK: 8 * _MIB,
        resource.RLIMIT_MSGQUEUE: 0,
    }
    if not counted.processes:
        wanted[resource.RLIMIT_NPROC] = limits.processes
    if not counted.memory:
        wanted[resource.RLIMIT_AS] = limits.memory_mib * _MIB + _address_space()
    for name, most in wanted.items():
        hard = resource.getrlimit(name)[1]
        value = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(name, (value, value))


def _address_space() -> int:
    """Bytes of address space that this process has already: TensorFlow reserves much that it never touches."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    return pages * resource.getpagesize()


def _move_in(folder: Path) -> None:
    os.umask(0o077)
    folder.mkdir(mode=0o700)
    os.chdir(folder)
    preload.use_environment(str(folder))
    tempfile.tempdir = None
    # The folder comes first, as a script's own does: modules that the code writes are found there.
    sys.path[:] = ["", *(entry for entry in sys.path if entry)]
    sys.argv[:] = ["submission.py"]
