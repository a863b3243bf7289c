"""The report of one grading: the one value that travels from worker to database, page, CLI and LMS."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from grader.domain.compiled import CompileSettings
from grader.domain.errors import Location, Reason, StudentError
from grader.domain.message import Message, message
from grader.domain.training import PlanName, TrainingChoice, TrainingRun


class Outcome(StrEnum):
    """What became of one check; `broken` means that the check itself raised, which is our fault."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    BROKEN = "broken"


class Verdict(StrEnum):
    """What became of a submission."""

    PASSED = "passed"
    FAILED = "failed"
    INVALID = "invalid"
    GRADER_ERROR = "grader_error"


class Visibility(StrEnum):
    """Who sees a check: `hidden` ones are for staff only."""

    VISIBLE = "visible"
    HIDDEN = "hidden"


@dataclass(frozen=True)
class CheckResult:
    """One check as it came out; `expected` and `actual` are short: a notation such as `Dense(128)`, or a phrase."""

    id: str
    part: str
    title: str
    outcome: Outcome
    points: float
    max_points: float
    visibility: Visibility = Visibility.VISIBLE
    message: Message | None = None
    expected: str | Message | None = None
    actual: str | Message | None = None
    hint: Message | None = None
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class LayerRow:
    """One line of the model table; shapes lead with None, the batch."""

    name: str
    kind: str
    inputs: tuple[str, ...]
    output_shape: tuple[int | None, ...]
    params: int


@dataclass(frozen=True)
class ModelTable:
    """The model as submitted, with our own shapes and parameter counts."""

    layers: tuple[LayerRow, ...]
    params: int
    trainable_params: int


@dataclass(frozen=True)
class Described:
    """A model with all that decides its verdict, so that it can be graded again: `read_model` reads `network`."""

    network: Mapping[str, Any]
    compiled: CompileSettings | None = None


@dataclass(frozen=True)
class PartReport:
    """One entry point of an assignment: the model it gave, how it trained, where it differs."""

    name: str
    entry_point: str
    model: ModelTable | None = None
    training: TrainingRun | None = None
    diff: tuple[DiffLine, ...] | None = None
    described: Described | None = None

    @property
    def told_of_runs(self) -> Message | None:
        """Why there were several trainings, and which number counts; None where there was one."""
        run = self.training
        if run is None or len(run.runs) == 1:
            return None
        each = ", ".join(f"{one.accuracy:.1%}" for one in run.runs)
        code = "runs_borderline" if run.borderline else "runs_learnt" if run.fell_short else "runs_median"
        return message(
            code, runs=len(run.runs), each=each, median=run.accuracy, threshold=run.threshold or 0.0
        )

    @property
    def notes(self) -> tuple[Message, ...]:
        """What its training has to teach: where epochs were left out, and where a student's own `evaluate` says something else."""
        run = self.training
        if run is None:
            return ()
        told = []
        if run.fewer_epochs is not None:
            told.append(message("note_fewer_epochs", **vars(run.fewer_epochs)))
        own = run.by_averages
        if own is not None and abs(run.accuracy - own.test_accuracy) > _UNSETTLED:
            told.append(message("note_averages", steps=own.steps, own=own.test_accuracy))
        return tuple(told)


_UNSETTLED = 0.05
"""How far Keras's moving averages may lead from what counts, in accuracy, before a report speaks of it."""


@dataclass(frozen=True)
class DiffLine:
    """One line of the aligned comparison: a layer as it was asked for beside the student's own.

    `kind` is `same`, `missing`, `extra`, `changed`, `silent` (it is there and does nothing), `swapped` (with the line
    beside it), `moved` (it stands in another line), `joined` (it gets other numbers), `shared` (it is one layer used
    again, or should be) or `own` (the student's own, where that is allowed).

    `layer` is the student's name, `option` the first that differs. `first` marks what is to be changed first; there
    the shapes say what comes out, the batch as None. In networks with branches the inputs are the lines that go into
    this one, counted from 0; -1 is the model's input, -2 its second.
    """

    kind: str
    expected: str | None
    actual: str | None
    layer: str | None = None
    option: str | None = None
    first: bool = False
    expected_shape: tuple[int | None, ...] | None = None
    actual_shape: tuple[int | None, ...] | None = None
    expected_inputs: tuple[int, ...] | None = None
    actual_inputs: tuple[int, ...] | None = None

    @property
    def told(self) -> Message | None:
        """What is to be said about the line; nothing where all is well."""
        if self.kind in ("same", "own"):
            return None
        if self.kind == "changed" and self.option is not None:
            return message("diff_changed_option", option=self.option)
        return Message(f"diff_{self.kind}")


@dataclass(frozen=True)
class DatasetStamp:
    """Which data a verdict rests on; `origin` is `synthetic`, `real` or `exact`."""

    name: str
    origin: str
    sha256: str


@dataclass(frozen=True)
class Provenance:
    """What would be needed to grade the same way again. `probe_seed` drew a probe's inputs; only staff see it.

    `cpu` is the processor's name and `cpu_features` its sets of instructions, in words with spaces between: libraries choose
    their kernels by them. `choice` is what the student wrote into `TRAINING`.
    """

    grader: str
    keras: str
    tensorflow: str
    sandbox: str
    dataset: DatasetStamp | None = None
    probe_seed: int | None = None
    plan: PlanName = PlanName.CLASS
    choice: TrainingChoice = field(default_factory=TrainingChoice)
    python: str = ""
    numpy: str = ""
    cpu: str = ""
    cpu_features: str = ""


@dataclass(frozen=True)
class Timings:
    """Seconds of each stage, wall clock; None where they would tell a student of another's work."""

    queue_s: float = 0.0
    extract_s: float = 0.0
    train_s: float | None = 0.0
    total_s: float | None = 0.0


@dataclass(frozen=True)
class Report:
    """The outcome of grading one submission. `score` is None for `grader_error` and never 0 in its stead."""

    assignment: str
    assignment_version: str
    verdict: Verdict
    max_score: float
    score: float | None
    feedback: tuple[Message, ...]
    reason: Reason | None = None
    advisory: bool = False
    checks: tuple[CheckResult, ...] = ()
    parts: tuple[PartReport, ...] = ()
    notes: tuple[Message, ...] = ()
    location: Location | None = None
    stdout: str = ""
    provenance: Provenance | None = None
    timings: Timings = field(default_factory=Timings)

    def __post_init__(self) -> None:
        """Make a score for our own fault, or none for a student's verdict, impossible."""
        if (self.score is None) != (self.verdict is Verdict.GRADER_ERROR):
            detail = f"{self.verdict} cannot have score {self.score}"
            raise ValueError(detail)

    @classmethod
    def invalid(cls, assignment: str, version: str, max_score: float, error: StudentError) -> Report:
        """No gradable model came out, for the reason that `error` tells."""
        return cls(
            assignment=assignment,
            assignment_version=version,
            verdict=Verdict.INVALID,
            reason=error.reason,
            max_score=max_score,
            score=0.0,
            feedback=(message("not_gradable"), *error.messages),
            location=error.location,
            stdout=error.stdout,
            notes=error.notes,
        )

    @classmethod
    def fault(cls, assignment: str, version: str, max_score: float) -> Report:
        """Our own failure, after every retry: no score."""
        return cls(
            assignment=assignment,
            assignment_version=version,
            verdict=Verdict.GRADER_ERROR,
            max_score=max_score,
            score=None,
            feedback=(message("grader_unavailable"),),
        )

    def for_student(self) -> Report:
        """The report without what only staff may see: hidden checks keep their points and lose their words.

        How long the training took, and whether it was known, would tell whether somebody has handed in the same network.
        """
        return replace(
            self,
            checks=tuple(map(_redacted, self.checks)),
            parts=tuple(map(_untimed, self.parts)),
            provenance=self.provenance and replace(self.provenance, probe_seed=None),
            timings=replace(self.timings, train_s=None, total_s=None),
        )


def _untimed(part: PartReport) -> PartReport:
    return replace(part, training=part.training and replace(part.training, cached=None, seconds=0.0))


def _redacted(result: CheckResult) -> CheckResult:
    if result.visibility is Visibility.VISIBLE:
        return result
    return replace(
        result, title="", message=None, expected=None, actual=None, hint=None, id=f"hidden_{result.points:g}"
    )


def verdict_of(results: Iterable[CheckResult]) -> Verdict:
    """`grader_error` when a check broke, `failed` when any did not pass, else `passed`."""
    outcomes = {result.outcome for result in results}
    if Outcome.BROKEN in outcomes:
        return Verdict.GRADER_ERROR
    return Verdict.PASSED if outcomes <= {Outcome.PASSED} else Verdict.FAILED


def passed_numbers(parts: Iterable[PartReport]) -> Iterable[Message]:
    """By how much the trained parts of a pass passed."""
    for part in parts:
        run = part.training
        if run is None or run.threshold is None:
            continue
        on_test = run.test_accuracy is not None
        code = "passed_test_accuracy" if on_test else "passed_accuracy"
        accuracy = run.test_accuracy if on_test else run.final("accuracy")
        yield message(code, accuracy=accuracy, threshold=run.threshold)


NICE_WORK: tuple[Message, ...] = (message("nice_work"), message("looks_good"))


GENERAL_HINTS = frozenset({"hint_more_epochs", "hint_runs_disagree", "hint_trained_by_us"})
"""Hints that say the same to everybody; whoever knows what is wrong says that in their place."""


def first_failed(results: Iterable[CheckResult]) -> CheckResult | None:
    """The check that a student is told of first; None where nothing failed."""
    return next((one for one in results if one.outcome is Outcome.FAILED and one.message is not None), None)


def with_one_step(
    results: Iterable[CheckResult], advise: Callable[[CheckResult], Message | None]
) -> tuple[CheckResult, ...]:
    """The results with one hint in all, that of the first check that failed; `advise` may have a better one for it.

    What else failed says what is expected and what came: its own hint might contradict the first.
    """
    found = tuple(results)
    first = first_failed(found)
    if first is None:
        return found
    hint = advise(first) if first.hint is None or first.hint.code in GENERAL_HINTS else first.hint
    return tuple(replace(one, hint=(hint or one.hint) if one is first else None) for one in found)


def feedback_of(
    results: Mapping[str, CheckResult], functions: Mapping[str, str] = MappingProxyType({})
) -> tuple[Message, ...]:
    """What a student reads first: praise, or what is right, the first check that failed, and its hint.

    `functions` are the names under which the parts were found; they are told where there is more than one.
    """
    if any(result.outcome is Outcome.BROKEN for result in results.values()):
        return (message("grader_broke"),)
    result = first_failed(results.values())
    if result is None or result.message is None:
        return NICE_WORK
    lines = [_so_far(results), result.message]
    if result.expected is not None and result.actual is not None:
        lines.append(message("expected_actual", expected=result.expected, actual=result.actual))
    if result.hint is not None:
        lines.append(result.hint)
    if len(functions) > 1 and result.part in functions:
        lines.append(message("about_function", function=functions[result.part]))
    return tuple(lines)


def _so_far(results: Mapping[str, CheckResult]) -> Message:
    right = sum(result.outcome is Outcome.PASSED for result in results.values())
    return message("not_yet_but", right=right, checks=len(results)) if right else message("not_yet")
