"""Old modules that can be imported, and old names that can be read from today's modules."""

from __future__ import annotations

import builtins
import functools
import importlib
import inspect
import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType, SimpleNamespace
from typing import Any

from . import convolutions, extras, private, symbolic
from .hooks import Hooks
from .names import MODULES, NAMES, PACKAGES
from .notes import Notes
from .patches import Patches

_HOOKED = {*NAMES, *extras.PLACES, *MODULES.values(), "backend", "preprocessing.image"}
_LIBRARIES = ("keras", "tensorflow")
_PRIVATE = (
    "tensorflow.python.keras.api._v2.keras",
    "tensorflow.python.keras.api._v1.keras",
    "tensorflow.python.keras",
    "tensorflow.contrib.keras.api.keras",
    "tensorflow.contrib.keras.python.keras",
    "tensorflow.contrib.keras",
    "tensorflow_core.python.keras",
    "tensorflow_core.keras",
    "tensorflow.keras.api._v2.keras",
    "keras.api._v2.keras",
    "keras.api._v1.keras",
)
"""Where other Kerases were found, most of them by editors."""

_LEGACY = {
    "backend": "keras.src.legacy.backend",
    "preprocessing.image": "keras.src.legacy.preprocessing.image",
    "preprocessing.text": "keras.src.legacy.preprocessing.text",
}
"""Where Keras itself keeps old functions, out of reach of `import keras`."""

_TODAY = {
    "ImageDataGenerator": "keras.utils.image_dataset_from_directory",
    "preprocessing.text": "layers.TextVectorization",
}


def install(hooks: Hooks, notes: Notes, patches: Patches) -> None:
    """Make old modules importable and old names readable, in every package that Keras is reached by."""
    finder = _OldModules(notes)
    sys.meta_path.append(finder)
    patches.on_undo(lambda: _forget(finder))
    patches.around(builtins, "__import__", functools.partial(_import_public, notes))
    for package in PACKAGES:
        for inside in sorted(_HOOKED):
            name = f"{package}.{inside}" if inside else package
            hooks.when_loaded(name, _Names(package, inside, notes, patches).attach)


def _import_public(
    notes: Notes,
    inner: Callable[..., Any],
    name: str,
    globals: Any = None,  # noqa: A002 - Python's own names
    locals: Any = None,  # noqa: A002
    fromlist: Any = (),
    level: int = 0,
) -> Any:
    """`from tensorflow.python.keras …`: another Keras of 2021 that TensorFlow keeps for itself."""
    if level or not name.startswith(_LIBRARIES) or not _is_a_students(globals):
        return inner(name, globals, locals, fromlist, level)
    if "keras" in (fromlist or ()) and f"{name}.keras" in _PRIVATE:
        # `from tensorflow.python import keras, ops`: each from where it is now.
        notes.old(f"{name}.keras", "tensorflow.keras")
        names = [one for one in fromlist if one != "keras"]
        others = inner(name, globals, locals, names, level) if names else None
        found = {one: getattr(others, one) for one in names if hasattr(others, one)}
        return SimpleNamespace(keras=inner("tensorflow.keras", globals, locals, ("layers",), level), **found)
    public = _public(name) if fromlist else name
    if public != name:
        notes.old(name, public)
    if public == name and not private.is_private(name):
        return inner(name, globals, locals, fromlist, level)
    return private.forgiving(notes, lambda: inner(public, globals, locals, fromlist, level), public, fromlist)


def _is_a_students(module: Any) -> bool:
    return module is not None and "-packages" not in str(module.get("__file__", ""))


def _public(name: str) -> str:
    """`tensorflow.python.keras.layers` → `tensorflow.keras.layers`."""
    for start in _PRIVATE:
        if name == start or name.startswith(f"{start}."):
            return f"tensorflow.keras{name[len(start) :]}"
    return name


def place_of(name: str) -> tuple[str, str] | None:
    """`tensorflow.keras.layers.core` → (`tensorflow.keras`, `layers.core`)."""
    for package in PACKAGES:
        if name.startswith(f"{package}."):
            return package, name[len(package) + 1 :]
    return None


def shown_package(package: str) -> str:
    """The package as people write it."""
    return "keras" if package == "keras" else "tensorflow.keras"


class _OldModules:
    """Finds modules that Keras no longer has; each holds the names of the module that has them now."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self.made: list[str] = []

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Part of the import protocol."""
        place = place_of(name)
        if place is None or place[1] not in MODULES:
            return None
        return ModuleSpec(name, self, is_package=True)  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Part of the import protocol: an ordinary module will do, but for one that was a function before."""
        return extras.MergeModule(spec.name) if spec.name.endswith(".layers.merge") else None

    def exec_module(self, module: ModuleType) -> None:
        """Part of the import protocol."""
        place = place_of(module.__name__)
        if place is None:
            return
        package, inside = place
        self.made.append(module.__name__)
        home = MODULES[inside]
        new = _TODAY.get(inside, home)
        self._notes.old(f"{shown_package(package)}.{inside}", f"{shown_package(package)}.{new}")
        target = importlib.import_module(f"{package}.{home}")
        sources = [target]
        if inside in _LEGACY:
            sources.append(importlib.import_module(_LEGACY[inside]))
        for source in sources:
            public = {name: value for name, value in vars(source).items() if not name.startswith("_")}
            module.__dict__.update(public)
        if inside == "layers.convolutional":
            keras = importlib.import_module("keras")
            module.__dict__.update(convolutions.for_module(keras, self._notes))
        module.__dict__["__getattr__"] = lambda name: _from(target, module, name)


def _from(target: ModuleType, module: ModuleType, name: str) -> Any:
    place = place_of(f"{module.__name__}.{name}")
    if place is not None and place[1] in MODULES:
        return importlib.import_module(f"{module.__name__}.{name}")
    if not name.startswith("__") and hasattr(target, name):
        return getattr(target, name)
    text = f"module {module.__name__!r} has no attribute {name!r}"
    raise AttributeError(text, name=name, obj=module)


class _Names:
    """The old names of one of Keras's modules, looked up when somebody reads one."""

    def __init__(self, package: str, inside: str, notes: Notes, patches: Patches) -> None:
        self._package = package
        self._inside = inside
        self._notes = notes
        self._patches = patches

    def attach(self, module: ModuleType) -> None:
        """Have the module ask here for names that it does not have."""
        self._module = module
        if self._inside == "optimizers.legacy":  # they are there, to say that they are gone
            for name in NAMES[self._inside]:
                self._patches.remove(module, name)
        if self._inside == "utils":
            self._patches.around(module, "to_categorical", self._to_categorical)
        for name, value in extras.VALUES.items() if self._inside == "backend" else ():
            self._patches.set(module, name, value)
        self._patches.set(module, "__getattr__", self.find)

    def _to_categorical(self, inner: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if "nb_classes" in kwargs:
            self._notes.old("to_categorical(nb_classes=…)", "to_categorical(num_classes=…)")
            kwargs["num_classes"] = kwargs.pop("nb_classes")
        return inner(*args, **kwargs)

    def find(self, name: str) -> Any:
        """What the old name stands for, with a note; AttributeError as Python words it."""
        place = f"{self._inside}.{name}" if self._inside else name
        if place in MODULES:
            return importlib.import_module(f"{self._package}.{place}")
        old = f"{shown_package(self._package)}.{place}"
        if place in extras.NAMES:
            new, value = extras.NAMES[place]
            self._notes.old(old, new)
            return value
        new_place = NAMES.get(self._inside, {}).get(name)
        if new_place is not None:
            self._notes.old(old, f"keras.{new_place}")
            return _at(self._package, new_place)
        if self._inside in _LEGACY and not name.startswith("_"):
            legacy = importlib.import_module(_LEGACY[self._inside])
            if hasattr(legacy, name):
                self._notes.old(old, _today(name))
                found = getattr(legacy, name)
                return (
                    symbolic.for_backend(sys.modules["keras"], found) if inspect.isfunction(found) else found
                )
        text = f"module {self._module.__name__!r} has no attribute {name!r}"
        raise AttributeError(text, name=name, obj=self._module)


def _at(package: str, place: str) -> Any:
    module, _, name = place.rpartition(".")
    if not module:
        return importlib.import_module(f"{package}.{name}")
    return getattr(importlib.import_module(f"{package}.{module}"), name)


def _today(name: str) -> str:
    ops = sys.modules.get("keras.ops")
    return _TODAY.get(name) or (f"keras.ops.{name}" if hasattr(ops, name) else f"tf.{name}")


def _forget(finder: _OldModules) -> None:
    sys.meta_path.remove(finder)
    for name in finder.made:
        sys.modules.pop(name, None)
        parent, _, child = name.rpartition(".")
        vars(sys.modules[parent]).pop(child, None) if parent in sys.modules else None
