"""What a backup holds, and what of a data folder is left out since it comes again by itself.

In it: the database (people, submissions, reports, what others are owed, versions of assignments, what data courses are
pinned to), keys, data sets that were imported. Not in it: `queue/` and `grading/` (the table is the truth), `cache/` (kept
trainings, their key, generated data), `logs/`, notes of running processes. Assignments of a course's own lie in folders of
their authors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

from grader.settings import Settings

DATABASE = "grader.db"
MANIFEST = "manifest.json"
KEYS = ("secret-key", "metrics-token")
"""Files of the data folder that hold a secret of the service."""

_NAME = r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}"
_MEMBER = re.compile(rf"grader\.db|keys/({'|'.join(KEYS)})|datasets/{_NAME}/{_NAME}")


@dataclass(frozen=True)
class Member:
    """A file of a backup: its name there, and where it lies."""

    name: str
    path: Path


def is_member(name: str) -> bool:
    """Whether a backup may hold a file of this name: no other name is ever written or read."""
    return _MEMBER.fullmatch(name) is not None


def place_of(name: str, settings: Settings) -> Path:
    """Where a member lies in a service of these settings."""
    if name == DATABASE:
        return sqlite_file(settings) or settings.data_dir / DATABASE
    kind, _, rest = name.partition("/")
    return settings.data_dir / (rest if kind == "keys" else name)


def keys(settings: Settings) -> Iterator[Member]:
    """The keys that lie in the data folder; those of the operator's own files are his to keep."""
    for name in KEYS:
        if (settings.data_dir / name).is_file():
            yield Member(f"keys/{name}", settings.data_dir / name)


def keys_elsewhere(settings: Settings) -> list[Path]:
    """Files of keys that the settings name."""
    named = (settings.secret_key_file, settings.metrics_token_file, settings.run_cache_key_file)
    return [path for path in named if path is not None]


def datasets(settings: Settings) -> Iterator[Path]:
    """The folders of imported data sets."""
    folder = settings.data_dir / "datasets"
    if folder.is_dir():
        yield from sorted(
            each for each in folder.iterdir() if re.fullmatch(_NAME, each.name) and each.is_dir()
        )


def files_of(dataset: Path) -> Iterator[Member]:
    """What lies in the folder of a data set."""
    for path in sorted(dataset.iterdir()):
        if path.is_file():
            yield Member(f"datasets/{dataset.name}/{path.name}", path)


def sqlite_file(settings: Settings) -> Path | None:
    """The file of the database; None where that is a server."""
    url = make_url(settings.effective_database_url)
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None
