"""`grader.run_grader(model, history)` in a student's own notebook: the public checks, here and now.

Needs nothing that the notebook has not imported already. What it says is advice; the grade is made on the server.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any

from grader.catalog import Catalog, load_catalog
from grader.checks import Rubric
from grader.checks.run import Results, run_checks
from grader.console import shown_on
from grader.domain.assignment import Part
from grader.domain.compiled_description import read_compiled
from grader.domain.description import read_model
from grader.domain.errors import Reason, StudentError
from grader.domain.message import Message, message
from grader.domain.model_spec import ModelSpec
from grader.domain.report import Outcome, feedback_of
from grader.domain.training import SeededRun, TrainingRun
from grader.language import LANGUAGES
from grader.messages import render
from grader.settings import load_settings

ACCURACY = (
    "accuracy", "acc", "categorical_accuracy", "sparse_categorical_accuracy", "binary_accuracy",
)  # fmt: skip
"""What a history may call it: today's name, the old one, and what a metric object is called."""


Say = Callable[..., None]
"""Prints messages in the student's language."""


@dataclass(frozen=True)
class _Fit:
    """What the public architecture checks of one part of an assignment said about a model."""

    slug: str
    part: Part
    rubric: Rubric
    results: Results

    @property
    def passed(self) -> int:
        """How many of them passed."""
        return sum(result.outcome is Outcome.PASSED for result in self.results.values())

    @property
    def is_whole(self) -> bool:
        """Whether all of them passed."""
        return self.passed == len(self.results)


def run_grader(
    model: Any,
    history: Any = None,
    *,
    assignment: str | None = None,
    submit: bool = False,
    course: str | None = None,
    lang: str = LANGUAGES[0],
) -> None:
    """Check a model and the history of its training, and print what to change, or praise.

    `history` is what `fit` returned, or its dictionary. Without `assignment`, the one that the model fits is found.
    With `submit` and a login (`grader login URL`) the notebook's code is handed in as well. `lang` is en or zh.
    """
    say = partial(_say, lang)
    # No data folder is used here, so nothing has to find the user's.
    catalog = load_catalog(load_settings(data_dir=Path()).assignments_dirs)
    slug = None
    try:
        fit = _choose(_fits(model, catalog, assignment), assignment, _accuracy(history), say)
        slug = fit.slug
        say(*_feedback(fit, history))
    except StudentError as error:
        say(*error.messages)
    if submit:
        _submit(assignment or slug, course, say)
    else:
        say(message("notebook_advice"))


def _fits(model: Any, catalog: Catalog, assignment: str | None) -> list[_Fit]:
    if assignment is not None and assignment not in catalog.assignments:
        near = get_close_matches(assignment, list(catalog.assignments), n=1)
        if near:
            raise _stop("notebook_unknown_nearest", wanted=assignment, nearest=near[0])
        raise _stop("notebook_unknown", wanted=assignment)
    slugs = [assignment] if assignment else list(catalog.assignments)
    parts = [(slug, part) for slug in slugs for part in catalog.assignments[slug].parts if not part.probe]
    if not parts:
        raise _stop("notebook_only_on_server", slug=str(assignment))
    spec = _spec(model, parts[0][1] if assignment else None)
    found = []
    for slug, part in parts:
        rubric = catalog.rubrics[slug][part.name]
        asked = replace(spec, strictness=part.architecture)
        results = run_checks(rubric.public.architecture, lambda asked=asked: asked, {})  # type: ignore[misc]
        found.append(_Fit(slug, part, rubric, results))
    return found


def _spec(model: Any, part: Part | None) -> ModelSpec:
    """The model as the server would see it. One without an input shape is built only for an assignment's part."""
    from workers.guest import compiled, describe

    if part is None and not getattr(model, "built", True):
        raise _stop("notebook_unbuilt")
    try:
        spec = read_model(describe.describe(model, part.input_shape if part else ()))
        return replace(spec, compiled=read_compiled(compiled.describe_compiled(model)))
    except describe.NotAModel:
        raise _stop("notebook_no_model", got=type(model).__name__) from None
    except describe.Refused as refused:
        raise StudentError(Reason.BAD_MODEL, Message(refused.code, refused.params)) from None


def _choose(fits: list[_Fit], assignment: str | None, accuracy: Sequence[float], say: Say) -> _Fit:
    """The part that is meant: the named assignment's nearest, or the only one that the model fits."""
    if assignment is not None:
        return max(fits, key=lambda fit: fit.passed)
    whole = [fit for fit in fits if fit.is_whole]
    slugs = list(dict.fromkeys(fit.slug for fit in whole))
    if not whole:
        known = ", ".join(dict.fromkeys(fit.slug for fit in fits))
        raise _stop("notebook_fits_none", known=known)
    if len(slugs) > 1:
        say(message("notebook_fits_several", slugs=", ".join(slugs)))
    return max(whole, key=lambda fit: bool(fit.part.plan and fit.part.plan.epochs == len(accuracy)))


def _feedback(fit: _Fit, history: Any) -> Iterable[Message]:
    measured = fit.rubric.public.training
    if not (fit.is_whole and measured):
        return feedback_of(fit.results)
    accuracy = _accuracy(history)
    if not accuracy:
        return [message("notebook_architecture_right"), message("notebook_no_accuracy")]
    run = TrainingRun((SeededRun(0, len(accuracy), {"accuracy": tuple(accuracy)}),))
    run = replace(run, threshold=fit.part.plan.threshold if fit.part.plan else None)
    results = run_checks(measured, lambda: run, fit.results)
    # What cannot be told from a history, such as the accuracy on pictures that only the server has.
    told = {name: result for name, result in results.items() if result.outcome is not Outcome.BROKEN}
    unknown = [] if told == results else [message("notebook_measured_on_server")]
    return [*feedback_of(told), *unknown]


def _accuracy(history: Any) -> Sequence[float]:
    """The training accuracy of each epoch, under whichever name; empty where there is none."""
    curves = getattr(history, "history", history)
    if not isinstance(curves, Mapping):
        return ()
    found = next((curves[name] for name in ACCURACY if name in curves), ())
    return [float(value) for value in found]


def _submit(slug: str | None, course: str | None, say: Say) -> None:
    """Hand in what the notebook has run so far, or the script that is running."""
    if slug is None:
        say(message("notebook_submit_which"))
        return
    import click

    from grader.cli import session

    try:
        sent = session.hand_in(session.load(), slug, *_own_code(), course)
    except click.ClickException as error:
        say(message("notebook_not_submitted", detail=error.message))
    except StudentError as error:
        say(*error.messages)
    else:
        say(message("notebook_submitted", slug=slug, id=sent["id"]))


def _own_code() -> tuple[str, bytes]:
    """A file's name and bytes: the cells that ran, as a notebook, or the main script."""
    shell = _shell()
    if shell is not None:
        cells = [{"cell_type": "code", "source": text} for text in shell.history_manager.input_hist_raw[1:]]
        return "notebook.ipynb", json.dumps({"nbformat": 4, "cells": cells}).encode()
    script = Path(getattr(sys.modules["__main__"], "__file__", "") or "")
    if not script.is_file():
        raise _stop("notebook_no_code")
    return script.name, script.read_bytes()


def _shell() -> Any:
    """The notebook's shell, where this is one."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython else None


def _stop(code: str, **params: str) -> StudentError:
    return StudentError(Reason.BAD_MODEL, message(code, **params))


def _say(language: str, *messages: Message) -> None:
    for each in messages:
        print(shown_on(sys.stdout, render(each, language)))
