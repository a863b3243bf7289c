"""Kept runs in a folder, for the workers of one machine: a file for each run, written at once or not at all.

A lock is a file that its holder has locked with `flock`: the kernel lets go of it when the holder dies.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from workers.training.run_cache import MOST_BYTES

POLLING_SECONDS = 0.1
TIDY_EVERY = 100
ROOM_KEPT = 0.9
"""What tidying leaves of the room, so that it has something to do only now and then."""


class FolderCache:
    """At most `most_bytes` of entries; those that were used longest ago go first."""

    def __init__(self, folder: Path, most_bytes: int = 64 * 1024 * 1024) -> None:
        self._folder = folder
        self._most_bytes = most_bytes
        self._puts = 0

    def get(self, key: str) -> bytes | None:
        """The entry, which counts as used now."""
        path = self._path(key)
        try:
            with path.open("rb") as file:
                entry = file.read(MOST_BYTES + 1)
            os.utime(path)
        except OSError:
            return None
        return entry

    def put(self, key: str, entry: bytes) -> None:
        """Write beside, then rename; every now and then make room."""
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            number, name = tempfile.mkstemp(dir=self._folder, prefix=".new-")
            with os.fdopen(number, "wb") as file:
                file.write(entry)
            Path(name).replace(self._path(key))
        if self._puts % TIDY_EVERY == 0:
            self._tidy()
        self._puts += 1

    @contextmanager
    def alone(self, key: str, seconds: float) -> Iterator[None]:
        """Hold the key's lock file."""
        lock = self._locked(self._path(key).with_suffix(".lock"), time.monotonic() + seconds)
        try:
            yield
        finally:
            if lock is not None:
                # Away with the name while the lock is held: whoever waits sees that it holds a file without a name.
                with suppress(OSError):
                    self._path(key).with_suffix(".lock").unlink()
                os.close(lock)

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.json"

    def _locked(self, path: Path, until: float) -> int | None:
        """A locked file descriptor; None where there is no folder, or when time is up."""
        while True:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            except OSError:
                return None
            if _lock(lock) and _is_at(lock, path):
                return lock
            os.close(lock)
            if time.monotonic() >= until:
                return None
            time.sleep(POLLING_SECONDS)

    def _tidy(self) -> None:
        """Remove what was used longest ago until there is room; unfinished files of the dead go with them."""
        found = sorted((_facts(path) for path in _files(self._folder)), reverse=True)
        room = self._most_bytes if sum(size for _, size, _ in found) <= self._most_bytes else None
        left = room if room is not None else int(self._most_bytes * ROOM_KEPT)
        for _, size, path in found:
            left -= size
            if left < 0:
                with suppress(OSError):
                    path.unlink()


def _files(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.suffix != ".lock"]
    except OSError:
        return []


def _facts(path: Path) -> tuple[float, int, Path]:
    try:
        found = path.stat()
    except OSError:
        return 0.0, 0, path
    return found.st_mtime, found.st_size, path


def _lock(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _is_at(lock: int, path: Path) -> bool:
    """Whether the locked file still has its name: who held it before takes the name away."""
    try:
        return os.path.samestat(os.fstat(lock), path.stat())
    except OSError:
        return False
