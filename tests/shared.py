"""What the processes of one run of the tests share: a folder, and doors through which one of them goes at a time."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

UNTIL_WE_END = ("setpriv", "--pdeathsig", "KILL")
"""Before the words of a command: its process does not outlive the one that starts it, however that one ends."""

_VARIABLE = "KERAS_GRADER_TESTS"


def is_first_process() -> bool:
    """Whether this is the process that pytest was started as; those of pytest-xdist are its children."""
    return "PYTEST_XDIST_WORKER" not in os.environ


def make_folder() -> None:
    """Make the folder; processes that are started from now on know of it."""
    os.environ[_VARIABLE] = tempfile.mkdtemp(prefix="keras-grader-tests-")


def folder() -> Path:
    """The folder of this run."""
    return Path(os.environ[_VARIABLE])


def remove_folder() -> None:
    """At the end."""
    shutil.rmtree(os.environ.pop(_VARIABLE), ignore_errors=True)


def lock() -> Path:
    """A file that is locked for as long as this run lasts: whoever gets its lock knows that the run has ended."""
    return folder() / "run.lock"


def take_lock() -> IO[str]:
    """Take `lock` until the file is closed; the kernel closes those of a process that is killed."""
    held = lock().open("w")
    fcntl.flock(held, fcntl.LOCK_EX)
    return held


@contextmanager
def one_at_a_time(what: str) -> Iterator[None]:
    """Wait until no other process is at it."""
    with (folder() / f"{what}.lock").open("w") as door:
        fcntl.flock(door, fcntl.LOCK_EX)
        yield
