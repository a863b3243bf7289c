"""Reading a backup that may be damaged, or made by somebody who means ill: every file is measured before any is used."""

from __future__ import annotations

import hashlib
import os
import struct
import tarfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from grader.backup import contents, manifest
from grader.backup.archive import BLOCK
from grader.backup.errors import BackupFailed, NotNow, in_words
from grader.backup.manifest import Entry, Manifest
from grader.private import FILE, FOLDER

MOST_MEMBERS = 10_000


class Backup:
    """An archive whose every file was read once and is what its manifest says."""

    def __init__(self, archive: tarfile.TarFile, say: Callable[[str, int, int], None]) -> None:
        """BackupFailed for whatever is not as it was written."""
        self._archive = archive
        self._members = _members(archive)
        self.manifest = _manifest(archive, self._members)
        promised = {entry.name for entry in self.manifest.entries}
        if promised != set(self._members) - {contents.MANIFEST}:
            raise BackupFailed("The backup is damaged: it does not hold the files that its manifest names.")
        for entry in self.manifest.entries:
            self._read(entry, lambda _block: None)
            say(entry.name, entry.size, entry.size)

    def unpack(self, folder: Path) -> None:
        """Every file below a folder, for its owner alone; measured once more as it is written."""
        for entry in self.manifest.entries:
            tarfile.data_filter(self._members[entry.name], str(folder))  # refuses whatever leads out of it
            target = folder / entry.name
            target.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER)
            descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, FILE)
            with os.fdopen(descriptor, "wb") as file:
                self._read(entry, file.write)
                file.flush()
                os.fsync(file.fileno())

    def _read(self, entry: Entry, take: Callable[[bytes], object]) -> None:
        digest, size = hashlib.sha256(), 0
        for block in _blocks(_open(self._archive, self._members[entry.name])):
            digest.update(block)
            size += len(block)
            take(block)
        if (size, digest.hexdigest()) != (entry.size, entry.sha256):
            raise BackupFailed(f"The backup is damaged: {entry.name} is not what was written.")


@contextmanager
def opened(path: Path, say: Callable[[str, int, int], None]) -> Iterator[Backup]:
    """The backup in a file, checked; NotNow where there is no such file, BackupFailed where it is none, or damaged."""
    if not path.is_file():
        raise NotNow(f"There is no file {path}.")
    with ExitStack() as opened_files:
        with in_words(path), _tar_in_words(path):
            found = Backup(opened_files.enter_context(tarfile.open(path, "r:")), say)
        yield found


@contextmanager
def _tar_in_words(path: Path) -> Iterator[None]:
    """Whatever tarfile says of an archive that is none."""
    try:
        yield
    except (tarfile.TarError, EOFError, ValueError, OverflowError, MemoryError, struct.error) as error:
        detail = f"{path} is no backup of the grader, or is damaged. Nothing was changed."
        raise BackupFailed(detail) from error


def _members(archive: tarfile.TarFile) -> dict[str, tarfile.TarInfo]:
    """By name: plain files under names that a backup may hold, each once."""
    found: dict[str, tarfile.TarInfo] = {}
    for member in archive:
        allowed = member.name == contents.MANIFEST or contents.is_member(member.name)
        if not allowed or not member.isreg() or member.issparse() or member.name in found:
            raise BackupFailed(f"This is no backup of the grader: it holds {member.name!r:.120}.")
        found[member.name] = member
        if len(found) > MOST_MEMBERS:
            raise BackupFailed(f"This is no backup of the grader: it holds more than {MOST_MEMBERS} files.")
    return found


def _manifest(archive: tarfile.TarFile, members: dict[str, tarfile.TarInfo]) -> Manifest:
    found = members.get(contents.MANIFEST)
    if found is None:
        raise BackupFailed("The backup is not whole: its manifest, which is written last, is missing.")
    if found.size > manifest.LONGEST:
        raise BackupFailed("The backup is damaged: its manifest is too long.")
    return manifest.read(b"".join(_blocks(_open(archive, found))))


def _open(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    file = archive.extractfile(member)
    if file is None:
        raise BackupFailed(f"The backup is damaged: {member.name} cannot be read.")
    return file


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    while block := file.read(BLOCK):
        yield block
