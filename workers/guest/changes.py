"""What running a piece of a student's code may change, followed through their own functions, classes and lambdas.

Nothing is run: names are looked up in the namespace as it is, and functions by their trees. Where something is not known, it is
taken to change whatever it is given.
"""

from __future__ import annotations

import ast
import builtins
import functools
import types
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from . import effects
from .effects import Call, Effects, Reached
from .own import (
    codes,
    global_names,
    is_keras,
    is_own,
    is_own_class,
    is_own_object,
    looked_up,
    parts,
)

_DEEPEST = 5
_CALLING = ("operator", "_operator", "functools")
_EVERYTHING: Reached = ("*",)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass
class Reach:
    """What running code changes: paths that begin with a parameter, global paths, global names that functions bind."""

    of_parameters: set[Reached] = field(default_factory=set)
    of_globals: set[Reached] = field(default_factory=set)
    binds: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class _Where:
    """Where code stands: names of its own, the class whose object `self` is, how many calls deep."""

    local: frozenset[str] = frozenset()
    owner: type | None = None
    depth: int = 0


class Changes:
    """Looks at code over a namespace; `trees` are those of the submission's pieces, where its functions are found."""

    def __init__(self, namespace: dict[str, object], trees: Iterable[ast.AST]) -> None:
        self._namespace = namespace
        self._trees = list(trees)
        self._scope: Mapping[str, object] = {}

    def by(self, done: Effects) -> Reach:
        """What a top-level statement changes, by global paths."""
        return self._reach_of(done, _Where())

    def by_frame(self, code: types.CodeType, scope: Mapping[str, object]) -> list[tuple[object, Reached]]:
        """What the rest of a function that is being run may change, by what its names stand for now: see `follow`."""
        self._scope = scope
        try:
            nodes = self._definitions.get((code.co_name, code.co_firstlineno), [])
            if not nodes:
                known = (*code.co_names, *code.co_varnames, *code.co_freevars)
                names = [(name,) for name in known if name in scope or name in self._namespace]
                return [self.follow(path) for path in names]
            found = (self._reach_of(_body(node), _Where()).of_globals for node in nodes)
            return [self.follow(path) for paths in found for path in paths]
        finally:
            self._scope = {}

    def methods_in(self, code: types.CodeType) -> set[tuple[Reached, str]]:
        """The calls in a function that may change what they are called on."""
        nodes = self._definitions.get((code.co_name, code.co_firstlineno), [])
        return {each for node in nodes for each in _body(node).methods}

    def follow(self, path: Reached) -> tuple[object, Reached]:
        """What a path leads to, as far as it is known without running code, and what is left of it."""
        value = self._named(path[0])
        for number, name in enumerate(path[1:], 1):
            inside = {} if is_keras(value) or isinstance(value, type) else getattr(value, "__dict__", {})
            found = inside.get(name, looked_up(type(value), name) if is_own_object(value) else None)
            if found is None or isinstance(found, types.FunctionType | property):
                return value, path[number:]
            value = found
        return value, ()

    def globals_of(self, function: object, seen: set[int] | None = None) -> set[str]:
        """The global names that a function reads, itself or in others of the student's."""
        seen = set() if seen is None else seen
        names: set[str] = set()
        for code in codes(function):
            if id(code) in seen:
                continue
            seen.add(id(code))
            for name in global_names(code):
                names.add(name)
                value = self._namespace.get(name)
                if is_own(value) or is_own_object(value):
                    names |= self.globals_of(value, seen)
        return names

    def called(self, path: Reached) -> object:
        """What is called by a path, looked up on an object's class where it is a method."""
        value, rest = self.follow(path)
        if len(rest) == 1 and (is_own_object(value) or isinstance(value, type)):
            return looked_up(value if isinstance(value, type) else type(value), rest[0])
        return value if not rest else None

    def definition(self, function: object) -> Function | None:
        """The tree of a function of the student's; None where it is not at hand."""
        for code in codes(function, only_called=True):
            return next(iter(self._definitions.get((code.co_name, code.co_firstlineno), [])), None)
        return None

    @functools.cached_property
    def _definitions(self) -> Mapping[tuple[str, int], list[Function]]:
        """By name and first line, as code objects have them; several lambdas may share a line."""
        found: dict[tuple[str, int], list[Function]] = {}
        for node in (each for tree in self._trees for each in ast.walk(tree) if isinstance(each, _FUNCTIONS)):
            decorators = [] if isinstance(node, ast.Lambda) else node.decorator_list
            first = min([node.lineno, *(each.lineno for each in decorators)])
            found.setdefault((getattr(node, "name", "<lambda>"), first), []).append(node)
        return found

    def _named(self, name: str) -> object:
        return self._scope.get(name, self._namespace.get(name, getattr(builtins, name, None)))

    def _reach_of(self, done: Effects, where: _Where) -> Reach:
        reach, changes = Reach(), set(done.changes)
        for path, method in done.methods:
            value = None if path[0] in where.local else self.follow(path)[0]
            kind = where.owner if where.owner and path == ("self",) else type(value)
            own_method = is_own(looked_up(kind, method)) and is_own_class(kind)
            if not own_method and not isinstance(value, types.ModuleType | type):
                changes.add(path)
        for call in done.calls:
            changes |= self._by_call(call, where, reach)
        found = done.by_any_name(changes)
        reach.of_parameters |= {path for path in found if path[0] in where.local}
        reach.of_globals |= {path for path in found if path[0] not in where.local}
        return reach

    def _by_call(self, call: Call, where: _Where, reach: Reach) -> set[Reached]:
        """What a call changes where it stands; what it changes elsewhere goes into `reach`."""
        path = call.function
        if path[0] in where.local:
            method = where.owner is not None and path[0] == "self" and len(path) > 1
            target = looked_up(where.owner, path[1]) if method else None
            if target is None:
                # A function that was handed over may do anything; a method of something that was, to that alone.
                return set(call.arguments()) if len(path) == 1 else set()
            return self._by_own(target, call, where, reach)
        target, made = self.called(path), self._by_what_was_made(call)
        if isinstance(target, functools.partial):
            return made | set(call.arguments()) | self._by_own(target.func, call, where, reach)
        if is_own(target):
            return made | self._by_own(target, call, where, reach)
        return made | self._by_library(target, call, where)

    def _by_what_was_made(self, call: Call) -> set[Reached]:
        """`same(model).add(x)`: what a function of the student's gives may be what it was given."""
        if call.made_of is None or effects.only_reads(call.function[-1]):
            return set()
        maker = self.called(call.function[:-1])
        return set(call.made_of) if isinstance(maker, types.FunctionType) and is_own(maker) else set()

    def _by_library(self, target: object, call: Call, where: _Where) -> set[Reached]:
        """A call of what is not the student's: it changes what it is given code of theirs for, and what it is bound to."""
        path, changes = call.function, set[Reached]()
        holder = target.__self__ if isinstance(target, types.MethodType) else None
        if holder is not None and len(path) == 1 and not effects.only_reads(path[0]):
            known = {**self._namespace, **self._scope}
            changes |= {(name,) for name, value in known.items() if value is holder}
        if len(path) > 1 and isinstance(self.follow(path[:-1])[0], type) and not effects.only_reads(path[-1]):
            changes |= (call.positional or (None,))[0] or set()  # Sequential.add(model, …)
        if getattr(target, "__module__", None) in _CALLING:
            changes |= set(call.arguments())
        handed = (self.follow(one)[0] for one in call.arguments() if one[0] not in where.local)
        in_it = parts(target) if isinstance(target, dict | list | tuple) else ()
        if call.hands_on_code or any(map(is_own, handed)) or any(map(is_own, in_it)):
            changes |= set(call.arguments())
        return changes

    def _by_own(self, target: object, call: Call, where: _Where, reach: Reach) -> set[Reached]:
        """A call of a student's own function or class: what it does to its parameters, it does to what is handed over."""
        node = self.definition(target)
        if node is None or where.depth > _DEEPEST:
            inner, names = Reach({_EVERYTHING}), []
        else:
            inner, names = self._by_function(node, where.depth + 1), list(effects.parameters(node))
        reach.of_globals |= inner.of_globals
        reach.binds |= inner.binds
        changes, receiver = set[Reached](), self._receiver(target, call.function, where)
        if receiver is not None and names:
            changes |= {
                (*receiver, *path[1:]) for path in inner.of_parameters if receiver and path[0] == names[0]
            }
            if call.made_of is not None and any(path[0] == names[0] for path in inner.of_parameters):
                changes |= call.made_of
            names = names[1:]
        if receiver and _EVERYTHING in inner.of_parameters:
            changes.add(receiver)
        return changes | set(_mapped(call, names, inner.of_parameters))

    def _by_function(self, node: Function, depth: int) -> Reach:
        done = _body(node)
        names = effects.all_parameters(node)
        local = (done.binds | names | {one for one, _ in done.aliases}) - done.globals
        reach = self._reach_of(done, _Where(frozenset(local), self._owner(node), depth))
        reach.of_parameters = {path for path in reach.of_parameters if path[0] in names}
        reach.binds |= done.globals & done.binds
        return reach

    def _receiver(self, target: object, path: Reached, where: _Where) -> Reached | None:
        """What `self` stands for in a call: the path before the method; () for an object that is only being made."""
        if isinstance(target, type):
            return ()
        if path[0] in where.local:
            return path[:-1]
        value, rest = self.follow(path)
        if rest or len(path) > 1:
            return None if isinstance(self.follow(path[:-1])[0], types.ModuleType) else path[:-1]
        return path if is_own_object(value) else None

    def _owner(self, method: ast.AST) -> type | None:
        """The class in whose body a method is defined."""
        kinds = (node for tree in self._trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
        kind = self._namespace.get(next((each.name for each in kinds if method in each.body), ""))
        return kind if isinstance(kind, type) else None


def _body(node: Function) -> Effects:
    """The effects of running a function, and of what is defined in it, which it may call."""
    done = effects.of_function(node)
    for nested in ast.walk(node):
        if nested is not node and isinstance(nested, _FUNCTIONS):
            inside = effects.of_function(nested)
            own = effects.all_parameters(nested) | inside.binds
            done.changes |= {path for path in inside.changes if path[0] not in own}
            done.methods |= {each for each in inside.methods if each[0][0] not in own}
            done.binds |= inside.binds - inside.globals
    return done


def _mapped(call: Call, names: list[str], changed: set[Reached]) -> Iterator[Reached]:
    """Changed parameters as what was handed over for them."""
    everything = _EVERYTHING in changed or any(one is None for one in call.positional)
    given = [(names[at] if at < len(names) else None, one) for at, one in enumerate(call.positional)]
    for name, paths in (*given, *call.keywords):
        for path in paths or ():
            if everything or name is None:
                yield path
            yield from ((*path, *inside[1:]) for inside in changed if inside[0] == name)
