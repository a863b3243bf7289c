"""What a statement that stopped has left as it should not be: names that it did not bind, objects that it did not finish.

Nothing of that may be graded: a network without the layer whose `add` stopped is not the student's. Objects are known by
identity, so that another name, a loop or a helper function makes no difference. A statement that comes to its end
cleans the names it binds, unless it has read something that is marked.
"""

from __future__ import annotations

import ast
import builtins
import functools
import types
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import effects
from .effects import Call, Effects, Reached
from .explain import FILE_NAME
from .failure import Failure

_DEEPEST = 5
_MOST_OBJECTS = 500
_PLAIN = (str, bytes, int, float, complex, type(None), types.ModuleType, type, types.FunctionType)
_BESIDE_THE_NETWORK = frozenset({"optimizer", "loss", "metrics", "history", "stop_training", "name"})
"""Attributes of a model that have no part in its layers."""


@dataclass
class _Reach:
    """What running a function changes: paths that begin with a parameter, global paths, global names."""

    of_parameters: set[Reached] = field(default_factory=set)
    of_globals: set[Reached] = field(default_factory=set)
    binds: set[str] = field(default_factory=set)


class Marks:
    """The marks of one run over its namespace; `trees` are those of its pieces, where its functions are found."""

    def __init__(self, namespace: dict[str, object], trees: Iterable[ast.AST]) -> None:
        self._namespace = namespace
        self._trees = list(trees)
        self._names: dict[str, Failure] = {}
        self._objects: dict[int, tuple[object, Failure]] = {}

    @functools.cached_property
    def _definitions(self) -> Mapping[tuple[str, int], ast.AST]:
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
        found: dict[tuple[str, int], ast.AST] = {}
        for node in (node for tree in self._trees for node in ast.walk(tree) if isinstance(node, kinds)):
            decorators = [] if isinstance(node, ast.Lambda) else node.decorator_list
            first = min([node.lineno, *(each.lineno for each in decorators)])
            found.setdefault((getattr(node, "name", "<lambda>"), first), node)
        return found

    # what happened

    def stopped(self, done: Effects, failure: Failure, *, keeps_names: bool = False) -> None:
        """A statement has stopped. With `keeps_names` what its names stand for is as good as before: a file was missing."""
        changed, bound = self._changed(done)
        for name in done.binds | bound:
            if not (keeps_names and name in self._namespace):
                self._names[name] = failure
        for path in changed:
            self._mark_path(path, failure)

    def ended(self, done: Effects, before: Mapping[str, int]) -> None:
        """A statement came to its end; `before` are the ids of what marked names stood for."""
        if not self._names and not self._objects:
            return
        stale = self._read(done)
        changed, bound = self._changed(done)
        for name in done.binds | bound:
            value = self._namespace.get(name)
            if stale is not None:
                self._names[name] = stale
                if before.get(name) != id(value) and _is_keras(value):
                    self.mark(value, stale)
            elif name in self._names and before.get(name) != id(value):
                del self._names[name]
        if stale is not None:
            for path in changed:
                self._mark_path(path, stale)

    def ids(self) -> dict[str, int]:
        """What each marked name stands for now."""
        return {name: id(self._namespace.get(name)) for name in self._names}

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
        return next((found for each in _layers(value) if (found := self._on(each))), None)

    def on_function(self, function: object) -> Failure | None:
        """Why what a function returns may not be graded: a global that it reads is there and marked."""
        if not self._names and not self._objects:
            return None
        names = (name for name in self._globals(function) if name in self._namespace)
        return next((found for name in names if (found := self.on_name(name))), None)

    # objects

    def _on(self, value: object) -> Failure | None:
        known = self._objects.get(id(value))
        return known[1] if known and known[0] is value else None

    def _on_anything(self, value: object, depth: int) -> Failure | None:
        found = self._on(value)
        if found or depth == 0 or isinstance(value, _PLAIN):
            return found
        inside = (self._on_anything(each, depth - 1) for each in _parts(value))
        return next((found for found in inside if found), None)

    def _mark_path(self, path: Reached, failure: Failure) -> None:
        value, rest = self._follow(path)
        beside = rest and (rest[0] in _BESIDE_THE_NETWORK or _is_own_object(value))
        if not beside:
            self.mark(value, failure)

    def mark(self, value: object, failure: Failure, depth: int = _DEEPEST) -> None:
        """Mark an object, and what it holds where it is a container or of a class of the student's."""
        if isinstance(value, _PLAIN) or id(value) in self._objects or len(self._objects) >= _MOST_OBJECTS:
            return
        self._objects[id(value)] = (value, failure)
        for each in _parts(value) if depth else ():
            self.mark(each, failure, depth - 1)

    def _follow(self, path: Reached) -> tuple[object, Reached]:
        """What a path leads to, as far as it is known without running code, and what is left of it."""
        value: object = self._namespace.get(path[0], getattr(builtins, path[0], None))
        for number, name in enumerate(path[1:], 1):
            inside = vars(value) if isinstance(value, types.ModuleType) or _is_own_object(value) else {}
            found = inside.get(name, _looked_up(type(value), name) if _is_own_object(value) else None)
            if found is None or isinstance(found, types.FunctionType | property):
                return value, path[number:]
            value = found
        return value, ()

    # code

    def _read(self, done: Effects) -> Failure | None:
        """The first marked thing that a statement has read, itself or in a function of the student's."""
        names = set(done.reads)
        for call in done.calls:
            target = self._called(call.function)
            names |= self._globals(target) if _is_own(target) else set()
        return next((found for name in sorted(names) if (found := self.on_name(name))), None)

    def _globals(self, function: object, seen: set[int] | None = None) -> set[str]:
        """The global names that a function reads, itself or in others of the student's."""
        seen = set() if seen is None else seen
        names: set[str] = set()
        for code in _codes(function):
            if id(code) in seen:
                continue
            seen.add(id(code))
            for name in _global_names(code):
                names.add(name)
                value = self._namespace.get(name)
                if _is_own(value) or _is_own_object(value):
                    names |= self._globals(value, seen)
        return names

    def _called(self, path: Reached) -> object:
        """What is called by a path, looked up on an object's class where it is a method."""
        value, rest = self._follow(path)
        if len(rest) == 1 and (_is_own_object(value) or isinstance(value, type)):
            kind = value if isinstance(value, type) else type(value)
            return _looked_up(kind, rest[0])
        return value if not rest else None

    def _changed(self, done: Effects) -> tuple[set[Reached], set[str]]:
        """What running a top-level statement changes, by global paths, and the global names that functions in it bind."""
        reach = self._reach_of(done, set(), 0, None)
        return reach.of_globals, reach.binds

    def _reach_of(self, done: Effects, local: set[str], depth: int, owner: type | None) -> _Reach:
        """Follows calls of the student's own functions; `local` names are a function's own, everything else is global."""
        reach, changes = _Reach(), set(done.changes)
        for path, method in done.methods:
            value = None if path[0] in local else self._follow(path)[0]
            kind = owner if owner and path == ("self",) else type(value)
            own_method = _is_own(_looked_up(kind, method)) and _is_own_class(kind)
            if not own_method and not isinstance(value, types.ModuleType | type):
                changes.add(path)
        for call in done.calls:
            self._follow_call(call, local, depth, owner, reach, changes)
        found = done.by_any_name(changes)
        reach.of_parameters |= {path for path in found if path[0] in local}
        reach.of_globals |= {path for path in found if path[0] not in local}
        return reach

    def _follow_call(
        self,
        call: Call,
        local: set[str],
        depth: int,
        owner: type | None,
        reach: _Reach,
        changes: set[Reached],
    ) -> None:
        path = call.function
        if call.made_of is not None and path[0] not in local:
            maker = self._called(path[:-1])
            if isinstance(maker, types.FunctionType) and _is_own(maker) and not effects.only_reads(path[-1]):
                changes.update(call.made_of)
        if path[0] in local:
            target = _looked_up(owner, path[1]) if owner and path[0] == "self" and len(path) == 2 else None  # noqa: PLR2004
            if target is None:
                # A function that was handed over may do anything; a method of something that was, to that alone.
                changes.update(call.arguments() if len(path) == 1 else ())
                return
        else:
            target = self._called(path)
        if isinstance(target, functools.partial):
            changes.update(call.arguments())
            target = target.func
        holder = getattr(target, "__self__", None) if isinstance(target, types.MethodType) else None
        if holder is not None and not _is_own(target) and len(path) == 1 and not effects.only_reads(path[0]):
            changes.update((name,) for name, value in self._namespace.items() if value is holder)
        if not _is_own(target):
            if call.hands_on_code or any(
                _is_own(self._follow(one)[0]) for one in call.arguments() if one[0] not in local
            ):
                changes.update(call.arguments())
            return
        inner = self._reach(target, depth + 1)
        reach.of_globals |= inner.of_globals
        reach.binds |= inner.binds
        node, receiver = self.definition(target), self._receiver(target, path)
        if call.made_of is not None and node is not None and inner.of_parameters:
            first = next(iter(effects.parameters(node)), None)
            changes.update(
                call.made_of if any(each[0] in (first, "*") for each in inner.of_parameters) else ()
            )
        changes.update(_mapped(call, node, inner.of_parameters, receiver))

    def _receiver(self, target: object, path: Reached) -> Reached | None:
        """What `self` stands for in a call: the path before the method; () for an object that is only being made."""
        if isinstance(target, type):
            return ()
        value, rest = self._follow(path)
        if rest or len(path) > 1:
            return path[:-1] if not isinstance(self._follow(path[:-1])[0], types.ModuleType) else None
        return path if _is_own_object(value) else None

    def _reach(self, target: object, depth: int) -> _Reach:
        node = self.definition(target)
        if node is None or depth > _DEEPEST:
            return _Reach({("*",)})
        names = effects.all_parameters(node)
        done = effects.of_function(node)
        for nested in ast.walk(node):
            if nested is not node and isinstance(nested, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                inside, own = effects.of_function(nested), effects.all_parameters(nested)
                done.changes |= {path for path in inside.changes if path[0] not in own | inside.binds}
                done.methods |= {each for each in inside.methods if each[0][0] not in own | inside.binds}
                done.binds |= inside.binds - inside.globals
        local = (done.binds | names | {one for one, _ in done.aliases}) - done.globals
        owner = self._owner(node)
        reach = self._reach_of(done, local, depth, owner)
        reach.of_parameters = {path for path in reach.of_parameters if path[0] in names}
        reach.binds |= done.globals & done.binds
        return reach

    def _owner(self, method: ast.AST) -> type | None:
        """The class in whose body a method is defined."""
        kinds = (node for tree in self._trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
        name = next((kind.name for kind in kinds if method in kind.body), "")
        kind = self._namespace.get(name)
        return kind if isinstance(kind, type) else None

    def definition(self, function: object) -> Any:
        """The tree of a function of the student's; None where it is not at hand."""
        for code in _codes(function, only_called=True):
            return self._definitions.get((code.co_name, code.co_firstlineno))
        return None


def _mapped(call: Call, node: Any, changed: set[Reached], receiver: Reached | None) -> Iterator[Reached]:
    """Changed parameters as what was handed over for them; ("*",) stands for all."""
    names = list(effects.parameters(node)) if node is not None else []
    if receiver is not None and names:
        if receiver:
            yield from ((*receiver, *path[1:]) for path in changed if path[0] == names[0])
        names = names[1:]
    everything = ("*",) in changed or any(one is None for one in call.positional)
    for number, paths in enumerate(call.positional):
        name = names[number] if number < len(names) else None
        for path in paths or ():
            if everything or name is None:
                yield path
            yield from ((*path, *inside[1:]) for inside in changed if inside[0] == name)
    for keyword, paths in call.keywords:
        for path in paths:
            if everything or keyword is None:
                yield path
            yield from ((*path, *inside[1:]) for inside in changed if inside[0] == keyword)


def _codes(function: object, *, only_called: bool = False) -> Iterator[types.CodeType]:
    """The code of a function, a method, a partial or a class: all its methods, or only what calling it runs."""
    if isinstance(function, functools.partial):
        function = function.func
    if _is_own_object(function):
        function = _looked_up(type(function), "__call__") if only_called else type(function)
    if isinstance(function, type):
        wanted = ("__init__",) if only_called else tuple(vars(function))
        members = (_looked_up(function, name) for name in wanted)
        for member in members:
            if isinstance(member, types.FunctionType):
                yield member.__code__
        return
    function = getattr(function, "__wrapped__", function) if callable(function) else function
    function = function.__func__ if isinstance(function, types.MethodType) else function
    if isinstance(function, types.FunctionType):
        yield function.__code__


def _global_names(code: types.CodeType) -> set[str]:
    import dis

    names = {
        str(one.argval) for one in dis.get_instructions(code) if one.opname in ("LOAD_GLOBAL", "LOAD_NAME")
    }
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            names |= _global_names(inner)
    return names


def _looked_up(kind: type | None, name: str) -> object:
    """A method as its class has it, without running a descriptor of the student's."""
    for each in kind.__mro__ if kind else ():
        if name in vars(each):
            found = vars(each)[name]
            return found.__func__ if isinstance(found, staticmethod | classmethod) else found
    return None


def _is_own(value: object) -> bool:
    """Whether calling this runs code of the student's."""
    if isinstance(value, type):
        return _is_own_class(value)
    if isinstance(value, types.MethodType):
        value = value.__func__
    if isinstance(value, types.FunctionType):
        name = value.__code__.co_filename
        return name == FILE_NAME or ("-packages" not in name and Path.cwd() in Path(name).parents)
    if isinstance(value, functools.partial):
        return _is_own(value.func)
    return _is_own_object(value) and _is_own(_looked_up(type(value), "__call__"))


def _is_own_class(kind: type) -> bool:
    return any(_is_own(one) for one in vars(kind).values() if isinstance(one, types.FunctionType))


def _is_own_object(value: object) -> bool:
    """A plain object of a class of the student's; one of Keras's, though of a class of theirs, is a layer or a model."""
    kind = type(value)
    return kind.__module__ == "submission" and not _is_keras(value) and hasattr(value, "__dict__")


def _is_keras(value: object) -> bool:
    return any(each.__module__.startswith("keras.src.") for each in type(value).__mro__)


def _parts(value: object) -> Iterable[object]:
    """What a container or an object of the student's own class holds."""
    if isinstance(value, list | tuple | set | frozenset):
        return list(value)[:_MOST_OBJECTS]
    if isinstance(value, dict):
        return list(value.values())[:_MOST_OBJECTS]
    return list(vars(value).values()) if _is_own_object(value) else ()


def _layers(model: object) -> Iterator[object]:
    """A model and every layer in it, also of models within it."""
    pending, seen = [model], set[int]()
    while pending and len(seen) < _MOST_OBJECTS * 10:
        one = pending.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        try:
            inside = getattr(one, "layers", ())
            pending += inside if isinstance(inside, list | tuple) else ()
        except Exception:  # noqa: BLE001, S112 - a student's class may raise whatever it likes
            continue
