"""Doing something to a module as soon as it is there, without importing it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

from .patches import Patches

Action = Callable[[ModuleType], object]


class Hooks:
    """A finder that lets Python find a module, and runs an action after it was loaded."""

    def __init__(self, patches: Patches) -> None:
        self._waiting: dict[str, list[Action]] = {}
        sys.meta_path.insert(0, self)
        patches.on_undo(lambda: sys.meta_path.remove(self))

    def when_loaded(self, name: str, action: Action) -> None:
        """Run `action(module)`: now if the module is loaded, else right after its first import."""
        module = sys.modules.get(name)
        if module is not None:
            action(module)
        else:
            self._waiting.setdefault(name, []).append(action)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Part of the import protocol."""
        actions = self._waiting.pop(name, None)
        if actions is None:
            return None
        spec = self._found(name, path, target)
        if spec is None or spec.loader is None:
            self._waiting[name] = actions
            return None
        spec.loader = _Then(spec.loader, actions)  # type: ignore[assignment]
        return spec

    def _found(self, name: str, path: Sequence[str] | None, target: ModuleType | None) -> ModuleSpec | None:
        """What Python finds, by way of other hooks that wait for the same module."""
        for other in sys.meta_path:
            if isinstance(other, Hooks) and other is not self:
                spec = other.find_spec(name, path, target)
                if spec is not None:
                    return spec
        return PathFinder.find_spec(name, path, target)


class _Then:
    """A loader that runs actions after the module's own code."""

    def __init__(self, loader: Any, actions: list[Action]) -> None:
        self._loader = loader
        self._actions = actions

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        module: ModuleType | None = self._loader.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        # Some modules of TensorFlow put something else in their own place.
        there = sys.modules.get(module.__name__, module)
        for action in self._actions:
            action(there)
