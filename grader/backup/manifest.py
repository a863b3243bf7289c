"""What a backup says of itself: its format, when and by which program it was made, and the SHA-256 of each file in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from grader import wire
from grader.backup.contents import DATABASE, is_member
from grader.backup.errors import BackupFailed

FORMAT = 1
LONGEST = 4 * 1024 * 1024
"""Bytes of a manifest."""


@dataclass(frozen=True)
class Entry:
    """One file: bytes, and SHA-256 (FIPS 180-4) in hexadecimal."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """`database` is `sqlite` where the database is in the archive, `postgresql` where pg_dump keeps it; `revision` is of its schema.

    `made_at` (ISO 8601 with a zone) is a moment before the first byte of the database was read: what was written later may be missing.
    """

    format: int
    made_at: str
    version: str
    revision: str
    database: str
    keys: bool
    entries: tuple[Entry, ...]

    @property
    def moment(self) -> datetime:
        """`made_at`."""
        return datetime.fromisoformat(self.made_at)


def write(manifest: Manifest) -> bytes:
    """As it stands in the archive."""
    return wire.dumps(manifest)


def read(data: bytes) -> Manifest:
    """BackupFailed where these bytes are no manifest of a format that this program knows."""
    try:
        if _format(data) != FORMAT:
            detail = f"The backup has the format {_format(data)}, and this program reads {FORMAT}. Restore it with the program that made it, or a newer one."
            raise BackupFailed(detail)
        manifest = wire.loads(Manifest, data)
        moment = manifest.moment
    except (wire.WireError, ValueError, KeyError, TypeError, RecursionError) as error:
        detail = f"The backup is damaged: its manifest cannot be read ({type(error).__name__})."
        raise BackupFailed(detail) from error
    names = [entry.name for entry in manifest.entries]
    has_database = DATABASE in names
    if (
        moment.tzinfo is None
        or len(set(names)) < len(names)
        or not all(map(is_member, names))
        or manifest.database not in {"sqlite", "postgresql"}
        or has_database != (manifest.database == "sqlite")
    ):
        raise BackupFailed("The backup is damaged: its manifest does not say what a backup holds.")
    return manifest


def _format(data: bytes) -> object:
    """By itself, since the other fields of another format may be others."""
    said = wire.parse(data)
    return said.get("format") if isinstance(said, dict) else None
