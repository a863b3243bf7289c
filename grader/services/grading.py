"""START READING HERE: extract the model, check its architecture, train it, check the training, report.

A student's mistake ends in a report; our own fault is raised, for the queue to retry.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from types import MappingProxyType
from typing import Protocol

import grader
from grader.checks import Rubric
from grader.checks.run import Results, run_checks
from grader.domain.assignment import Assignment, Part, Strictness
from grader.domain.description import plain_model
from grader.domain.diagnosis import OF_NETWORKS, OF_TRAININGS, Advice, Seen, advice
from grader.domain.errors import StudentError, TrainerFault
from grader.domain.layers import ShapeError
from grader.domain.message import Message, message
from grader.domain.model_spec import ModelSpec
from grader.domain.probe import ProbeRun
from grader.domain.report import (
    CheckResult,
    DatasetStamp,
    Described,
    DiffLine,
    Outcome,
    PartReport,
    Provenance,
    Report,
    Timings,
    Verdict,
    feedback_of,
    passed_numbers,
    verdict_of,
    with_one_step,
)
from grader.domain.submission import Stage
from grader.domain.training import TrainingChoice, TrainingPlan, TrainingRun


@dataclass(frozen=True)
class Handed:
    """One part of a submission: the name the model was found under, and the model."""

    entry_point: str
    model: ModelSpec


@dataclass(frozen=True)
class Probed:
    """One part that is a function or class: the name it was found under, and what came of running it."""

    entry_point: str
    run: ProbeRun


@dataclass(frozen=True)
class Extraction:
    """What came out of the guest, parsed: a model or a run for each part and what else the report shows.

    `probe_seed` is what the inputs of the runs were drawn with; `missed` says by part what stopped lines did not do to its model.
    """

    parts: Mapping[str, Handed]
    choice: TrainingChoice = field(default_factory=TrainingChoice)
    notes: tuple[Message, ...] = ()
    stdout: str = ""
    probes: Mapping[str, Probed] = field(default_factory=dict)
    probe_seed: int | None = None
    missed: Mapping[str, Message] = field(default_factory=dict)


OUTCOMES = frozenset({"wrong_output_shape", "wrong_shape_after", "accuracy_too_low", "test_accuracy_too_low"})
"""Messages whose Expected is what must come out: nobody can write that."""

Fits = Callable[[Part, ModelSpec], bool]
"""Whether a network is an answer to a part, as far as everybody can see."""


def fits_all(_: Part, __: ModelSpec) -> bool:
    """Every network is."""
    return True


class ModelExtractor(Protocol):
    """Runs a submission where it can do no harm and reads the models it describes."""

    @property
    def sandbox(self) -> str:
        """The sandbox's name, for the provenance."""

    def extract(self, source: str, assignment: Assignment, fits: Fits = fits_all) -> Extraction:
        """Of several answers the newest that `fits`, else the newest. Raises StudentError when no gradable model comes out, GraderFault for our own failure."""


class Trainer(Protocol):
    """Trains a model that we built ourselves, from nothing but its canonical form."""

    @property
    def versions(self) -> Mapping[str, str]:
        """Versions of keras and tensorflow, for the provenance; also python, numpy, cpu and cpu_features if it knows them."""

    def train(self, model: ModelSpec, plan: TrainingPlan, data: DatasetStamp) -> TrainingRun:
        """Raises StudentError `too_big` before any weight exists, GraderFault for our own failure."""

    def dataset(self, name: str, sha256: str | None = None) -> DatasetStamp:
        """The data of that name and hash, or what this trainer would choose; DataUnavailable when it has none."""


def grade(
    source: str,
    assignment: Assignment,
    rubrics: Mapping[str, Rubric],
    *,
    extractor: ModelExtractor,
    trainer: Trainer,
    pinned: Mapping[str, str] = MappingProxyType({}),
    on_stage: Callable[[Stage], None] = lambda _: None,
) -> Report:
    """Grade one submission; `on_stage` hears what is being done. `pinned` is sha256 by name of data set."""
    watch = _Watch(on_stage)
    max_score = sum(rubric.points for rubric in rubrics.values())
    data = {name: trainer.dataset(name, pinned.get(name)) for name in assignment.datasets}
    provenance = replace(_provenance(extractor, trainer, data), plan=assignment.plan)
    try:
        watch.begin(Stage.EXTRACT)
        extraction = extractor.extract(source, assignment, partial(_fits, rubrics))
        provenance = replace(provenance, probe_seed=extraction.probe_seed, choice=extraction.choice)
        results: Results = {}
        parts = []
        for part in assignment.parts:
            train = partial(_train, trainer, part, extraction, data)
            results, graded = _grade_part(part, rubrics[part.name], extraction, results, train, watch)
            parts.append(graded)
    except StudentError as error:
        report = Report.invalid(assignment.slug, assignment.version, max_score, error)
        return replace(report, provenance=provenance, timings=watch.timings())
    watch.begin(Stage.SCORE)
    verdict = verdict_of(results.values())
    points = sum(result.points for result in results.values())
    advise = partial(_advise, assignment, rubrics, extraction, parts)
    results = {result.id: result for result in with_one_step(results.values(), advise)}
    feedback = feedback_of(results, {part.name: part.entry_point for part in parts})
    numbers = passed_numbers(parts) if verdict is Verdict.PASSED else ()
    return Report(
        assignment=assignment.slug,
        assignment_version=assignment.version,
        verdict=verdict,
        score=None if verdict is Verdict.GRADER_ERROR else points,
        max_score=max_score,
        feedback=feedback,
        checks=tuple(results.values()),
        parts=tuple(parts),
        notes=(*numbers, *(note for note in _notes(extraction, parts) if note not in feedback)),
        stdout=extraction.stdout,
        provenance=provenance,
        timings=watch.timings(),
    )


def _notes(extraction: Extraction, parts: Sequence[PartReport]) -> Iterator[Message]:
    """What costs nothing: of the file, then of each training."""
    yield from extraction.notes
    for part in parts:
        yield from part.notes


def _fits(rubrics: Mapping[str, Rubric], part: Part, model: ModelSpec) -> bool:
    """Whether a network passes every visible check of its architecture: nothing is trained, nothing hidden is asked."""
    results = _looked_at(rubrics[part.name].public, part, model)
    return all(result.outcome is Outcome.PASSED for result in results.values())


def _grade_part(
    part: Part,
    rubric: Rubric,
    extraction: Extraction,
    before: Results,
    train: Callable[[], TrainingRun],
    watch: _Watch,
) -> tuple[Results, PartReport]:
    if part.probe is not None:
        return _grade_probe(part, rubric, extraction.probes[part.name], before, watch)
    handed = extraction.parts[part.name]
    model = replace(handed.model, strictness=part.architecture)
    trained: list[TrainingRun] = []
    diffs: list[tuple[DiffLine, ...]] = []

    @cache
    def training() -> TrainingRun:
        watch.begin(Stage.TRAIN)
        trained.append(train())
        return trained[0]

    watch.begin(Stage.CHECK)
    results = run_checks(rubric.architecture, lambda: model, before, diffs)
    results = run_checks(rubric.training, training, results)
    return results, PartReport(
        name=part.name,
        entry_point=handed.entry_point,
        model=model.table(),
        training=trained[0] if trained else None,
        diff=diffs[0] if diffs else None,
        described=Described(plain_model(handed.model), handed.model.compiled),
    )


def _grade_probe(
    part: Part, rubric: Rubric, probed: Probed, before: Results, watch: _Watch
) -> tuple[Results, PartReport]:
    watch.begin(Stage.CHECK)
    results = run_checks(rubric.probe, lambda: probed.run, before)
    return results, PartReport(name=part.name, entry_point=probed.entry_point)


def _train(
    trainer: Trainer, part: Part, extraction: Extraction, data: Mapping[str, DatasetStamp]
) -> TrainingRun:
    if part.plan is None:
        detail = f"the part {part.name} has no training plan"
        raise TrainerFault(detail)
    plan = extraction.choice.applied_to(part.plan)
    try:
        return trainer.train(extraction.parts[part.name].model, plan, data[plan.dataset])
    except StudentError as error:
        raise _with_a_way_out(error, part) from None


def _with_a_way_out(error: StudentError, part: Part) -> StudentError:
    """What is too large, and how many epochs of it would fit, where the student may choose them."""
    fitting = next((told.params["epochs"] for told in error.messages if told.code == "what_would_fit"), 0)
    if part.choice is None or not isinstance(fitting, int) or fitting < part.choice.epochs[0]:
        return error
    return StudentError(error.reason, *error.messages, message("fewer_epochs_fit", epochs=fitting))


def _advise(
    assignment: Assignment,
    rubrics: Mapping[str, Rubric],
    extraction: Extraction,
    graded: Sequence[PartReport],
    failed: CheckResult,
) -> Message | None:
    """Why a check failed, by the network alone, or after a training by its curves, too; what to write where that is safe."""
    part = next(each for each in assignment.parts if each.name == failed.part)
    missed = extraction.missed.get(part.name)
    if missed is not None and failed.message and failed.message.code.startswith("wrong_order_missing"):
        return missed
    # Of a model that was cut short, whatever else is odd about it follows from that.
    if part.name not in extraction.parts or failed.actual == message("end_of_model"):
        return None
    training = next(each.training for each in graded if each.name == part.name)
    own = failed.id in {check.id for check in rubrics[part.name].training}
    seen = Seen(extraction.parts[part.name].model, part.plan, training if own else None)
    found = advice(seen, OF_NETWORKS + OF_TRAININGS if own else OF_NETWORKS)
    if found is None:
        return None
    if _may_say_what(found, seen.model, part, rubrics[part.name], failed):
        return found.whole
    return found.why if failed.hint is None else message("why_and_what", why=found.why, what=failed.hint)


def _may_say_what(found: Advice, model: ModelSpec, part: Part, rubric: Rubric, failed: CheckResult) -> bool:
    """Whether advice contradicts no check: where something is expected that one can write, that is the only word.

    What a program can write is tried: no point may be lost by it, and the check must not say the same again.
    """
    if failed.expected is not None and failed.message and failed.message.code not in OUTCOMES:
        return False
    if found.written is None:
        return part.architecture is Strictness.ANY
    try:
        _ = found.written.shapes
    except ShapeError:
        return False
    now, then = (_looked_at(rubric, part, one) for one in (model, found.written))
    fewer = sum(one.points for one in then.values()) < sum(one.points for one in now.values())
    again = then.get(failed.id)  # None where it is judged after a training
    return not fewer and (again is None or (again.message, again.actual) != (failed.message, failed.actual))


def _looked_at(rubric: Rubric, part: Part, model: ModelSpec) -> Results:
    """The checks of an architecture, whatever they need of other parts."""
    known = {check.id for check in rubric.architecture}
    checks = [
        replace(check, needs=tuple(name for name in check.needs if name in known))
        for check in rubric.architecture
    ]
    return run_checks(checks, lambda: replace(model, strictness=part.architecture), {})


def _provenance(extractor: ModelExtractor, trainer: Trainer, data: Mapping[str, DatasetStamp]) -> Provenance:
    versions = trainer.versions
    return Provenance(
        grader=grader.__version__,
        keras=versions["keras"],
        tensorflow=versions["tensorflow"],
        sandbox=extractor.sandbox,
        dataset=next(iter(data.values()), None),
        python=versions.get("python", ""),
        numpy=versions.get("numpy", ""),
        cpu=versions.get("cpu", ""),
        cpu_features=versions.get("cpu_features", ""),
    )


class _Watch:
    """Tells stages as they begin and how long they took."""

    def __init__(self, on_stage: Callable[[Stage], None]) -> None:
        self._on_stage = on_stage
        self._seconds: dict[Stage, float] = {}
        self._stage: Stage | None = None
        self._start = self._since = time.monotonic()

    def begin(self, stage: Stage) -> None:
        """End the stage before and tell this one."""
        self._close()
        self._stage = stage
        self._on_stage(stage)

    def timings(self) -> Timings:
        """Seconds so far; time in the queue is added where it is known."""
        self._close()
        return Timings(
            extract_s=round(self._seconds.get(Stage.EXTRACT, 0.0), 3),
            train_s=round(self._seconds.get(Stage.TRAIN, 0.0), 3),
            total_s=round(time.monotonic() - self._start, 3),
        )

    def _close(self) -> None:
        now = time.monotonic()
        if self._stage is not None:
            self._seconds[self._stage] = self._seconds.get(self._stage, 0.0) + now - self._since
        self._since = now
