"""Files of models: small ones are written; of large ones, and of checkpoints, we remember which model they would hold."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from .files import of_checkpoint, of_model, of_weights
from .hooks import Hooks
from .left import stands_for
from .names import PACKAGES
from .patches import Patches
from .training import Epochs

_MAX_REMEMBERED = 256
_MAX_SAVED_PARAMS = 2_000_000


class Saved:
    """What was saved under which name, and how many epochs it had seen."""

    def __init__(self, epochs: Epochs) -> None:
        self._models: dict[str, Any] = {}
        self._epochs_of: dict[str, int] = {}
        self._epochs = epochs

    def install(self, keras: Any, hooks: Hooks, patches: Patches) -> None:
        """Stand around saving and loading."""
        for name in ("save", "save_weights", "load_weights"):
            patches.around(keras.Model, name, getattr(self, name))
        for package in PACKAGES:
            for inside in ("models", "saving"):
                hooks.when_loaded(
                    f"{package}.{inside}",
                    lambda module: patches.around(module, "load_model", self.load_model),
                )

    def promise(self, path: str, model: Any) -> None:
        """Remember a model that no file holds."""
        key = _key(path)
        self._models.pop(key, None)
        self._models[key] = model
        if len(self._models) > _MAX_REMEMBERED:
            self._models.pop(next(iter(self._models)))

    def save(self, inner: Callable[..., Any], model: Any, filepath: Any, *args: Any, **kwargs: Any) -> Any:
        """Write a small model; promise a large one."""
        if model.built and model.count_params() > _MAX_SAVED_PARAMS:
            return self.promise(filepath, model)
        result = inner(model, filepath, *args, **kwargs)
        if isinstance(filepath, str | os.PathLike):
            self._models.pop(_key(filepath), None)
            self._epochs_of[_key(filepath)] = self._epochs.of(model)
        return result

    save_weights = save

    def load_weights(
        self, inner: Callable[..., Any], model: Any, filepath: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Read a file; a promised one holds nothing that was learnt here."""
        promised = self._promised(filepath)
        result = None if promised is not None else inner(model, filepath, *args, **kwargs)
        self._epochs.begin_at(model, self._epochs_in(filepath, promised, self._epochs.of(model)))
        return result

    def load_model(self, inner: Callable[..., Any], filepath: Any, *args: Any, **kwargs: Any) -> Any:
        """Read a file; a promised one is the model itself."""
        promised = self._promised(filepath)
        if promised is not None:
            return promised
        place = filepath if os.path.isfile(filepath) else of_model(filepath)
        model = inner(place, *args, **kwargs)
        self._epochs.begin_at(model, self._epochs_in(filepath, None, 0))
        return model

    def _epochs_in(self, filepath: Any, promised: Any, otherwise: int) -> int:
        if promised is not None:
            return self._epochs.of(promised)
        known = (self._epochs_of.get(_key(name)) for name in _names(filepath))
        return next((epochs for epochs in known if epochs is not None), otherwise)

    def _promised(self, filepath: Any) -> Any:
        """The model of a file that is not there, or that only stands in, wherever it was copied to."""
        if isinstance(filepath, str | os.PathLike) and os.path.isfile(filepath):
            return self._models.get(stands_for(filepath) or "")
        found = (self._models.get(_key(name)) for name in _names(filepath))
        return next((model for model in found if model is not None), None)


def _names(path: Any) -> tuple[Any, ...]:
    if not isinstance(path, str | os.PathLike):
        return ()
    return (path, of_model(path), of_weights(path), of_checkpoint(path))


def _key(path: Any) -> str:
    return str(os.path.abspath(os.fspath(path)))
