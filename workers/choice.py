"""A student's literal TRAINING, within the bounds that the assignment sets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.domain.assignment import ChoiceBounds, Part
from grader.domain.description import clean
from grader.domain.errors import Reason, StudentError
from grader.domain.message import Message, message
from grader.domain.training import TrainingChoice


def read_choice(value: Any, guest_notes: Any, parts: tuple[Part, ...]) -> TrainingChoice:
    """The student's TRAINING within the assignment's bounds; StudentError says which bound it leaves."""
    bounds = next((part.choice for part in parts if part.choice), None)
    if isinstance(guest_notes, list) and any(
        isinstance(note, Mapping) and note.get("code") == "training_not_literal" for note in guest_notes
    ):
        raise StudentError(Reason.BAD_CODE, message("bad_training_literal"))
    if value is None:
        return TrainingChoice()
    if bounds is None:
        raise StudentError(Reason.BAD_CODE, message("training_not_offered"))
    if not isinstance(value, Mapping):
        raise StudentError(Reason.BAD_CODE, message("bad_training_literal"))
    return TrainingChoice(**{key: _chosen(clean(key), item, bounds) for key, item in value.items()})


def _chosen(key: str, value: Any, bounds: ChoiceBounds) -> Any:
    ranges = {"batch_size": bounds.batch_size, "epochs": bounds.epochs}
    if key == "optimizer":
        name = value.lower() if isinstance(value, str) else value
        if name not in bounds.optimizers:
            wanted = message("one_of", words=", ".join(bounds.optimizers))
            raise _out_of_bounds(key, value, wanted)
        return name
    if key not in ranges:
        raise StudentError(
            Reason.BAD_CODE, message("training_unknown_key", key=key, known="optimizer, batch_size, epochs")
        )
    low, high = ranges[key]
    if type(value) is not int or not low <= value <= high:
        raise _out_of_bounds(key, value, message("whole_number", low=low, high=high))
    return value


def _out_of_bounds(key: str, value: Any, wanted: Message) -> StudentError:
    told = message("training_out_of_bounds", key=key, value=clean(value, 80), wanted=wanted)
    return StudentError(Reason.BAD_CODE, told)
