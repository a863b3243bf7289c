"""Writing files into an archive that appears under its name when it is whole, and for its owner alone."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import secrets
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from grader.backup.contents import Member
from grader.backup.errors import BackupFailed, NotNow
from grader.backup.manifest import Entry
from grader.private import FILE

BLOCK = 1024 * 1024


@contextmanager
def new_archive(target: Path, *, force: bool) -> Iterator[tarfile.TarFile]:
    """A tar that takes its name at the end, at once; before that, and after a failure, nothing is there under it."""
    part = target.with_name(f".{target.name}.{secrets.token_hex(6)}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, FILE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
                yield archive
            file.flush()
            os.fsync(file.fileno())
        _take_name(part, target, force=force)
    finally:
        with suppress(FileNotFoundError):
            part.unlink()
    _keep_name(target.parent)


def add(archive: tarfile.TarFile, member: Member, progress: Callable[[int, int], None]) -> Entry:
    """Put one file in; BackupFailed where it changes its length meanwhile."""
    with member.path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        read = _Counted(file, size, progress)
        try:
            archive.addfile(_header(member.name, size), read)
        except OSError as error:
            if error.errno is None:  # tarfile's own, about a file that ended too soon
                raise BackupFailed(f"{member.path} changed while it was read. Do it again.") from error
            raise
    return Entry(member.name, size, read.digest.hexdigest())


def add_bytes(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    """Put something in that is no file."""
    archive.addfile(_header(name, len(data)), io.BytesIO(data))


class _Counted:
    """A file that is hashed as it is read."""

    def __init__(self, file: IO[bytes], size: int, progress: Callable[[int, int], None]) -> None:
        self._file, self._size, self._progress = file, size, progress
        self._done = 0
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """As tarfile asks for it."""
        data = self._file.read(size)
        self.digest.update(data)
        self._done += len(data)
        self._progress(self._done, self._size)
        return data


def _header(name: str, size: int) -> tarfile.TarInfo:
    header = tarfile.TarInfo(name)
    header.size, header.mode = size, FILE
    return header


def _take_name(part: Path, target: Path, *, force: bool) -> None:
    if force:
        part.replace(target)
        return
    try:
        os.link(part, target)  # unlike a rename it never takes the place of what is there
    except FileExistsError:
        raise exists_already(target) from None
    except OSError as error:
        if error.errno not in {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}:
            raise
        if target.exists():  # on a file system without hard links
            raise exists_already(target) from None
        part.rename(target)


def _keep_name(folder: Path) -> None:
    with suppress(OSError):
        descriptor: Any = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def exists_already(target: Path) -> NotNow:
    """What is said of a name that is taken."""
    return NotNow(f"{target} is there already. Name another file, or say --force to replace it.")
