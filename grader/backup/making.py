"""Making a backup of a service that may go on meanwhile."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tarfile import TarFile

from grader import __version__
from grader.backup import contents, manifest, snapshot
from grader.backup.archive import add, add_bytes, exists_already, new_archive
from grader.backup.contents import Member
from grader.backup.errors import BackupFailed, NotNow, in_words
from grader.backup.manifest import Entry, Manifest
from grader.db.columns import utc_now
from grader.db.migrate import revision_of
from grader.db.session import Database
from grader.settings import Settings

Say = Callable[[str, int, int], None]
"""What is being done, and how many bytes (of the database: pages) of how many are."""


@dataclass(frozen=True)
class Made:
    """What was written."""

    manifest: Manifest
    size: int


def make(settings: Settings, target: Path, say: Say, *, with_keys: bool = True, force: bool = False) -> Made:
    """Write the archive; NotNow or BackupFailed where there is none afterwards.

    Database first, since a job may not name data that are not there; keys and data change rarely, and never in part.
    """
    _refuse(settings, target, force=force)
    with (
        in_words(target.parent),
        tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as scratch,
    ):
        moment = utc_now().isoformat()
        members, revision = _database(settings, Path(scratch), say)
        with new_archive(target, force=force) as archive:
            if with_keys:
                members += contents.keys(settings)
            entries = [add(archive, member, _about(say, member.name)) for member in members]
            for folder in contents.datasets(settings):
                entries += _dataset(archive, folder, say)
            made = Manifest(
                format=manifest.FORMAT,
                made_at=moment,
                version=__version__,
                revision=revision,
                database="sqlite" if contents.sqlite_file(settings) else "postgresql",
                keys=with_keys,
                entries=tuple(entries),
            )
            add_bytes(archive, contents.MANIFEST, manifest.write(made))
        return Made(made, target.stat().st_size)


def _refuse(settings: Settings, target: Path, *, force: bool) -> None:
    """Whatever can be known before."""
    file = contents.sqlite_file(settings)
    if file is not None and not file.is_file():
        raise NotNow(
            f"There is no database {file}. Name the folder of the service with --data-dir or GRADER_DATA_DIR."
        )
    if not target.parent.is_dir():
        raise NotNow(f"There is no folder {target.parent}.")
    if target.is_dir():
        raise NotNow(f"{target} is a folder. Name a file.")
    if target.exists() and not force:
        raise exists_already(target)


def _database(settings: Settings, scratch: Path, say: Say) -> tuple[list[Member], str]:
    """The copy of a SQLite file, and the revision of the schema; no copy of a server's, which pg_dump makes."""
    file = contents.sqlite_file(settings)
    if file is None:
        database = Database(settings.effective_database_url)
        try:
            return [], revision_of(database)
        finally:
            database.close()
    copied = scratch / contents.DATABASE
    snapshot.copy(file, copied, lambda done, total: say("database, copied", done, total))
    revision = snapshot.revision_of(copied)
    if not revision:
        raise BackupFailed(f"{file} is no database of the grader.")
    return [Member(contents.DATABASE, copied)], revision


def _dataset(archive: TarFile, folder: Path, say: Say) -> Iterator[Entry]:
    """The files of one data set, which must all be of one import."""
    before = _identity(folder)
    for member in contents.files_of(folder):
        if contents.is_member(member.name):
            yield add(archive, member, _about(say, member.name))
    if _identity(folder) != before:
        raise BackupFailed(f"The data set {folder.name} was imported anew meanwhile. Do it again.")


def _identity(folder: Path) -> int:
    """Each import makes a folder of its own."""
    return folder.stat().st_ino


def _about(say: Say, name: str) -> Callable[[int, int], None]:
    return lambda done, total: say(name, done, total)
