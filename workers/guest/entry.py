"""Finding the function that an assignment asks for, and calling it the way that the assignment says."""

from __future__ import annotations

import difflib
import functools
import inspect
import types
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from .job import Part
from .refusal import NoModel, Scalar

_NAMES_SHOWN = 20


@dataclass(frozen=True)
class Entry:
    """The name that was used, and the thing that it stands for."""

    name: str
    value: object
    is_function: bool


def entries(namespace: dict[str, object], part: Part) -> Iterator[Entry]:
    """What may be meant, best first: functions that can be called as asked, then models, by the part's names in order."""
    for name in part.functions:
        if _is_function(namespace.get(name)) and binding(namespace[name], part) is not None:
            yield Entry(name, namespace[name], is_function=True)
    for name in (*part.variables, *part.functions):
        if looks_like_a_model(namespace.get(name)):
            yield Entry(name, namespace[name], is_function=False)


def anything(namespace: dict[str, object], part: Part) -> Entry:
    """What stands under the part's names though it is neither: a function that cannot be called, a variable of any kind.

    Raises `NoModel` (bad_result) naming what is there, and the nearest name.
    """
    for name in part.functions:
        if _is_function(namespace.get(name)):
            return Entry(name, namespace[name], is_function=True)
    for name in part.variables:
        value = namespace.get(name)
        if value is not None and not isinstance(value, (type, types.ModuleType, types.FunctionType)):
            return Entry(name, value, is_function=False)
    raise _not_found(namespace, part)


def call(entry: Entry, part: Part) -> object:
    """Call the function; what it raises goes through. A wrong signature is a `NoModel` (bad_result)."""
    function = entry.value
    if inspect.iscoroutinefunction(function):
        raise NoModel("bad_result", "async_function", {"function": entry.name}, line=line_of(function))
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise NoModel("bad_result", "generator_function", {"function": entry.name}, line=line_of(function))
    if not callable(function):
        raise NoModel("bad_result", "not_a_function", {"wanted": entry.name, "kind": type(function).__name__})
    bound = binding(function, part)
    if bound is None:
        raise _wrong_signature(entry, part)
    positional, keywords = bound
    result: object = function(*positional, **keywords)
    if result is None:
        raise NoModel("bad_result", "returned_nothing", {"function": entry.name}, line=line_of(function))
    return result


Binding = tuple[tuple[object, ...], dict[str, object]]


def binding(function: object, part: Part) -> Binding | None:
    """How a function is called: as the assignment says, by keyword where it wants that, else with nothing; None: neither."""
    try:
        signature = inspect.signature(function)  # type: ignore[arg-type]
    except (ValueError, TypeError):
        return part.arguments, {}
    asked = dict(zip(part.argument_names, part.arguments, strict=False))
    by_keyword = {
        name: asked[name]
        for name, parameter in signature.parameters.items()
        if name in asked and parameter.kind is inspect.Parameter.KEYWORD_ONLY
    }
    rest = tuple(
        value for number, value in enumerate(part.arguments) if _name(part, number) not in by_keyword
    )
    ways: list[Binding] = [(part.arguments, {}), (rest, by_keyword), ((), {})]
    if part.probe is not None:
        ways = ways[:1]
    elif _means_something_else(signature, part):
        ways.reverse()
    for positional, keywords in ways:
        with suppress(TypeError):
            signature.bind(*positional, **keywords)
            return positional, keywords
    return None


def _name(part: Part, number: int) -> str | None:
    return part.argument_names[number] if number < len(part.argument_names) else None


def _means_something_else(signature: inspect.Signature, part: Part) -> bool:
    """Whether the first parameter has a default that a shape is no value for, as in `def build(learning_rate=0.001)`."""
    first = next(iter(signature.parameters.values()), None)
    if first is None or not part.arguments or first.name in part.argument_names:
        return False
    kinds = (tuple, list, type(None), type(inspect.Parameter.empty))
    return not isinstance(first.default, kinds)


def _is_function(value: object) -> bool:
    wrapped = hasattr(type(value), "__wrapped__") or hasattr(type(value), "python_function")
    return inspect.isroutine(value) or isinstance(value, functools.partial) or wrapped


def looks_like_a_model(value: object) -> bool:
    """Whether a value is an object with layers, such as a model of Keras's."""
    return callable(getattr(type(value), "get_config", None)) and hasattr(type(value), "layers")


def _wrong_signature(entry: Entry, part: Part) -> NoModel:
    signature = inspect.signature(entry.value)  # type: ignore[arg-type]
    rest = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    needed = [
        name
        for name, each in signature.parameters.items()
        if each.default is inspect.Parameter.empty and each.kind not in rest
    ]
    if not part.arguments:
        params: dict[str, Scalar] = {"function": entry.name, "parameters": ", ".join(needed)}
        return NoModel("bad_result", "needs_arguments", params, line=line_of(entry.value))
    lacks = needed[len(part.arguments) :]
    if lacks and part.probe is None:
        params = {
            "function": entry.name,
            "given": ", ".join(map(repr, part.arguments)),
            "lacks": ", ".join(lacks),
            "first": lacks[0],
        }
        return NoModel("bad_result", "lacks_arguments", params, line=line_of(entry.value))
    params = {
        "function": entry.name,
        "parameters": ", ".join(signature.parameters),
        "given": ", ".join(map(repr, part.arguments)),
    }
    return NoModel("bad_result", "wrong_arguments", params, line=line_of(entry.value))


def line_of(function: object) -> int | None:
    """Where a function is defined; None for what is not written in Python."""
    code = getattr(inspect.unwrap(function), "__code__", None)  # type: ignore[arg-type]
    return code.co_firstlineno if isinstance(code, types.CodeType) else None


def _not_found(namespace: dict[str, object], part: Part) -> NoModel:
    other = namespace.get(part.wanted)
    if other is not None:
        kind = "class" if isinstance(other, type) else type(other).__name__
        return NoModel("bad_result", "not_a_function", {"wanted": part.wanted, "kind": kind})
    own = {name: shown for name, value in namespace.items() if (shown := _shown(name, value, namespace))}
    near = difflib.get_close_matches(part.wanted, own, n=1) or [
        name for name in own if name.casefold() == part.wanted.casefold()
    ]
    params = {
        "wanted": part.wanted,
        "found": ", ".join(list(own.values())[:_NAMES_SHOWN]) + (", …" if len(own) > _NAMES_SHOWN else ""),
        "nearest": near[0] if near else None,
    }
    return NoModel("bad_result", "no_such_function", params)


def _shown(name: str, value: object, namespace: dict[str, object]) -> str | None:
    """A student's own function, class or model as code has it: `build()`, `class Net`, `model`."""
    own = getattr(value, "__module__", None) == namespace["__name__"]
    if isinstance(value, types.FunctionType):
        return f"{name}()" if own else None
    if isinstance(value, type):
        return f"class {name}" if own else None
    return name if looks_like_a_model(value) else None
