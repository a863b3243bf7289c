"""Which of the things that a submission has made is what a part asks for, described; or the first cause of there being none.

In a notebook several quizzes may share a name: beside the newest answer, the older ones are told, and the host chooses by the
checks that everybody can see.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from typing import Any

from . import entry
from .entry import Entry
from .explain import explain
from .failure import Failure
from .job import Part
from .refusal import NoModel
from .running import Bound, Run, is_answer, missing_name

MOST_VALUES = 150_000
"""In all claims of a job; the host takes a little more."""


def is_there(run: Run, part: Part) -> bool:
    """Whether anything stands under the part's names, or has."""
    if part.probe is not None:
        return any(name in run.namespace for name in part.functions)
    return any(True for _ in _meant(run, part))


def answer(run: Run, part: Part) -> dict[str, Any]:
    """One part as it is claimed. Raises `NoModel` where there is nothing to describe."""
    if part.probe is not None:
        return _probed(run, part, part.probe)
    try:
        value, told = _newest(run, part)
    except NoModel as error:
        others = _others(run, part, None)
        if not others:
            raise
        return {"name": part.name, "error": error.as_claim()["error"], "others": others}
    return {"name": part.name, **told, "others": _others(run, part, value)}


def trimmed(claim: dict[str, Any], most_bytes: int) -> dict[str, Any]:
    """A claim within its bounds: the oldest of the older answers go first."""
    parts: list[dict[str, Any]] = [*claim["parts"], {}]
    longest = max(parts, key=lambda part: len(part.get("others", ())))
    while longest.get("others") and (_bytes(claim) > most_bytes or _values(claim) > MOST_VALUES):
        longest["others"].pop()
        longest = max(parts, key=lambda part: len(part.get("others", ())))
    return claim


def _meant(run: Run, part: Part) -> Iterator[tuple[Entry, Bound | None]]:
    """What may be meant, best first; with where it was made, if the name stands for something else by now."""
    for found in entry.entries(run.namespace, part):
        yield found, None
    for name in dict.fromkeys((*part.functions, *part.variables)):
        bound = run.last.get(name)
        found_before = _as_entry(bound, part) if bound is not None else None
        if found_before is not None and not is_answer(run.namespace.get(name)):
            yield found_before, bound


def _as_entry(bound: Bound, part: Part) -> Entry | None:
    """A model, or a function under one of the part's names for functions that can be called as asked."""
    if entry.looks_like_a_model(bound.value):
        return Entry(bound.name, bound.value, is_function=False)
    may_be_called = bound.name in part.functions and entry.binding(bound.value, part) is not None
    return Entry(bound.name, bound.value, is_function=True) if may_be_called else None


def _newest(run: Run, part: Part) -> tuple[object, dict[str, Any]]:
    """What is graded, and how it is claimed."""
    blocked: Failure | None = None
    for found, before in _meant(run, part):
        stale = _marked(run, found) or (run.marks.on_name(found.name) if before is None else None)
        if stale is None:
            told = _described(run, found, part)
            if before is not None:
                run.note("name_moved_on", name=found.name, lines=str(before.line))
            return found.value, told | {"cell": _cell(run, found)}
        blocked = blocked or stale
    if blocked is not None:
        raise blocked.first.mistake
    names = (*part.functions, *part.variables)
    try:
        found = entry.anything(run.namespace, part)
    except NoModel as error:
        absent = error.code == "no_such_function"
        raise (run.why_absent(names) if absent else None) or error from None
    stale = run.marks.on_name(found.name)
    if stale is not None:
        raise stale.first.mistake
    return found.value, _described(run, found, part)


def _marked(run: Run, found: Entry) -> Failure | None:
    return run.marks.on_function(found.value) if found.is_function else run.marks.on_model(found.value)


def _cell(run: Run, found: Entry) -> int | None:
    return next((each.cell for each in run.bound if each.value is found.value), None)


def _others(run: Run, part: Part, newest: object) -> list[dict[str, Any]]:
    """Older answers of a notebook, the newest first; what cannot be described is none."""
    told = []
    for bound in reversed(run.bound):
        if bound.value is newest or bound.name not in (*part.functions, *part.variables):
            continue
        found = _as_entry(bound, part)
        if found is None or _marked(run, found):
            continue
        try:
            told.append(_described(run, found, part) | {"cell": bound.cell})
        except BaseException:  # noqa: BLE001, S112 - an older attempt may be as wrong as it likes
            continue
    return told


def _described(run: Run, found: Entry, part: Part) -> dict[str, Any]:
    from . import compiled, describe  # imports keras; a script without parts has no use for it

    value = value_of(run, found, part)
    try:
        model = describe.describe(value, part.input_shape)
    except describe.NotAModel as error:
        raise NoModel("bad_result", error.code, {"function": found.name, **error.params}) from None
    except describe.Refused as error:
        raise NoModel("bad_model", error.code, error.params) from None
    return {"entry_point": found.name, "model": model, "compiled": compiled.describe_compiled(value)}


def value_of(run: Run, found: Entry, part: Part) -> object:
    """What was found, or what it returns. Raises `NoModel` where it returns nothing, or something unfinished."""
    try:
        value = entry.call(found, part) if found.is_function else found.value
    except BaseException as error:  # noqa: BLE001 - the function's own name belongs into the message
        raise _first_cause(run, found, error) from None
    stale = run.marks.on_model(value)
    if stale is not None:
        raise stale.first.mistake
    return value


def _first_cause(run: Run, found: Entry, error: BaseException) -> NoModel:
    """What the function raises, unless a statement that stopped before would have made what it misses."""
    missing = missing_name(error)
    if missing is not None and missing not in run.namespace:
        cause = run.cause_of(missing)
        if cause is not None:
            return cause.first.mistake
    mistake = explain(error, found.name)
    if missing is not None or mistake.code == "returned_nothing":
        return _unfilled(run, found, missing) or mistake
    return mistake


def _unfilled(run: Run, found: Entry, missing: str | None) -> NoModel | None:
    """A starter that nobody has filled in: its function only returns, or returns what no line of it makes."""
    node = run.marks.code.definition(found.value)
    if node is None or isinstance(node, ast.Lambda):
        return None
    body = [each for each in node.body if not _does_nothing(each)]
    if any(not isinstance(each, ast.Return) or not _is_bare(each.value) for each in body):
        return None
    line = entry.line_of(found.value)
    if missing is None:
        return NoModel("bad_result", "not_filled_in", {"function": found.name}, line=line)
    params = {"function": found.name, "name": missing}
    return NoModel("bad_result", "not_filled_in_name", params, line=line)


def _does_nothing(statement: ast.stmt) -> bool:
    """`pass`, a text, `...`, `model = None`."""
    if isinstance(statement, ast.Assign):
        return isinstance(statement.value, ast.Constant) and statement.value.value is None
    return isinstance(statement, ast.Pass) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    )


def _is_bare(value: ast.expr | None) -> bool:
    return value is None or isinstance(value, ast.Name | ast.Constant)


def _probed(run: Run, part: Part, wanted: dict[str, Any]) -> dict[str, Any]:
    from . import probe

    for name in part.functions:
        if name in run.namespace:
            stale = run.marks.on_name(name) or run.marks.on_function(run.namespace[name])
            if stale is not None:
                raise stale.first.mistake
            break
    try:
        return probe.run(run.namespace, part, wanted)
    except NoModel as error:
        absent = error.code in ("no_such_function", "no_such_class")
        raise (run.why_absent(part.functions) if absent else None) or error from None


def _bytes(claim: dict[str, Any]) -> int:
    return len(json.dumps(claim, default=str).encode())


def _values(value: object) -> int:
    if isinstance(value, dict):
        return 1 + sum(1 + _values(each) for each in value.values())
    return 1 + sum(map(_values, value)) if isinstance(value, list) else 1
