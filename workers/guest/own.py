"""What is a student's own among the values of a run, and what is Keras's; looked at without running any code of either."""

from __future__ import annotations

import dis
import functools
import types
from collections.abc import Iterable, Iterator
from pathlib import Path

from .explain import FILE_NAME

MOST_PARTS = 500


def codes(function: object, *, only_called: bool = False) -> Iterator[types.CodeType]:
    """The code of a function, a method, a partial or a class: all its methods, or only what calling it runs."""
    if isinstance(function, functools.partial):
        function = function.func
    if is_own_object(function):
        function = looked_up(type(function), "__call__") if only_called else type(function)
    if isinstance(function, type):
        wanted = ("__init__",) if only_called else tuple(vars(function))
        members = (looked_up(function, name) for name in wanted)
        for member in members:
            if isinstance(member, types.FunctionType):
                yield member.__code__
        return
    function = getattr(function, "__wrapped__", function) if callable(function) else function
    function = function.__func__ if isinstance(function, types.MethodType) else function
    if isinstance(function, types.FunctionType):
        yield function.__code__


def global_names(code: types.CodeType) -> set[str]:
    """The global names that code loads, also that within it."""
    names = {
        str(one.argval) for one in dis.get_instructions(code) if one.opname in ("LOAD_GLOBAL", "LOAD_NAME")
    }
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            names |= global_names(inner)
    return names


def looked_up(kind: type | None, name: str) -> object:
    """A method as its class has it, without running a descriptor of the student's."""
    for each in kind.__mro__ if kind else ():
        if name in vars(each):
            found = vars(each)[name]
            return found.__func__ if isinstance(found, staticmethod | classmethod) else found
    return None


def is_own(value: object) -> bool:
    """Whether calling this runs code of the student's."""
    if isinstance(value, type):
        return is_own_class(value)
    if isinstance(value, types.MethodType):
        value = value.__func__
    if isinstance(value, types.FunctionType):
        name = value.__code__.co_filename
        return name == FILE_NAME or ("-packages" not in name and Path.cwd() in Path(name).parents)
    if isinstance(value, functools.partial):
        return is_own(value.func)
    return is_own_object(value) and is_own(looked_up(type(value), "__call__"))


def is_own_class(kind: type) -> bool:
    """Whether a class has methods of the student's."""
    return any(is_own(one) for one in vars(kind).values() if isinstance(one, types.FunctionType))


def is_own_object(value: object) -> bool:
    """A plain object of a class of the student's; one of Keras's, though of a class of theirs, is a layer or a model."""
    kind = type(value)
    # A class may come out of a module that a cell has written, or that lies beside the file.
    is_theirs = kind.__module__ == "submission" or is_own_class(kind)
    return is_theirs and not is_keras(value) and hasattr(value, "__dict__")


def is_keras(value: object) -> bool:
    """Whether a value is of a class of Keras's, or of one that is made from it."""
    return any(each.__module__.startswith("keras.src.") for each in type(value).__mro__)


def parts(value: object) -> Iterable[object]:
    """What a container or an object of the student's own class holds."""
    if isinstance(value, list | tuple | set | frozenset):
        return list(value)[:MOST_PARTS]
    if isinstance(value, dict):
        return list(value.values())[:MOST_PARTS]
    inside = getattr(value, "__dict__", {}) if not is_keras(value) else {}
    return list(inside.values()) if isinstance(inside, dict) else ()


def layers(model: object) -> Iterator[object]:
    """A model and every layer in it, also of models within it."""
    pending, seen = [model], set[int]()
    while pending and len(seen) < MOST_PARTS * 10:
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
