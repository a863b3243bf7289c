"""What a statement that stopped has left as it should not be: names that it did not bind, objects that it did not finish.

Nothing of that may be graded: a network without the layer whose `add` stopped is not the student's. Objects are known by
identity, so that another name, a loop or a helper function makes no difference. A statement that comes to its end
cleans the names it binds, unless it has read something that is marked.
"""

from __future__ import annotations

import ast
import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .changes import Changes
from .effects import LOADING, Effects, Reached
from .explain import FILE_NAME
from .failure import Failure
from .own import is_keras, is_own, is_own_object, layers, parts

_DEEPEST = 5
_MOST_OBJECTS = 500
_PLAIN = (str, bytes, int, float, complex, type(None), types.ModuleType, type, types.FunctionType)
_CHANGING = ("add", "pop", "insert", "quantize")
"""Methods of Keras's own that had begun to change what they belong to, whoever called them."""

_BESIDE_THE_NETWORK = frozenset({"optimizer", "loss", "metrics", "history", "stop_training", "name"})
"""Attributes of a model that have no part in its layers."""


@dataclass(frozen=True)
class Before:
    """Before a statement: the ids of what names stand for, and why something that it reads is marked."""

    ids: Mapping[str, int]
    stale: Failure | None


class Marks:
    """The marks of one run over its namespace; `trees` are those of its pieces, where its functions are found."""

    def __init__(self, namespace: dict[str, object], trees: Iterable[ast.AST]) -> None:
        self._namespace = namespace
        self.code = Changes(namespace, trees)
        self._names: dict[str, Failure] = {}
        self._objects: dict[int, tuple[object, Failure]] = {}

    # what happened

    def stopped(
        self,
        done: Effects,
        failure: Failure,
        *,
        keeps_names: bool = False,
        frames: Iterable[types.FrameType] = (),
    ) -> None:
        """A statement has stopped, in functions that these frames are of.

        With `keeps_names` what its names stand for is as good as before: a file was missing.
        """
        reach = self.code.by(done)
        for name in done.binds | reach.binds:
            if not (keeps_names and name in self._namespace):
                self._names[name] = failure
        for path in reach.of_globals:
            self._mark_found(*self.code.follow(path), failure)
        for frame in frames:
            held = frame.f_locals.get("self")
            if is_keras(held) and frame.f_code.co_filename != FILE_NAME:
                if frame.f_code.co_name in _CHANGING:
                    self.mark(held, failure)
                continue
            for value, rest in self.code.by_frame(frame.f_code, frame.f_locals):
                self._mark_found(value, rest, failure)

    def before(self, done: Effects) -> Before | None:
        """What is known before a statement is run; None while nothing is marked."""
        if not self._names and not self._objects:
            return None
        names = self._names.keys() | done.binds
        return Before({name: id(self._namespace.get(name)) for name in names}, self._read(done))

    def ended(self, done: Effects, before: Before) -> None:
        """A statement came to its end. What it made of something marked is marked, whatever it is by now."""
        reach = self.code.by(done)
        for name in done.binds | reach.binds:
            value = self._namespace.get(name)
            is_new = before.ids.get(name) != id(value)
            if before.stale is not None:
                self._names[name] = before.stale
                if is_new and is_keras(value):
                    self.mark(value, before.stale)
            elif name in self._names and is_new:
                del self._names[name]
        if before.stale is not None:
            for path in reach.of_globals:
                self._mark_found(*self.code.follow(path), before.stale)

    # what is marked

    def on_name(self, name: str) -> Failure | None:
        """Why a name, or what it stands for, may not be used."""
        if name in self._names:
            return self._names[name]
        return self._on_anything(self._namespace.get(name), _DEEPEST) if self._objects else None

    def missing(self, name: str | None) -> Failure | None:
        """The statement that would have bound a name which is not there."""
        return self._names.get(name or "")

    def on_model(self, value: object) -> Failure | None:
        """Why a model may not be graded: it is marked, or a layer in it."""
        if not self._objects:
            return None
        return next((found for each in layers(value) if (found := self._on(each))), None)

    def on_function(self, function: object) -> Failure | None:
        """Why what a function returns may not be graded: a global that it reads is there and marked."""
        if not self._names and not self._objects:
            return None
        names = (name for name in self.code.globals_of(function) if name in self._namespace)
        return next((found for name in names if (found := self.on_name(name))), None)

    # objects

    def _on(self, value: object) -> Failure | None:
        known = self._objects.get(id(value))
        return known[1] if known and known[0] is value else None

    def _on_anything(self, value: object, depth: int) -> Failure | None:
        found = self._on(value)
        if found or depth == 0 or isinstance(value, _PLAIN):
            return found
        inside = (self._on_anything(each, depth - 1) for each in parts(value))
        return next((found for found in inside if found), None)

    def _mark_found(self, value: object, rest: Reached, failure: Failure) -> None:
        beside = rest and (rest[0] in _BESIDE_THE_NETWORK or is_own_object(value))
        if not beside:
            self.mark(value, failure)

    def _read(self, done: Effects) -> Failure | None:
        """The first marked thing that a statement has read, itself or in a function of the student's."""
        names = set(done.reads)
        loaded = any(call.function[-1] in LOADING for call in done.calls)
        for _, why in self._objects.values() if loaded else ():
            return why  # what lies in a file may be what was saved there
        for call in done.calls:
            target = self.code.called(call.function)
            names |= self.code.globals_of(target) if is_own(target) else set()
        return next((found for name in sorted(names) if (found := self.on_name(name))), None)

    def mark(self, value: object, failure: Failure, depth: int = _DEEPEST) -> None:
        """Mark an object, and what it holds where it is a container or of a class of the student's."""
        if isinstance(value, _PLAIN) or id(value) in self._objects or len(self._objects) >= _MOST_OBJECTS:
            return
        self._objects[id(value)] = (value, failure)
        for each in parts(value) if depth else ():
            self.mark(each, failure, depth - 1)
