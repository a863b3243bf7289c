"""Names of saved models that Keras 3 refuses, kept under names that it takes."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from .hooks import Hooks
from .names import PACKAGES
from .notes import Notes
from .patches import Patches

_MODEL = (".keras", ".h5", ".hdf5")
_WEIGHTS = ".weights.h5"


def install(keras: Any, hooks: Hooks, notes: Notes, patches: Patches) -> None:
    """Have save, load and ModelCheckpoint take any name of a file."""
    files = _Files(notes)
    patches.around(keras.Model, "save", files.save)
    patches.around(keras.Model, "save_weights", files.save_weights)
    patches.around(keras.Model, "load_weights", files.load_weights)
    patches.around(keras.callbacks.ModelCheckpoint, "__init__", files.checkpoint)
    for package in PACKAGES:
        for inside in ("models", "saving"):
            hooks.when_loaded(
                f"{package}.{inside}", lambda module: patches.around(module, "load_model", files.load_model)
            )


def of_model(path: Any) -> Any:
    """Where a whole model of that name is kept."""
    name = os.fspath(path) if isinstance(path, str | os.PathLike) else path
    return name if not isinstance(name, str) or name.endswith(_MODEL) else f"{name.rstrip('/')}.keras"


def of_weights(path: Any) -> Any:
    """Where weights of that name are kept: `best.h5` → `best.weights.h5`."""
    name = os.fspath(path) if isinstance(path, str | os.PathLike) else path
    if not isinstance(name, str) or name.endswith(_WEIGHTS):
        return name
    stem, ending = os.path.splitext(name)
    return f"{stem if ending in ('.h5', '.hdf5', '.ckpt', '.keras') else name}{_WEIGHTS}"


def of_checkpoint(path: Any) -> Any:
    """Where a checkpoint of a whole model is kept: `best.hdf5` → `best.h5`."""
    name = of_model(path)
    return f"{name[: -len('.hdf5')]}.h5" if isinstance(name, str) and name.endswith(".hdf5") else name


class _Files:
    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    def save(self, inner: Callable[..., Any], model: Any, filepath: Any, *args: Any, **kwargs: Any) -> Any:
        """`model.save("folder")`."""
        kwargs.pop("save_format", None)
        return inner(model, self._told(filepath, of_model(filepath)), *args, **kwargs)

    def save_weights(
        self, inner: Callable[..., Any], model: Any, filepath: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """`model.save_weights("weights.h5")`."""
        kwargs.pop("save_format", None)
        place = self._told(filepath, of_weights(filepath))
        os.makedirs(os.path.dirname(place) or ".", exist_ok=True)
        return inner(model, place, *args, **kwargs)

    def load_weights(
        self, inner: Callable[..., Any], model: Any, filepath: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """`model.load_weights("weights.h5")`, of a file that was saved here or elsewhere."""
        return inner(model, _there(filepath, of_weights(filepath), of_checkpoint(filepath)), *args, **kwargs)

    def load_model(self, inner: Callable[..., Any], filepath: Any, *args: Any, **kwargs: Any) -> Any:
        """`load_model("folder")`; an .h5 file that was compiled with `"mse"` is read without what it was compiled with."""
        place = _there(of_model(filepath), filepath, of_checkpoint(filepath))
        try:
            return inner(place, *args, **kwargs)
        except (TypeError, ValueError):
            if not str(place).endswith((".h5", ".hdf5")) or kwargs.get("compile") is False:
                raise
            return inner(place, *args, **{**kwargs, "compile": False})

    def checkpoint(
        self, inner: Callable[..., Any], callback: Any, filepath: Any, *args: Any, **kwargs: Any
    ) -> None:
        """`ModelCheckpoint("best.hdf5")`."""
        weights = kwargs.get("save_weights_only", False)
        callback.written_path = filepath
        inner(
            callback,
            self._told(filepath, (of_weights if weights else of_checkpoint)(filepath)),
            *args,
            **kwargs,
        )

    def _told(self, written: Any, kept: str) -> str:
        if str(written) != str(kept):
            self._notes.old(f'"{written}"', f'"{kept}"')
        return kept


def _there(*places: Any) -> Any:
    """The first of some places where a file is; the first of all when there is none."""
    return next((place for place in places if os.path.isfile(place)), places[0])
