"""A folder that holds what was written elsewhere, by whole paths, and knows what is to be seen as gone."""

from __future__ import annotations

import os
import shutil
import stat
from contextlib import suppress
from typing import Any

_stat = os.stat
_listdir = os.listdir


class Mirror:
    """Where the files below a student's folder, and others of theirs, are written and found meanwhile."""

    def __init__(self, folder: str, temporary: str) -> None:
        self._folder = os.path.abspath(folder)
        self._home = os.path.abspath(os.getcwd())
        self._caches = tuple(
            os.path.join(os.path.expanduser("~"), name) for name in (".cache", ".keras", ".config")
        )
        self._temporary = os.path.abspath(temporary)
        self._gone: set[str] = set()

    def place(self, path: Any) -> str | None:
        """The place aside for a path; None for what is no file's name, a device, or a file of nobody's."""
        if not isinstance(path, str | os.PathLike):
            return None
        name = os.fspath(path)
        if not isinstance(name, str) or not name or self._is_spared(os.path.abspath(name)):
            return None
        drive, inside = os.path.splitdrive(os.path.abspath(name))
        return os.path.join(self._folder, drive.strip(":\\/").replace("\\", "_"), inside.lstrip("\\/"))

    def found(self, path: Any) -> Any:
        """Where a file is read from: aside, if it was written or removed meanwhile."""
        place = self.place(path)
        return place if place is not None and (exists(place) or self.is_gone(path)) else path

    def target(self, path: Any, *, whole: bool) -> Any:
        """Where a file is written; unless it is written `whole`, what there is of it comes along."""
        place = self.place(path)
        if place is None:
            return path
        folder = os.path.dirname(os.path.abspath(os.fspath(path)))
        if not exists(self.found(folder)):
            return path  # there is no such folder: the error is the student's own
        os.makedirs(os.path.dirname(place), exist_ok=True)
        if not whole and not exists(place) and exists(path) and not self.is_gone(path):
            with suppress(OSError):
                shutil.copyfile(path, place)
        return place

    def forget(self, path: Any) -> None:
        """See what there is of a file or a folder as gone from now on; what is written there anew is seen."""
        self._gone.add(os.path.abspath(os.fspath(path)))

    def is_gone(self, path: Any) -> bool:
        """Whether a path, or a folder that it lies in, was removed."""
        whole = os.path.abspath(os.fspath(path))
        while whole not in self._gone:
            above = os.path.dirname(whole)
            if above == whole:
                return False
            whole = above
        return True

    def names(self, path: Any) -> list[str] | None:
        """The names in a folder of which something was written or removed; None for any other folder."""
        place = self.place(path)
        if place is None:
            return None
        whole = os.path.abspath(os.fspath(path))
        aside = _listdir(place) if exists(place) else []
        if (
            not aside
            and not any(os.path.dirname(one) == whole for one in self._gone)
            and not self.is_gone(path)
        ):
            return None
        real = _listdir(path) if exists(path) and not self.is_gone(path) else []
        left = [name for name in real if not self.is_gone(os.path.join(whole, name))]
        return list(dict.fromkeys([*left, *aside]))

    def _is_spared(self, whole: str) -> bool:
        if _is_below(whole, self._folder):
            return True
        if _is_below(whole, self._home):
            return False
        with suppress(OSError, ValueError):
            kind = _stat(whole).st_mode
            if not stat.S_ISREG(kind) and not stat.S_ISDIR(kind):
                return True
        return any(_is_below(whole, folder) for folder in (self._temporary, *self._caches))


def exists(path: Any) -> bool:
    """Whether there really is a file or a folder of that name."""
    try:
        _stat(path)
    except (OSError, ValueError):
        return False
    return True


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("\\/") + os.sep)
