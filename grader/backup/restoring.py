"""Bringing a backup back: everything is looked at and made ready beside, then put in place; what was there is kept."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from grader.backup import contents, reading, server, snapshot
from grader.backup.contents import place_of
from grader.backup.errors import BackupFailed, NotNow, in_words
from grader.backup.manifest import Manifest
from grader.backup.placing import Places
from grader.backup.reading import Backup
from grader.backup.reconciling import reconcile
from grader.db.columns import utc_now
from grader.db.migrate import known_revisions
from grader.db.outgoing import Waiting
from grader.db.session import Database
from grader.private import BESIDE_A_DATABASE, private_folder
from grader.settings import Settings

Say = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Restored:
    """What came of it: submissions that are graded anew, messages that are held, and where what was there before lies."""

    manifest: Manifest
    unfinished: int
    held: tuple[Waiting, ...]
    aside: tuple[Path, ...]


def restore(settings: Settings, archive: Path, say: Say, *, force: bool = False) -> Restored:
    """Bring it back into the data folder; NotNow or BackupFailed where nothing was changed.

    The caller holds the lock of the data folder, so that no `grader serve` runs on it.
    """
    with reading.opened(archive, say) as backup, in_words(settings.data_dir):
        _refuse(settings, backup.manifest, force=force)
        with _beside(settings.data_dir) as ready:
            backup.unpack(ready)
            if backup.manifest.database == "postgresql":
                unfinished, held = server.take_back(settings, backup.manifest, force=force)
            else:
                unfinished, held = _make_ready(ready / contents.DATABASE, backup.manifest)
            aside = _put_in_place(settings, backup, ready)
    return Restored(backup.manifest, unfinished, tuple(held), tuple(aside))


def _refuse(settings: Settings, manifest: Manifest, *, force: bool) -> None:
    if manifest.revision not in known_revisions():
        detail = f"The backup's database has the schema {manifest.revision}, which is newer than this program. Install the version that made it ({manifest.version}), or a newer one."
        raise BackupFailed(detail)
    file = contents.sqlite_file(settings)
    if (file is None) != (manifest.database == "postgresql"):
        wanted = "set GRADER_DATABASE_URL to the PostgreSQL database that pg_restore has filled"
        if manifest.database == "sqlite":
            wanted = "unset GRADER_DATABASE_URL, which names another kind of database"
        raise NotNow(f"The backup is of a service on {manifest.database}: {wanted}.")
    there = [path for path in _in_the_way(settings, manifest) if path.exists()]
    if there and not force:
        names = ", ".join(str(path) for path in there[:3])
        detail = f"There are data already: {names}. Name another folder with --data-dir, or say --force: what is there is put aside, and nothing is deleted."
        raise NotNow(detail)
    if file is not None and file.exists():
        snapshot.refuse_open(file)


def _in_the_way(settings: Settings, manifest: Manifest) -> Iterator[Path]:
    """What there is that a restore takes the place of; without keys of its own it leaves those that are there."""
    file = contents.sqlite_file(settings)
    if file is not None:
        yield from (file.with_name(file.name + ending) for ending in ("", *BESIDE_A_DATABASE))
    if manifest.keys:
        yield from (member.path for member in contents.keys(settings))
    yield from contents.datasets(settings)


@contextmanager
def _beside(data_dir: Path) -> Iterator[Path]:
    """A folder in the data folder, on the same disk; it is gone afterwards."""
    private_folder(data_dir)
    made = Path(tempfile.mkdtemp(prefix=".restoring-", dir=data_dir))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _make_ready(file: Path, manifest: Manifest) -> tuple[int, list[Waiting]]:
    """The database, checked, migrated, with everything to be sent anew and no message to leave."""
    problem = snapshot.check(file)
    if problem:
        raise BackupFailed(f"The backup's database is damaged: {problem}. Nothing was changed.")
    if snapshot.revision_of(file) != manifest.revision:
        raise BackupFailed(
            "The backup is damaged: its database is not of the schema that its manifest names."
        )
    database = Database(f"sqlite:///{file}")
    try:
        return reconcile(database, manifest.moment)
    finally:
        database.close()


def _put_in_place(settings: Settings, backup: Backup, ready: Path) -> list[Path]:
    """Exchange what was there for what came, all or nothing; where what was there lies now."""
    names = [entry.name for entry in backup.manifest.entries]
    folders = sorted({name.split("/")[1] for name in names if name.startswith("datasets/")})
    with Places(settings.data_dir, utc_now()) as places:
        # A message that is in the queue still speaks of other submissions.
        for path in (settings.data_dir / "queue", *_in_the_way(settings, backup.manifest)):
            places.put_aside(path)
        for folder in folders:
            places.put(ready / "datasets" / folder, settings.data_dir / "datasets" / folder)
        # The database last: with it the service is there.
        for name in sorted((one for one in names if not one.startswith("datasets/")), reverse=True):
            places.put(ready / name, place_of(name, settings))
    (settings.data_dir / "stopped").touch(mode=0o600)  # what was running is nobody's fault
    return places.aside
