"""What can stand in the way of a backup or a restore, in words for operators."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class BackupFailed(Exception):
    """It could not be done, and nothing was changed; the text says why, and what to do."""


class NotNow(Exception):
    """It was asked for in a way, or at a moment, in which it is not done; nothing was changed."""


@contextmanager
def in_words(place: Path) -> Iterator[None]:
    """Errors of the disk below a place, as BackupFailed."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            detail = f"There is no room left at {place}. Make room, or name another place."
            raise BackupFailed(detail) from error
        detail = f"{error.filename or place}: {error.strerror or error}. Nothing was changed."
        raise BackupFailed(detail) from error
