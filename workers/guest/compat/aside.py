"""On a student's own machine: what a tried script writes goes aside, so that no file of theirs is lost.

Models do not train while a script is tried, and figures are invented: what `save`, checkpoints and pictures of curves
would leave must not take the place of what a real training has left. Whatever is written lands in a temporary folder;
reading, looking and listing find it there first, and what is removed only seems to be.
"""

from __future__ import annotations

import builtins
import errno
import io
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import ModuleType
from typing import Any, Self

from .hooks import Hooks
from .mirror import Mirror, exists
from .patches import Patches

_WRITING = frozenset("wax+")
_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_LOOKING = ("stat", "lstat", "access", "chmod", "utime", "chdir")
_BY_TENSORFLOW = {
    "tensorflow._api.v2.saved_model": ("save", 1),
    "tensorflow._api.v2.summary": ("create_file_writer", 0),
    "tensorflow._api.v2.io": ("write_file", 0),
}
"""What TensorFlow writes past Python, and which argument says where."""

_folders: list[str] = []


@contextmanager
def kept() -> Iterator[None]:
    """While this stands, files of the student's are read and never written."""
    patches, temporary = Patches(), tempfile.gettempdir()
    _folders.append(tempfile.mkdtemp(prefix="grader-check-"))
    _Aside(Mirror(_folders[-1], temporary)).install(Hooks(patches), patches)
    before, tempfile.tempdir = tempfile.tempdir, _folders[-1]
    try:
        yield
    finally:
        tempfile.tempdir = before
        patches.undo()
        remove()


def remove() -> None:
    """Take away what was put aside; for a process that ends in the middle, too."""
    while _folders:
        shutil.rmtree(_folders.pop(), ignore_errors=True)


class _Aside:
    """The functions that open, look at, list, move or remove files by name, sent to the mirror first."""

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror

    def install(self, hooks: Hooks, patches: Patches) -> None:
        """Stand around all of them."""
        opened = self._opener(io.open)
        patches.set(builtins, "open", opened)
        patches.set(io, "open", opened)
        for name in _LOOKING:
            patches.around(os, name, self._look)
        for name in ("remove", "unlink"):
            patches.around(os, name, self._remove)
        for name in ("rename", "replace"):
            patches.around(os, name, self._move)
        for name, wrapper in (("open", self._open), ("mkdir", self._mkdir), ("listdir", self._listdir)):
            patches.around(os, name, wrapper)
        patches.around(os, "scandir", self._scandir)
        patches.around(shutil, "rmtree", self._rmtree)
        hooks.when_loaded("h5py", lambda module: patches.around(module.File, "__init__", self._hdf5))
        hooks.when_loaded("keras", lambda keras: patches.around(keras.Model, "export", self._at(1)))
        for place, (name, position) in _BY_TENSORFLOW.items():
            hooks.when_loaded(place, partial(self._around_writer, patches, name, position))

    def _around_writer(self, patches: Patches, name: str, position: int, module: ModuleType) -> None:
        patches.around(module, name, self._at(position))

    def _opener(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def opened(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
            if not _WRITING & set(mode):
                return real(self._mirror.found(file), mode, *args, **kwargs)
            return real(self._mirror.target(file, whole="w" in mode), mode, *args, **kwargs)

        return opened

    def _open(self, real: Callable[..., Any], path: Any, flags: int, *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("dir_fd") is None:
            writes = bool(flags & _FLAGS)
            path = (
                self._mirror.target(path, whole=bool(flags & os.O_TRUNC))
                if writes
                else self._mirror.found(path)
            )
        return real(path, flags, *args, **kwargs)

    def _hdf5(self, real: Callable[..., Any], file: Any, name: Any, *args: Any, **kwargs: Any) -> None:
        mode = args[0] if args else kwargs.get("mode", "r")
        reads = mode in ("r", None)
        real(
            file,
            self._mirror.found(name) if reads else self._mirror.target(name, whole=mode == "w"),
            *args,
            **kwargs,
        )

    def _at(self, position: int) -> Callable[..., Any]:
        def write(real: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
            if len(args) > position:
                place = self._mirror.target(args[position], whole=True)
                args = (*args[:position], place, *args[position + 1 :])
            return real(*args, **kwargs)

        return write

    def _look(self, real: Callable[..., Any], path: Any, *args: Any, **kwargs: Any) -> Any:
        return real(path if kwargs.get("dir_fd") else self._mirror.found(path), *args, **kwargs)

    def _remove(self, real: Callable[..., Any], path: Any, **kwargs: Any) -> Any:
        if self._mirror.place(path) is None or kwargs.get("dir_fd"):
            return real(path, **kwargs)
        there = self._mirror.found(path)
        if there is not path or not exists(path):
            real(there)
        return self._mirror.forget(path)

    def _rmtree(self, real: Callable[..., Any], path: Any, *args: Any, **kwargs: Any) -> Any:
        place = self._mirror.place(path)
        if place is None or not exists(self._mirror.found(path)):
            return real(path, *args, **kwargs)
        if exists(place):
            real(place)
        return self._mirror.forget(path)

    def _move(self, real: Callable[..., Any], source: Any, target: Any, *args: Any, **kwargs: Any) -> Any:
        if (
            self._mirror.place(source) is None
            or not exists(self._mirror.found(source))
            or os.path.isdir(source)
        ):
            return real(source, target, *args, **kwargs)
        place = self._mirror.target(source, whole=False)
        real(place, self._mirror.target(target, whole=True), *args, **kwargs)
        return self._mirror.forget(source)

    def _mkdir(self, real: Callable[..., Any], path: Any, *args: Any, **kwargs: Any) -> Any:
        place = self._mirror.place(path)
        if place is None or kwargs.get("dir_fd"):
            return real(path, *args, **kwargs)
        if exists(self._mirror.found(path)):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)
        return real(self._mirror.target(path, whole=True), *args, **kwargs)

    def _listdir(self, real: Callable[..., Any], path: Any = ".") -> Any:
        names = self._mirror.names(path)
        return real(path) if names is None else names

    def _scandir(self, real: Callable[..., Any], path: Any = ".") -> Any:
        names = self._mirror.names(path)
        if names is None:
            return real(path)
        found: dict[str, Any] = {}
        for folder in (path, self._mirror.place(path)):
            if exists(folder):
                with real(folder) as entries:
                    found |= {entry.name: entry for entry in entries if entry.name in names}
        return _Entries(found.values())


class _Entries(list[Any]):
    """What `os.scandir` gives: to be gone through, and closed."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def __next__(self) -> Any:
        if not self:
            raise StopIteration
        return self.pop(0)

    def close(self) -> None:
        """Nothing is open."""
