"""Running a submission, and what it claims: one description of a model for each part, or one error.

This runs in a process that is the student's from its first line on. Nothing that it says is believed: the host
parses the claim as it would parse a stranger's upload.
"""

from __future__ import annotations

import ast
import json
import linecache
import os
import sys
import types
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from . import answers, cells, compat, magics, pieces, shell
from .explain import FILE_NAME, explain
from .job import Job
from .refusal import NoModel, short
from .running import Run

MODULE_NAME = "submission"


def claim(job: Job, tell: Callable[[int], object] = lambda _: None) -> dict[str, Any]:
    """Run the source and describe what it makes; a student's mistake is a claim too.

    `tell` hears how many statements have ended, and 0 once the rest is not theirs.
    """
    with _forks_end_here():
        try:
            return _claim(job, tell)
        except BaseException as error:  # noqa: BLE001 - student code may raise whatever it likes, SystemExit too
            return explain(error, None).as_claim()


@contextmanager
def _forks_end_here() -> Iterator[None]:
    """A process that student code forks ends where that code does, as at the end of any script: it has no claim of its own."""
    asked = os.getpid()
    try:
        yield
    finally:
        if os.getpid() != asked:
            flush_output()
            os._exit(0)


def _claim(job: Job, tell: Callable[[int], object]) -> dict[str, Any]:
    notes: list[dict[str, Any]] = []
    code = pieces.read(job.source, notes)
    training = _training(code, notes)
    with compat.standing() as seen:
        try:
            with _forks_end_here():
                run = _run(code, job, tell)
            tell(0)
            parts = [answers.answer(run, part) for part in job.parts]
        except BaseException as error:  # noqa: BLE001 - what was printed before may be of our making, and says so
            return explain(error, None).as_claim() | {"notes": seen.notes.claim()}
    notes += [*run.told(), *seen.notes.claim()]
    claimed = {"format": 1, "parts": parts, "training": training, "notes": notes, **seen.claim()}
    return answers.trimmed(claimed, job.limits.description_bytes)


def _run(code: list[pieces.Piece], job: Job, tell: Callable[[int], object]) -> Run:
    linecache.cache[FILE_NAME] = (len(job.source), None, cells.lines_of(job.source), FILE_NAME)
    warnings.formatwarning = _short_warning  # type: ignore[assignment]
    module = types.ModuleType(MODULE_NAME)
    module.__file__ = str(Path("submission.py").absolute())
    sys.modules[MODULE_NAME] = module
    shell.serve(module.__dict__, magics.SHELL, elsewhere=job.at_home)
    names = [name for part in job.parts for name in (*part.functions, *part.variables)]
    as_python = job.at_home or not job.parts
    run = Run(code, module.__dict__, names, upto=job.upto, as_python=as_python, tell=tell)
    run.everything()
    if not job.parts:
        run.need_all()
    if not all(answers.is_there(run, part) for part in job.parts):
        run.main_guards()
    return run


def _short_warning(message: Warning | str, category: type[Warning], *_: object) -> str:
    """A warning without the path of the library that gives it, which tells a student nothing."""
    return f"{category.__name__}: {message}\n"


def _training(code: list[pieces.Piece], notes: list[dict[str, Any]]) -> object:
    """The literal value of the last top-level `TRAINING = …`; a note if it is no plain JSON-like literal."""
    value: object = None
    for statement in pieces.statements(code):
        expression = _assigned(statement)
        if expression is None:
            continue
        try:
            value = ast.literal_eval(expression)
            json.dumps(value, allow_nan=False)
        except (ValueError, TypeError, RecursionError, MemoryError):
            value = None
            params = {"line": statement.lineno, "text": short(ast.unparse(expression), 200)}
            notes.append({"code": "training_not_literal", "params": params})
    return value


def _assigned(statement: ast.stmt) -> ast.expr | None:
    if isinstance(statement, ast.Assign):
        targets, value = statement.targets, statement.value
    elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
        targets, value = [statement.target], statement.value
    else:
        return None
    named = any(isinstance(target, ast.Name) and target.id == "TRAINING" for target in targets)
    return value if named else None


def encoded(result: dict[str, Any]) -> bytes:
    """The claim as it leaves the process."""
    try:
        return json.dumps(result, allow_nan=False).encode()
    except (ValueError, TypeError, RecursionError) as error:
        refusal = NoModel("bad_model", "undescribable", {"detail": type(error).__name__})
        return json.dumps(refusal.as_claim()).encode()


def flush_output() -> None:
    """Write out what student code has printed; its stream may be anything by now."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(BaseException):  # a replaced stream may raise whatever it likes
            stream.flush()
