"""Folders for a moment, below the machine's temporary one. What a killed process has left there, the next worker removes."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType

PREFIX = "grader-scratch-"
YOUNG_SECONDS = 60.0
"""A folder of this age may be one whose maker has not locked it yet."""


class Scratch:
    """A folder that goes with the block. It is locked until then, and the kernel unlocks it when its process is killed."""

    def __init__(self, purpose: str) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{purpose}-"))
        self._lock = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def __enter__(self) -> Path:
        return self.path

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove it with all that is in it; may be called twice."""
        if self._lock >= 0:
            shutil.rmtree(self.path, ignore_errors=True)
            os.close(self._lock)
            self._lock = -1


def remove_abandoned(young: float = YOUNG_SECONDS) -> None:
    """Remove this user's folders whose process is gone, unless they are as `young` as that."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):  # somebody else's, or somebody else removes it at this moment
            _remove_unless_locked(folder, young)


def _remove_unless_locked(folder: Path, young: float) -> None:
    place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        found = os.fstat(place)
        if found.st_uid == os.geteuid() and time.time() - found.st_mtime > young:
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder)
    finally:
        os.close(place)
