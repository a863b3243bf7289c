"""What a submission does beside building its model, read as strangers' words and turned into notes that cost nothing.

Old spellings, data that stood in, and how the student's own `compile` and `fit` compare with the plan that we train by.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from grader.domain import compiled
from grader.domain.assignment import Part
from grader.domain.description import clean
from grader.domain.message import Message, message
from grader.domain.model_spec import ModelSpec
from grader.domain.training import TrainingChoice, TrainingPlan
from workers.today import in_words

MAX_NOTES = 20
MAX_READ = 200
MAX_FITS = 20
_MAX_EPOCHS = 10**9
_MAX_TEXT = 160
_SAME_LOSSES = {"sparse_categorical_crossentropy": "categorical_crossentropy"}

NOTES: Mapping[str, tuple[str, ...]] = {
    "old_spelling": ("old", "new"),
    "strides_not_kernel": ("kind", "filters", "kernel", "strides"),
    "invented_data": ("name",),
    "not_trained_here": (),
    "magics_dropped": ("first",),
    "no_accelerator": (),
}
"""What the guest may note, and the parameters of each; our own message has `note_` before the code."""


@dataclass(frozen=True)
class Fit:
    """One call of `fit` as the guest tells it; None for what it does not say or what is no sensible number."""

    epochs: int | None
    batch_size: int | None
    validation_split: float | None
    optimizer: str | None
    loss: str | None
    learning_rate: float | None
    params: int | None


def told(value: Any) -> list[Message]:
    """The guest's own notes: known codes with short texts, each once, at most twenty."""
    read = [_note(note) for note in value[:MAX_READ]] if isinstance(value, list) else []
    once = {(note.code, *note.params.values()): note for note in read if note is not None}
    return [_in_words(note) for note in list(once.values())[:MAX_NOTES]]


def compared(
    claimed: Any, parts: tuple[Part, ...], models: Mapping[str, ModelSpec], choice: TrainingChoice
) -> list[Message]:
    """How the student trains each model that was handed in, where that differs from the plan."""
    fits = (
        [fit for fit in (_fit(item) for item in claimed[-MAX_FITS:]) if fit]
        if isinstance(claimed, list)
        else []
    )
    notes: list[Message] = []
    for part in parts:
        model = models.get(part.name)
        if part.plan is not None and model is not None:
            own = [fit for fit in fits if fit.params == model.params]
            notes += _differences(own[-1] if own else None, model, part, choice)
    return notes


def trains_by_hand(source: str) -> int | None:
    """The line where a training loop of the student's own begins, told by its words; None when there is none."""
    for number, line in enumerate(source.splitlines(), 1):
        if re.search(r"\bGradientTape\s*\(", line.partition("#")[0]):
            return number
    return None


def waits_for_training(source: str) -> int | None:
    """The line of a `while` loop that calls `fit`, told by its words and indentation; None when there is none.

    Strangers' code is not parsed outside the sandbox: nesting alone can end Python's parser.
    """
    lines = source.splitlines()
    for number, line in enumerate(lines, 1):
        loop = re.match(r"([ \t]*)while\b", line)
        if loop is None:
            continue
        if re.search(
            r"\.(fit|fit_generator|train_on_batch)\s*\(", line + _body(lines[number:], len(loop[1]))
        ):
            return number
    return None


def _body(following: list[str], indentation: int) -> str:
    body = []
    for line in following:
        if line.strip() and len(line) - len(line.lstrip()) <= indentation:
            break
        body.append(line.partition("#")[0])
    return "\n".join(body)


def _note(note: Any) -> Message | None:
    if not isinstance(note, Mapping):
        return None
    code, params = note.get("code"), note.get("params")
    if not isinstance(code, str) or code not in NOTES or not isinstance(params, Mapping):
        return None
    values = {name: params.get(name) for name in NOTES[code]}
    if not all(isinstance(value, str) for value in values.values()):
        return None
    return Message(f"note_{code}", {name: clean(value, _MAX_TEXT) for name, value in values.items()})


def _in_words(note: Message) -> Message:
    today = note.params.get("new")
    return replace(note, params={**note.params, "new": in_words(today)}) if isinstance(today, str) else note


def _fit(item: Any) -> Fit | None:
    if not isinstance(item, Mapping):
        return None
    return Fit(
        epochs=_whole(item.get("epochs")),
        batch_size=_whole(item.get("batch_size")),
        validation_split=_share(item.get("validation_split")),
        optimizer=_word(item.get("optimizer")),
        loss=_word(item.get("loss")),
        learning_rate=_share(item.get("learning_rate")),
        params=_whole(item.get("params")),
    )


def _whole(value: Any) -> int | None:
    return value if type(value) is int and 0 <= value < _MAX_EPOCHS else None


def _share(value: Any) -> float | None:
    return float(value) if type(value) in (int, float) and 0 <= value < _MAX_EPOCHS else None


def _word(value: Any) -> str | None:
    return clean(value, 60) if isinstance(value, str) else None


def _differences(fit: Fit | None, model: ModelSpec, part: Part, choice: TrainingChoice) -> Iterator[Message]:
    plan = part.plan
    if plan is None:
        return
    plan = choice.applied_to(plan)
    plans = [plan, *([part.full_plan] if part.full_plan else [])]
    if fit is not None:
        yield from _epochs(fit, plans, part)
        yield from _split(fit, plan)
        if fit.batch_size is not None and fit.batch_size not in [each.batch_size for each in plans]:
            yield message("note_fit_batch_size", got=fit.batch_size, wanted=plan.batch_size)
    yield from _compiled(fit, model, plan)


def _epochs(fit: Fit, plans: list[TrainingPlan], part: Part) -> Iterator[Message]:
    if fit.epochs is None or fit.epochs in [plan.epochs for plan in plans]:
        return
    wanted = plans[0].epochs
    low, high = part.choice.epochs if part.choice else (0, 0)
    if low <= fit.epochs <= high:
        yield message("note_fit_epochs_choice", got=fit.epochs, wanted=wanted)
    else:
        yield message("note_fit_epochs", got=fit.epochs, wanted=wanted)


def _split(fit: Fit, plan: TrainingPlan) -> Iterator[Message]:
    if fit.validation_split and plan.validation_split and fit.validation_split != plan.validation_split:
        yield message("note_fit_split", got=fit.validation_split, wanted=plan.validation_split)


def _compiled(fit: Fit | None, model: ModelSpec, plan: TrainingPlan) -> Iterator[Message]:
    """Optimizer and loss, of the model that was handed in or of the one that was fitted, if either was compiled."""
    settings = model.compiled
    optimizer = settings.optimizer.name if settings else fit.optimizer if fit else None
    loss = settings.loss.name if settings and settings.loss else fit.loss if fit else None
    if (
        optimizer is not None
        and compiled.optimizer(optimizer).name != compiled.optimizer(plan.optimizer).name
    ):
        yield message("note_fit_optimizer", got=optimizer, wanted=plan.optimizer)
    if loss is not None and _kind_of(loss) != _kind_of(plan.loss):
        yield message("note_fit_loss", got=loss, wanted=plan.loss)


def _kind_of(loss: str) -> str:
    name = compiled.loss(loss).name
    return _SAME_LOSSES.get(name, name)
