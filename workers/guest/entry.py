"""Finding the function that an assignment asks for, and calling it the way that the assignment says."""

from __future__ import annotations

import difflib
import functools
import inspect
import types
from dataclasses import dataclass

from .job import Part
from .refusal import NoModel

_NAMES_SHOWN = 20


@dataclass(frozen=True)
class Entry:
    """The name that was used, and the thing that it stands for."""

    name: str
    value: object
    is_function: bool


def find(namespace: dict[str, object], part: Part) -> Entry:
    """Look names up in the part's order; a function wins over a variable.

    Raises `NoModel` (bad_result) naming the functions that are there, and the nearest one.
    """
    for name in part.functions:
        if _is_function(namespace.get(name)):
            return Entry(name, namespace[name], is_function=True)
    for name in (*part.variables, *part.functions):
        value = namespace.get(name)
        if (
            value is not None
            and not isinstance(value, (type, types.ModuleType))
            and _looks_like_a_model(value)
        ):
            return Entry(name, value, is_function=False)
    for name in part.variables:
        value = namespace.get(name)
        if value is not None and not isinstance(value, (type, types.ModuleType, types.FunctionType)):
            return Entry(name, value, is_function=False)
    raise _not_found(namespace, part)


def call(entry: Entry, part: Part) -> object:
    """Call the function; what it raises goes through. A wrong signature is a `NoModel` (bad_result)."""
    function = entry.value
    if inspect.iscoroutinefunction(function):
        raise NoModel("bad_result", "async_function", {"function": entry.name}, line=_line(function))
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise NoModel("bad_result", "generator_function", {"function": entry.name}, line=_line(function))
    if not callable(function):
        raise NoModel("bad_result", "not_a_function", {"wanted": entry.name, "kind": type(function).__name__})
    _check_signature(entry, part.arguments)
    result: object = function(*part.arguments)
    if result is None:
        raise NoModel("bad_result", "returned_nothing", {"function": entry.name}, line=_line(function))
    return result


def _is_function(value: object) -> bool:
    wrapped = hasattr(type(value), "__wrapped__") or hasattr(type(value), "python_function")
    return inspect.isroutine(value) or isinstance(value, functools.partial) or wrapped


def _looks_like_a_model(value: object) -> bool:
    return callable(getattr(type(value), "get_config", None)) and hasattr(type(value), "layers")


def _check_signature(entry: Entry, arguments: tuple[object, ...]) -> None:
    try:
        signature = inspect.signature(entry.value)  # type: ignore[arg-type]
        signature.bind(*arguments)
    except ValueError:
        return
    except TypeError:
        code = "wrong_arguments" if arguments else "needs_arguments"
        params = {
            "function": entry.name,
            "parameters": ", ".join(signature.parameters),
            "given": ", ".join(map(repr, arguments)),
        }
        raise NoModel("bad_result", code, params, line=_line(entry.value)) from None


def _line(function: object) -> int | None:
    code = getattr(inspect.unwrap(function), "__code__", None)  # type: ignore[arg-type]
    return code.co_firstlineno if isinstance(code, types.CodeType) else None


def _not_found(namespace: dict[str, object], part: Part) -> NoModel:
    other = namespace.get(part.wanted)
    if other is not None:
        kind = "class" if isinstance(other, type) else type(other).__name__
        return NoModel("bad_result", "not_a_function", {"wanted": part.wanted, "kind": kind})
    functions = [name for name, value in namespace.items() if isinstance(value, types.FunctionType)]
    own = [
        name for name in functions if getattr(namespace[name], "__module__", None) == namespace["__name__"]
    ]
    near = difflib.get_close_matches(part.wanted, own, n=1) or [
        name for name in own if name.casefold() == part.wanted.casefold()
    ]
    params = {
        "wanted": part.wanted,
        "found": ", ".join(own[:_NAMES_SHOWN]),
        "nearest": near[0] if near else None,
    }
    return NoModel("bad_result", "no_such_function", params)
