"""What a service keeps is its owner's alone, whatever the folder was before: 0700 for folders, 0600 for files."""

from __future__ import annotations

import logging
import os
import stat
from contextlib import suppress
from pathlib import Path

log = logging.getLogger(__name__)

FOLDER, FILE = 0o700, 0o600
BESIDE_A_DATABASE = ("-wal", "-shm", "-journal")
"""SQLite gives new ones the mode of the database."""


def private_folder(path: Path) -> Path:
    """The folder, made where it is missing; others lose what they could do in it.

    One that everybody shares (with a sticky bit, as /tmp has it) or that belongs to somebody else stays as it is, with
    a warning: what we write into it is private all the same.
    """
    path.mkdir(parents=True, exist_ok=True, mode=FOLDER)
    found = path.stat()
    if not found.st_mode & 0o077:
        return path
    if found.st_mode & stat.S_ISVTX or found.st_uid != os.geteuid():
        log.warning("%s can be looked into by others; keep the data in a folder of the grader's own", path)
        return path
    with suppress(OSError):
        path.chmod(FOLDER)
    return path


def private_file(path: Path) -> Path:
    """The file, made empty where it is missing; nobody but its owner reads it. OSError where it cannot be made."""
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE))
    _close_to_others(path)
    return path


def private_database(path: Path) -> None:
    """A SQLite file, and what SQLite keeps beside it."""
    private_file(path)
    for ending in BESIDE_A_DATABASE:
        _close_to_others(path.with_name(path.name + ending))


def _close_to_others(path: Path) -> None:
    with suppress(OSError):
        found = path.stat()
        if stat.S_ISREG(found.st_mode) and found.st_mode & 0o077:
            path.chmod(FILE)
