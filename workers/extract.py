"""Source into a sandbox, and what comes out of it read as strangers' words: claim → models, or a message."""

from __future__ import annotations

import ast
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

from grader import wire
from grader.domain.assignment import Assignment, Limits, Part
from grader.domain.compiled_description import read_compiled
from grader.domain.description import Bounds, read_model
from grader.domain.errors import Location, Reason, SlowJob, StudentError
from grader.domain.layers import Dropout
from grader.domain.message import Message, message
from grader.services.grading import Extraction, Fits, Handed, Probed, fits_all
from grader.services.notebook import in_words, locate
from workers import habits, stopped
from workers.choice import read_choice
from workers.probing import SEED_BITS, Drawn
from workers.retelling import of_image_format, without_renaming
from workers.sandbox.base import (
    DiskFull,
    Finished,
    Outcome,
    OutOfMemory,
    Sandbox,
    TimedOut,
    TooManyProcesses,
    TooMuchOutput,
)
from workers.telling import MAX_LINE, disturbed, limit_error, printable, read_location, told

MOST_OTHERS = 16
"""Older answers of a notebook that are looked at."""

MOST_VALUES = 200_000
"""In one claim. A model of 200 layers has some ten thousand; the probes of an assignment a few times as many."""


@dataclass(frozen=True)
class Haste:
    """The most that a job of the quick lane may take in the guest, in seconds."""

    cpu_seconds: float = 1.0
    wall_seconds: float = 5.0

    def applied_to(self, limits: Limits) -> Limits:
        """The limits, no longer than this."""
        return replace(
            limits,
            cpu_seconds=min(limits.cpu_seconds, self.cpu_seconds),
            wall_seconds=min(limits.wall_seconds, self.wall_seconds),
        )


@dataclass(frozen=True)
class _Task:
    """What is being read: a source, what it answers and was tried with, the limit that cut its first run off, what `fits`."""

    source: str
    assignment: Assignment
    drawn: Drawn
    limit: StudentError | None
    fits: Fits


class SandboxExtractor:
    """Extracts models by running submissions in a sandbox."""

    def __init__(
        self,
        sandbox: Sandbox,
        bounds: Bounds | None = None,
        seed: Callable[[], int] | None = None,
        haste: Haste | None = None,
    ) -> None:
        """`seed` draws the inputs of probes; by default it is one that nobody can foresee.

        With `haste`, whoever needs longer is not judged: SlowJob sends the job where it may take its time.
        """
        self._haste = haste
        self._sandbox = sandbox
        self._bounds = bounds or Bounds()
        self._seed = seed or partial(secrets.randbits, SEED_BITS)

    @property
    def sandbox(self) -> str:
        """The sandbox's name, for the provenance."""
        return self._sandbox.name

    def extract(self, source: str, assignment: Assignment, fits: Fits = fits_all) -> Extraction:
        """The models of a submission; StudentError when none comes out, SandboxUnavailable when it could not run.

        Of several answers to one part in a notebook it is the newest that `fits`, or else the newest.

        SlowJob where there is haste and the limits themselves would allow more.
        """
        limits = self._haste.applied_to(assignment.limits) if self._haste else assignment.limits
        drawn = Drawn.of(assignment, self._seed())
        frames = [_part_frame(part, assignment.starter) | drawn.frame(part) for part in assignment.parts]
        job = {"source": source, "preload": True, "parts": frames}
        outcome = self._sandbox.run(job, limits)
        if self._haste and (
            (isinstance(outcome, TimedOut) and limits != assignment.limits) or _may_go_on(outcome)
        ):
            raise SlowJob
        limit = None
        if _may_go_on(outcome):
            # By themselves, in a fresh guest: what had ended before the limit counts, as it would without what came after.
            limit = _explained(limit_error(outcome, assignment.limits), outcome, source)
            limit.stdout = printable(outcome.stdout)  # of the run that was cut off: it shows why
            outcome = self._sandbox.run({**job, "upto": outcome.ended}, limits)
        try:
            if not isinstance(outcome, Finished):
                raise _explained(limit_error(outcome, assignment.limits), outcome, source)
            return self._read(outcome, _Task(source, assignment, drawn, limit, fits))
        except StudentError as error:
            error.stdout = error.stdout or printable(outcome.stdout)
            raise

    def _read(self, outcome: Finished, task: _Task) -> Extraction:
        claim = _parse(outcome.claim, task.assignment.limits)
        try:
            return self._extraction(claim, outcome, task)
        except StudentError as refused:
            error = of_image_format(refused, task.source)
            error.notes = tuple(habits.told(claim.get("notes")))
            raise error from None

    def _extraction(self, claim: Mapping[str, Any], outcome: Finished, task: _Task) -> Extraction:
        if "error" in claim:
            raise _told(claim["error"], task)
        assignment, drawn = task.assignment, task.drawn
        described = claim.get("parts")
        if not isinstance(described, list) or len(described) != len(assignment.parts):
            raise disturbed()
        items = list(zip(assignment.parts, described, strict=True))
        handed: dict[str, Handed] = {}
        notes: list[Message] = []
        for part, item in items:
            if part.probe is None:
                handed[part.name], note = self._answer(part, item, task)
                notes += note
        probes = {
            part.name: Probed(_entry_point(part, item), drawn.read(part, item.get("probe")))
            for part, item in items
            if part.probe is not None
        }
        notes += _notes(assignment, handed)
        if outcome.truncated:
            notes.append(message("note_output_truncated", kib=assignment.limits.kept_output_bytes // 1024))
        choice = read_choice(claim.get("training"), claim.get("notes"), assignment.parts)
        notes += stopped.told(claim.get("notes"), task.source, task.limit.messages[0] if task.limit else None)
        notes += habits.told(claim.get("notes"))
        models = {name: found.model for name, found in handed.items()}
        notes += habits.compared(claim.get("fits"), assignment.parts, models, choice)
        stdout = printable(outcome.stdout)
        seed = drawn.seed if probes else None
        return Extraction(handed, choice, tuple(notes), stdout, probes, seed, _missed(claim, task, handed))

    def _answer(self, part: Part, item: Any, task: _Task) -> tuple[Handed, list[Message]]:
        """The answer of a part that is graded, with a note where there are several."""
        others = item.get("others") if isinstance(item, Mapping) else None
        newest: Handed | StudentError
        try:
            if isinstance(item, Mapping) and "error" in item:
                raise _told(item["error"], task)
            newest = self._hand(part, item)
        except StudentError as error:
            newest = error
        if not isinstance(others, list) or not others:
            if isinstance(newest, StudentError):
                raise newest
            return newest, []
        for found, of in [(newest, item), *self._older(part, others)]:
            if isinstance(found, Handed) and task.fits(part, found.model):
                return found, _of_several(found, of)
        if isinstance(newest, StudentError):
            raise newest
        return newest, _of_several(newest, item)

    def _older(self, part: Part, others: list[Any]) -> Iterator[tuple[Handed, Any]]:
        for other in others[:MOST_OTHERS]:
            with suppress(StudentError):
                yield self._hand(part, other, named=False), other

    def _hand(self, part: Part, item: Any, *, named: bool = True) -> Handed:
        entry_point = _entry_point(part, item, named=named)
        model = read_model(item.get("model"), self._bounds)
        return Handed(entry_point, replace(model, compiled=read_compiled(item.get("compiled"))))


def _missed(claim: Mapping[str, Any], task: _Task, handed: Mapping[str, Handed]) -> dict[str, Message]:
    """By part, what lines that stopped did not do to the variable that holds its model."""
    variables = {
        part.name: handed[part.name].entry_point
        for part in task.assignment.parts
        if part.name in handed and handed[part.name].entry_point in part.entry_point.variables
    }
    found = {part: stopped.missed(claim.get("notes"), task.source, name) for part, name in variables.items()}
    return {part: told for part, told in found.items() if told is not None}


def _explained(error: StudentError, outcome: Outcome, source: str) -> StudentError:
    """The error, with a loop that waits for a training named where that is why time ran out."""
    if not isinstance(outcome, TimedOut):
        return error
    loop = habits.waits_for_training(source)
    line = loop or habits.trains_by_hand(source)
    if line is None:
        return error
    why = message("time_limit_fit" if loop else "time_limit_tape", line=line)
    return StudentError(error.reason, *error.messages, why, location=locate(source, line))


def _may_go_on(outcome: Outcome) -> bool:
    """Whether a limit has ended a job of which some statements had ended by themselves."""
    limits = (TimedOut, OutOfMemory, TooManyProcesses, TooMuchOutput, DiskFull)
    return isinstance(outcome, limits) and outcome.ended > 0


def _told(error: Any, task: _Task) -> StudentError:
    """The guest's error; the limit itself, where what it cut off is the first cause."""
    if task.limit is not None and isinstance(error, Mapping) and error.get("code") == stopped.CUT_OFF:
        return _placed(task.limit, read_location(error.get("location"), task.source))
    return without_renaming(told(error, task.source), task.assignment)


def _placed(limit: StudentError, at: Location | None) -> StudentError:
    """The limit with the line that it cut off, where it does not name one already."""
    if limit.location is not None or at is None or at.line is None:
        return limit
    place = message("limit_place", place=in_words(at))
    return StudentError(limit.reason, *limit.messages, place, location=at, stdout=limit.stdout)


def _of_several(found: Handed, item: Any) -> list[Message]:
    """Which of several answers is graded."""
    cell = item.get("cell")
    if type(cell) is not int or not 0 < cell < MAX_LINE:
        return []
    return [message("note_of_several", name=found.entry_point, cell=cell)]


def _part_frame(part: Part, starter: str) -> dict[str, Any]:
    entry = part.entry_point
    return {
        "name": part.name,
        "entry_point": {
            "name": entry.name,
            "arguments": list(entry.arguments),
            "argument_names": argument_names(starter, entry.name) if entry.arguments else [],
            "other_functions": list(entry.other_functions),
            "variables": list(entry.variables),
        },
        "input_shape": list(part.input_shape),
    }


@cache
def argument_names(starter: str, function: str) -> tuple[str, ...]:
    """What an exercise calls the arguments of its function: the parameters in its own starter."""
    for node in ast.walk(ast.parse(starter)):
        if isinstance(node, ast.FunctionDef) and node.name == function:
            return tuple(each.arg for each in node.args.args)
    return ()


def _entry_point(part: Part, item: Any, *, named: bool = True) -> str:
    """The name under which the guest says it found a part: one of those that it was told."""
    names = (part.entry_point.name, *part.entry_point.other_functions, *part.entry_point.variables)
    if not isinstance(item, Mapping) or (named and item.get("name") != part.name):
        raise disturbed()
    found = item.get("entry_point")
    if not isinstance(found, str) or found not in names:
        raise disturbed()
    return found


def _parse(claim: bytes, limits: Limits) -> Mapping[str, Any]:
    try:
        value = wire.parse(claim, max_bytes=limits.description_bytes, max_values=MOST_VALUES)
    except wire.WireTooBig:
        raise StudentError(Reason.TOO_BIG, message("description_too_big")) from None
    except wire.WireError:
        raise disturbed() from None
    if not isinstance(value, Mapping) or value.get("format") != 1:
        raise disturbed()
    return value


def _notes(assignment: Assignment, handed: Mapping[str, Handed]) -> list[Message]:
    notes = []
    for part in assignment.parts:
        if part.name not in handed:
            continue
        found = handed[part.name]
        if found.model.built_for_you and not part.delayed_build:
            notes.append(message("note_built_for_you", shape=str(part.input_shape)))
        if found.entry_point != part.entry_point.name:
            notes.append(message("note_other_name", used=found.entry_point, wanted=part.entry_point.name))
        notes += [
            message("note_dropout_zero", layer=each.name)
            for each in found.model.layers
            if isinstance(each.layer, Dropout) and each.layer.rate == 0
        ]
    return notes
