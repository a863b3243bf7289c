"""Source into a sandbox, and what comes out of it read as strangers' words: claim → models, or a message."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from grader import messages, wire
from grader.domain.assignment import Assignment, ChoiceBounds, Limits, Part
from grader.domain.compiled_description import read_compiled
from grader.domain.description import Bounds, clean, read_model
from grader.domain.errors import Location, Reason, StudentError
from grader.domain.message import Message, message
from grader.domain.training import TrainingChoice
from grader.services.grading import Extraction, Handed, Probed
from grader.services.notebook import locate
from workers import habits
from workers.probing import SEED_BITS, Drawn
from workers.sandbox.base import (
    ClaimTooBig,
    Crashed,
    DiskFull,
    EndedEarly,
    Finished,
    Outcome,
    OutOfMemory,
    Sandbox,
    TimedOut,
    TooManyProcesses,
    TooMuchOutput,
)

GUEST_REASONS = (Reason.BAD_CODE, Reason.BAD_RESULT, Reason.BAD_MODEL)
UNCONFIRMED = {
    "memory_limit": "too much memory",
    "process_limit": "too many processes or threads",
    "disk_limit": "too much disk space",
}
"""Limits of which only the supervisor's counters can convince us, and what an error about them speaks of."""

GUEST_CODES = frozenset(
    {
        "syntax_error", "exception_in_code", "missing_module", "old_name", "wrong_name", "wrong_argument", "asks_input", "no_internet", "file_not_found",
        "no_such_function", "not_a_function", "returned_nothing", "wrong_return_type", "needs_arguments",
        "wrong_arguments", "async_function", "generator_function", "ended_early", "undescribable",
        "no_such_class", "not_a_class", "wrong_base", "no_super_init", "no_self", "call_returned_nothing", "returned_no_number",
        "returned_too_much", "not_connected", "unbuilt", "custom_model", "custom_layer", "too_deep", "open_input_shape",
        "many_outputs",
        "too_many_layers", "refused_call", "refused_dtype", "refused_operation",
    }
)  # fmt: skip
"""What a guest may say about a submission; anything else is a disturbed claim."""

SLIPS = frozenset(
    {
        "slip_name", "slip_import", "slip_no_name", "slip_attribute", "slip_missing_argument", "slip_option", "slip_word",
        "slip_too_small", "slip_no_input",
    }
)  # fmt: skip
"""A beginner's slips that a guest may see behind an exception."""

MAX_TEXT = 600
MAX_LINE = 1_000_000


class SandboxExtractor:
    """Extracts models by running submissions in a sandbox."""

    def __init__(
        self, sandbox: Sandbox, bounds: Bounds | None = None, seed: Callable[[], int] | None = None
    ) -> None:
        """`seed` draws the inputs of probes; by default it is one that nobody can foresee."""
        self._sandbox = sandbox
        self._bounds = bounds or Bounds()
        self._seed = seed or partial(secrets.randbits, SEED_BITS)

    @property
    def sandbox(self) -> str:
        """The sandbox's name, for the provenance."""
        return self._sandbox.name

    def extract(self, source: str, assignment: Assignment) -> Extraction:
        """The models of a submission; StudentError when none comes out, SandboxUnavailable when it could not run."""
        drawn = Drawn.of(assignment, self._seed())
        frames = [_part_frame(part) | drawn.frame(part) for part in assignment.parts]
        job = {"source": source, "preload": True, "parts": frames}
        outcome = self._sandbox.run(job, assignment.limits)
        stdout = printable(outcome.stdout)
        try:
            if not isinstance(outcome, Finished):
                raise _explained(limit_error(outcome, assignment.limits), outcome, source)
            return self._read(outcome, assignment, source, stdout, drawn)
        except StudentError as error:
            error.stdout = stdout
            raise

    def _read(
        self, outcome: Finished, assignment: Assignment, source: str, stdout: str, drawn: Drawn
    ) -> Extraction:
        claim = _parse(outcome.claim, assignment.limits)
        if "error" in claim:
            raise _told(claim["error"], source)
        described = claim.get("parts")
        if not isinstance(described, list) or len(described) != len(assignment.parts):
            raise _disturbed()
        items = list(zip(assignment.parts, described, strict=True))
        handed = {part.name: self._hand(part, item) for part, item in items if part.probe is None}
        probes = {
            part.name: Probed(_entry_point(part, item), drawn.read(part, item.get("probe")))
            for part, item in items
            if part.probe is not None
        }
        notes = [*_notes(assignment, handed)]
        if outcome.truncated:
            notes.append(message("note_output_truncated", kib=assignment.limits.kept_output_bytes // 1024))
        choice = _choice(claim.get("training"), claim.get("notes"), assignment.parts)
        notes += habits.told(claim.get("notes"))
        models = {name: found.model for name, found in handed.items()}
        notes += habits.compared(claim.get("fits"), assignment.parts, models, choice)
        return Extraction(handed, choice, tuple(notes), stdout, probes, drawn.seed if probes else None)

    def _hand(self, part: Part, item: Any) -> Handed:
        entry_point = _entry_point(part, item)
        model = read_model(item.get("model"), self._bounds)
        return Handed(entry_point, replace(model, compiled=read_compiled(item.get("compiled"))))


def limit_error(outcome: Outcome, limits: Limits) -> StudentError:
    """The report's reason for a job that did not finish; the sandbox decided it by its clock and its counters."""
    match outcome:
        case TimedOut(clock="cpu"):
            return StudentError(Reason.TIME_LIMIT, message("time_limit_cpu", seconds=limits.cpu_seconds))
        case TimedOut():
            return StudentError(Reason.TIME_LIMIT, message("time_limit_wall", seconds=limits.wall_seconds))
        case OutOfMemory():
            return StudentError(Reason.MEMORY_LIMIT, message("memory_limit", mib=limits.memory_mib))
        case TooManyProcesses():
            return StudentError(Reason.PROCESS_LIMIT, message("process_limit", processes=limits.processes))
        case TooMuchOutput():
            return StudentError(Reason.OUTPUT_LIMIT, message("output_limit", kib=limits.output_bytes // 1024))
        case DiskFull():
            return StudentError(Reason.DISK_LIMIT, message("disk_limit", mib=limits.disk_mib))
        case ClaimTooBig():
            return StudentError(Reason.TOO_BIG, message("description_too_big"))
        case EndedEarly(status=status):
            return StudentError(Reason.BAD_RESULT, message("ended_early_status", status=status or 0))
        case Crashed(signal=number):
            return StudentError(Reason.CRASHED, message("crashed", signal=number or 0))
    raise TypeError(outcome)


def _explained(error: StudentError, outcome: Outcome, source: str) -> StudentError:
    """The error, with a loop that waits for a training named where that is why time ran out."""
    if not isinstance(outcome, TimedOut):
        return error
    loop = habits.waits_for_training(source)
    line = loop or habits.trains_by_hand(source)
    if line is None:
        return error
    told = message("time_limit_fit" if loop else "time_limit_tape", line=line)
    return StudentError(error.reason, *error.messages, told, location=_location({"line": line}, source))


def printable(text: str) -> str:
    """What a student printed, safe to show: no control or direction characters but line ends and tabs."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c)[0] != "C")


def _part_frame(part: Part) -> dict[str, Any]:
    entry = part.entry_point
    return {
        "name": part.name,
        "entry_point": {
            "name": entry.name,
            "arguments": list(entry.arguments),
            "other_functions": list(entry.other_functions),
            "variables": list(entry.variables),
        },
        "input_shape": list(part.input_shape),
    }


def _entry_point(part: Part, item: Any) -> str:
    """The name under which the guest says it found a part: one of those that it was told."""
    names = (part.entry_point.name, *part.entry_point.other_functions, *part.entry_point.variables)
    named = item.get("entry_point") if isinstance(item, Mapping) and item.get("name") == part.name else None
    if not isinstance(named, str) or named not in names:
        raise _disturbed()
    return named


def _disturbed() -> StudentError:
    return StudentError(Reason.BAD_RESULT, message("bad_claim"))


def _parse(claim: bytes, limits: Limits) -> Mapping[str, Any]:
    try:
        value = wire.parse(claim, max_bytes=limits.description_bytes)
    except wire.WireError:
        raise _disturbed() from None
    if not isinstance(value, Mapping) or value.get("format") != 1:
        raise _disturbed()
    return value


def _told(error: Any, source: str) -> StudentError:
    """The guest's error as ours: a known reason, a known code, parameters that complete its sentence."""
    if not isinstance(error, Mapping):
        return _disturbed()
    code, reason = error.get("code"), error.get("reason")
    if reason in UNCONFIRMED and isinstance(reason, str):
        # The supervisor's counters saw no limit reached: the code raised the error that a limit would have caused.
        return StudentError(Reason.BAD_CODE, message("unconfirmed_limit", what=UNCONFIRMED[reason]))
    if not isinstance(code, str) or code not in GUEST_CODES or reason not in GUEST_REASONS:
        return _disturbed()
    location = _location(error.get("location"), source)
    params = error.get("params")
    params = (
        {clean(key): _scalar(value) for key, value in params.items()} if isinstance(params, Mapping) else {}
    )
    try:
        told = (*_sentences(code, params, location), *_where(params))
        for sentence in told:
            messages.render(sentence)
    except (KeyError, IndexError, ValueError, TypeError):
        return _disturbed()
    return StudentError(Reason(reason), *told, location=location)


def _where(params: Mapping[str, Any]) -> tuple[Message, ...]:
    """Which case of a probe a message is about."""
    case = params.get("case")
    return (message("probe_case", case=case),) if isinstance(case, str) else ()


def _scalar(value: Any) -> str | int | float | bool | None:
    if isinstance(value, str):
        return printable(value)[:MAX_TEXT]
    return value if value is None or isinstance(value, bool | int | float) else None


def _location(value: Any, source: str) -> Location | None:
    if not isinstance(value, Mapping):
        return None
    places = (value.get("line"), value.get("column"))
    line, column = (place if type(place) is int and 0 < place < MAX_LINE else None for place in places)
    return locate(source, line, column)


def _sentences(code: str, params: Mapping[str, Any], location: Location | None) -> tuple[Message, ...]:
    special: Mapping[str, Callable[..., tuple[Message, ...]]] = {
        "syntax_error": _syntax_error,
        "no_such_function": _no_such_function,
        "no_such_class": _no_such_class,
        "exception_in_code": _exception,
        "missing_module": _missing_module,
    }
    if code in special:
        return special[code](params, location)
    return (Message(code, params),)


def _syntax_error(params: Mapping[str, Any], location: Location | None) -> tuple[Message, ...]:
    line = location.line if location else None
    told = [message("syntax_error", line=line, detail=params["detail"])]
    if location and location.cell:
        told = [message("syntax_error_in_cell", line=line, cell=location.cell, detail=params["detail"])]
    text = str(params.get("text") or "").rstrip()
    if text:
        column = min((location.column if location else None) or 1, len(text) + 1)
        # A tab before the caret stays a tab, so that the caret stands below its character.
        indent = "".join(c if c == "\t" else " " for c in text[: column - 1])
        told.append(message("code_line", text=text))
        told.append(message("code_caret", caret=f"{indent}^"))
    return tuple(told)


def _no_such_function(params: Mapping[str, Any], _: Location | None) -> tuple[Message, ...]:
    if not params["found"]:
        return (message("no_names", wanted=params["wanted"]),)
    code = "no_such_function_nearest" if params.get("nearest") else "no_such_function"
    return (Message(code, params),)


def _no_such_class(params: Mapping[str, Any], _: Location | None) -> tuple[Message, ...]:
    code = "no_such_class_nearest" if params.get("nearest") else "no_such_class"
    return (Message(code, {**params, "found": params["found"] or "none"}),)


def _missing_module(params: Mapping[str, Any], _: Location | None) -> tuple[Message, ...]:
    return (Message("missing_module_nearest" if params.get("nearest") else "missing_module", params),)


def _exception(params: Mapping[str, Any], _: Location | None) -> tuple[Message, ...]:
    told = message("exception_in_code", error=params["error"], text=params["text"])
    trace = params.get("trace")
    lines = (told, *_slip(params))
    return (*lines, message("trace", trace=trace)) if trace else lines


def _slip(params: Mapping[str, Any]) -> tuple[Message, ...]:
    """What a beginner most likely got wrong, as the guest guesses it."""
    code = params.get("slip")
    if not isinstance(code, str) or code not in SLIPS:
        return ()
    return (
        Message(
            code,
            {name: clean(params[name], 120) for name in ("name", "near", "of", "what") if name in params},
        ),
    )


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
    return notes


def _choice(value: Any, guest_notes: Any, parts: tuple[Part, ...]) -> TrainingChoice:
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
            wanted = "one of " + ", ".join(bounds.optimizers)
            raise _out_of_bounds(key, value, wanted)
        return name
    if key not in ranges:
        raise StudentError(
            Reason.BAD_CODE, message("training_unknown_key", key=key, known="optimizer, batch_size, epochs")
        )
    low, high = ranges[key]
    if type(value) is not int or not low <= value <= high:
        raise _out_of_bounds(key, value, f"a whole number from {low} to {high}")
    return value


def _out_of_bounds(key: str, value: Any, wanted: str) -> StudentError:
    told = message("training_out_of_bounds", key=key, value=clean(value, 80), wanted=wanted)
    return StudentError(Reason.BAD_CODE, told)
