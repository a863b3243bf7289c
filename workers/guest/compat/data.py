"""Data files and loaders of the exercises, answered with invented data.

Files are made when they are opened, by `open` and `h5py.File`: made beforehand they would cost every job time and
disk, and the folder that a submission names before the file cannot be known.
"""

from __future__ import annotations

import builtins
import io
import os
import shutil
from collections.abc import Callable
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

from . import invented
from .hooks import Hooks
from .names import PACKAGES
from .notes import Notes
from .patches import Patches


def install(hooks: Hooks, notes: Notes, patches: Patches) -> None:
    """Have the well-known files open and the well-known loaders load."""
    opened = _opener(builtins.open, notes)
    patches.set(builtins, "open", opened)
    patches.set(io, "open", opened)
    hooks.when_loaded("h5py", lambda module: patches.around(module.File, "__init__", _hdf5(notes)))
    hooks.when_loaded(
        "urllib.request", lambda module: patches.around(module, "urlretrieve", _download(notes))
    )
    for package in PACKAGES:
        hooks.when_loaded(
            f"{package}.utils", lambda module: patches.around(module, "get_file", _get_file(notes))
        )
        for name, load in invented.loaders().items():
            hooks.when_loaded(f"{package}.datasets.{name}", _loader(name, load, notes, patches))


def _opener(real: Callable[..., Any], notes: Notes) -> Callable[..., Any]:
    def opened(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        return real(_told(file, notes) if "r" in mode else file, mode, *args, **kwargs)

    return opened


def _download(notes: Notes) -> Callable[..., Any]:
    """`urlretrieve(url, "train.p")`: a well-known file is made where it is wanted; the internet is not there."""

    def retrieve(inner: Callable[..., Any], url: Any, filename: Any = None, *args: Any, **kwargs: Any) -> Any:
        for name in (filename, urlsplit(str(url)).path):
            made = None if name is None else _made(name, notes)
            if made is not None:
                return (shutil.copyfile(made, filename) if filename else made), None
        return inner(url, filename, *args, **kwargs)

    return retrieve


def _get_file(notes: Notes) -> Callable[..., Any]:
    """`keras.utils.get_file("mnist.npz", origin=…)`, likewise."""

    def get(
        inner: Callable[..., Any], fname: Any = None, origin: Any = None, *args: Any, **kwargs: Any
    ) -> Any:
        for name in (fname, urlsplit(str(origin or "")).path):
            made = None if name is None else _made(name, notes)
            if made is not None:
                return made
        return inner(fname, origin, *args, **kwargs)

    return get


def _made(name: Any, notes: Notes) -> Any:
    """A file of that name that was made just now; None where there is no well-known one."""
    found = invented.file(name)
    if found is not None:
        notes.add("invented_data", name=os.path.basename(found))
    return found


def _hdf5(notes: Notes) -> Callable[..., None]:
    def init(inner: Callable[..., None], self: Any, name: Any, *args: Any, **kwargs: Any) -> None:
        mode = args[0] if args else kwargs.get("mode", "r")
        inner(self, _told(name, notes) if mode in ("r", None) else name, *args, **kwargs)

    return init


def _told(file: Any, notes: Notes) -> Any:
    found = invented.place(file)
    if found is not file:
        notes.add("invented_data", name=os.path.basename(found))
    return found


def _loader(
    name: str, load: Callable[..., Any], notes: Notes, patches: Patches
) -> Callable[[ModuleType], object]:
    def load_data(*args: Any, **kwargs: Any) -> Any:
        notes.add("invented_data", name=name)
        return load(*args, **kwargs)

    return lambda module: patches.set(module, "load_data", load_data)
