"""Imports that an editor put in: `from keras.src.saving.legacy… import x`, out of places that were never public.

Mostly nothing is done with them. What Keras has by that name somewhere public is that; anything else can be imported,
and says when somebody uses it that it is not there.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any, NoReturn

from .names import PACKAGES
from .notes import Notes

_TREES = frozenset(
    {"src", "api", "engine", "saving", "dtensor", "distribute", "testing_infra", "integration_test", "feature_column",
     "premade_models", "premade", "protobuf", "legacy_tf_layers", "legacy", "optimizer_v1", "optimizer_v2"}
)  # fmt: skip
"""Parts of Keras that nobody was meant to import from."""

_PUBLIC = frozenset(
    {
        "layers",
        "utils",
        "optimizers",
        "applications",
        "preprocessing",
        "callbacks",
        "mixed_precision",
        "datasets",
    }
)
"""Parts that have, or had, such modules inside."""

_OTHERS = ("tensorflow.python.", "tensorflow.core.", "tensorflow.tools.", "tensorflow_core.")
_PLACES = ("layers", "models", "optimizers", "losses", "metrics", "callbacks", "utils", "backend", "initializers",
           "regularizers", "constraints", "activations", "datasets", "applications", "")  # fmt: skip


def is_private(name: str) -> bool:
    """Whether a module lies deeper than what is public: `keras.src.layers`, `keras.layers.core.dense`."""
    if name.startswith(_OTHERS):
        return True
    for package in PACKAGES:
        if name.startswith(f"{package}."):
            tree, _, deeper = name[len(package) + 1 :].partition(".")
            return tree in _TREES or (tree in _PUBLIC and bool(deeper))
    return False


def _is_never_public(name: str) -> bool:
    trees = [
        name[len(package) + 1 :].partition(".")[0] for package in PACKAGES if name.startswith(f"{package}.")
    ]
    return name.startswith(_OTHERS) or (bool(trees) and trees[0] in _TREES)


def forgiving(
    notes: Notes, bring: Callable[[], ModuleType], name: str, wanted: Iterable[str] | None
) -> ModuleType:
    """What `bring` imports, or what stands in for it where the module or one of its names is missing."""
    try:
        module = bring()
    except ModuleNotFoundError as error:
        root = name.partition(".")[0]
        if str(error.name).partition(".")[0] != root or error.name == root:
            raise
        return Private(name, None, notes) if wanted else importlib.import_module(root)
    if not _is_never_public(name):
        return module
    missing = [one for one in wanted or () if one != "*" and not hasattr(module, one)]
    return Private(name, module, notes) if missing else module


class Private(ModuleType):
    """A module of that kind, for one import."""

    def __init__(self, name: str, module: ModuleType | None, notes: Notes) -> None:
        super().__init__(name)
        self.__dict__.update({"_module": module, "_notes": notes, "__path__": []})

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if hasattr(self._module, name):
            return getattr(self._module, name)
        keras: Any = importlib.import_module("keras")
        for place in _PLACES:
            owner = getattr(keras, place, None) if place else keras
            if name in getattr(owner, "__dict__", ()):
                today = ".".join(part for part in ("keras", place, name) if part)
                self._notes.old(f"{self.__name__}.{name}", today)
                return getattr(owner, name)
        return Absent(self.__name__, name, is_module_there=self._module is not None)


class Absent:
    """Something that is not there, which matters to nobody until it is used."""

    def __init__(self, module: str, name: str, *, is_module_there: bool) -> None:
        self.__dict__.update({"_of": module, "_called": name, "_is_module_there": is_module_there})

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        if not self._is_module_there:
            text = f"No module named {self._of!r}"
            raise ModuleNotFoundError(text, name=self._of)
        text = f"cannot import name {self._called!r} from {self._of!r}"
        raise ImportError(text, name=self._of)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__init__":
            raise AttributeError(name)
        return self._refuse()

    __call__ = __getitem__ = __iter__ = __enter__ = __len__ = __setattr__ = __mro_entries__ = _refuse
