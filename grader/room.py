"""Whether there is room for what a submission writes on this machine: by a look, and by really writing a little."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import make_url

from grader.settings import Settings

LEAST_BYTES = 32 * 1024 * 1024
"""More than the largest upload, with its rows and its message."""

LEAST_FILES = 200
A_LITTLE = b"\0" * 4096


def has_room(settings: Settings) -> bool:
    """Whether database and queue can grow; those of other machines tell for themselves."""
    return all(_takes_more(folder) for folder in set(_written_to(settings).values()))


def free_bytes(settings: Settings) -> Mapping[str, int]:
    """What is free for `database` and `queue`, where they lie on this machine; 0 for a folder that is gone."""
    return {name: _free(folder) for name, folder in _written_to(settings).items()}


def _written_to(settings: Settings) -> dict[str, Path]:
    folders = {}
    database = make_url(settings.effective_database_url)
    if database.get_backend_name() == "sqlite" and database.database:
        folders["database"] = Path(database.database).parent
    if not settings.broker_url:
        folders["queue"] = settings.data_dir / "queue" / "messages"
    return folders


def _free(folder: Path) -> int:
    try:
        stands = os.statvfs(folder)
    except OSError:
        return 0
    return stands.f_bavail * stands.f_frsize


def _takes_more(folder: Path) -> bool:
    try:
        stands = os.statvfs(folder)
        if stands.f_bavail * stands.f_frsize < LEAST_BYTES:
            return False
        if stands.f_files and stands.f_favail < LEAST_FILES:  # some file systems count none
            return False
        with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
            file.write(A_LITTLE)
    except OSError:
        return False
    return True
