"""Reports that no submission can have are refused, and nobody pays for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from grader.db.versions import keep_versions
from grader.domain.assignment import Assignment, EntryPoint, Part
from grader.domain.errors import Reason, StudentError
from grader.domain.message import message
from grader.domain.report import (
    DatasetStamp,
    Outcome,
    PartReport,
    Provenance,
    Report,
    Verdict,
)
from grader.domain.submission import State
from grader.domain.training import (
    ByAverages,
    FewerEpochs,
    FullTraining,
    SeededRun,
    Stopping,
    TrainingChoice,
    TrainingPlan,
    TrainingRun,
)
from grader.services.believed import Measure, misfit
from tests.school import report_of

School = Any
Change = Callable[[Report], Report]
REFUSED = ("words_refused", "misfit")
INVALID = Report.invalid("dense", "sha256:dense", 10.0, StudentError(Reason.BAD_CODE, message("not_yet")))


def with_check(**changed: Any) -> Change:
    """The first check otherwise."""
    return lambda report: replace(report, checks=(replace(report.checks[0], **changed), *report.checks[1:]))


def failed_first(report: Report) -> Report:
    """Honest: one check failed."""
    first = replace(report.checks[0], outcome=Outcome.FAILED, points=0.0)
    return replace(report, checks=(first, *report.checks[1:]), verdict=Verdict.FAILED, score=8.0)


FORGERIES: dict[str, Change] = {
    "another assignment": lambda one: replace(one, assignment="conv"),
    "another version": lambda one: replace(one, assignment_version="sha256:conv"),
    "1e9 of 1 points": lambda one: replace(one, score=1e9, max_score=1.0, checks=()),
    "more than there is": lambda one: replace(one, score=11.0),
    "less than nothing": lambda one: replace(one, score=-10.0),
    "no number": lambda one: replace(one, score=float("nan")),
    "worth more": lambda one: replace(one, max_score=20.0),
    "no checks": lambda one: replace(one, checks=()),
    "one check alone": lambda one: replace(one, checks=one.checks[:1], score=2.0),
    "a check twice": lambda one: replace(one, checks=one.checks[:1] * 2, score=4.0),
    "an own check": lambda one: replace(one, checks=(*one.checks, one.checks[0])),
    "another id": with_check(id="other"),
    "another part": with_check(part="other"),
    "a dearer check": with_check(points=3.0, max_points=3.0),
    "too many points": with_check(points=3.0),
    "points for what failed": with_check(outcome=Outcome.FAILED),
    "passed for nothing": with_check(points=0.0),
    "passed, though one failed": lambda one: replace(failed_first(one), verdict=Verdict.PASSED),
    "passed with full points, though one failed": lambda one: replace(
        failed_first(one), verdict=Verdict.PASSED, score=10.0
    ),
    "failed, though all passed": lambda one: replace(one, verdict=Verdict.FAILED),
    "invalid with checks": lambda one: replace(
        one, verdict=Verdict.INVALID, score=0.0, reason=Reason.BAD_CODE
    ),
    "invalid with points": lambda _: replace(INVALID, score=10.0),
    "invalid for no reason": lambda _: replace(INVALID, reason=None),
    "our fault without a broken check": lambda one: replace(one, verdict=Verdict.GRADER_ERROR, score=None),
    "our fault without checks": lambda _: Report.fault("dense", "sha256:dense", 10.0),
    "a part of its own": lambda one: replace(one, parts=(PartReport("other", "f"),)),
    "a part twice": lambda one: replace(one, parts=(PartReport("model", "f"),) * 2),
    "a training where none is": lambda one: replace(one, parts=(trained(),)),
    "data that nobody has": lambda one: replace(one, provenance=made_of("signs")),
}


def made_of(data: str, choice: TrainingChoice | None = None) -> Provenance:
    return Provenance(
        "0", "3", "2", "bubblewrap", DatasetStamp(data, "synthetic", "s"), choice=choice or TrainingChoice()
    )


@pytest.mark.parametrize("name", FORGERIES)
def test_a_report_that_cannot_be_is_as_if_it_had_not_come(school: School, now: datetime, name: str) -> None:
    saved = school.hand_in()
    before = school.parts.store.get(saved.id)
    assert not school.parts.recorder.report(saved.id, 1, FORGERIES[name](report_of()), now)
    assert school.parts.store.get(saved.id) == before
    assert school.parts.counts.all() == {REFUSED: 1}
    assert school.parts.recorder.report(saved.id, 1, report_of(), now), "the true one"


def broken(report: Report) -> Report:
    checks = (replace(report.checks[0], outcome=Outcome.BROKEN, points=0.0), *report.checks[1:])
    return replace(report, checks=checks, verdict=Verdict.GRADER_ERROR, score=None)


@pytest.mark.parametrize(
    "honest",
    [
        failed_first(report_of()),
        broken(report_of()),
        INVALID,
        replace(report_of(), checks=report_of().checks[::-1], parts=(PartReport("model", "build_model"),)),
    ],
    ids=["failed", "broken", "invalid", "in another order"],
)
def test_what_workers_say_is_saved(school: School, now: datetime, honest: Report) -> None:
    saved = school.hand_in()
    assert school.parts.recorder.report(saved.id, 1, honest, now)
    assert school.parts.store.get(saved.id).verdict is honest.verdict


def test_a_report_counts_as_its_start(school: School, now: datetime) -> None:
    saved = school.hand_in(at=now)
    then = now + timedelta(seconds=7)
    assert school.parts.recorder.report(saved.id, 1, report_of(), then)
    assert school.parts.store.get(saved.id).started_at == then
    assert school.parts.store.latest_report(saved.id).timings.queue_s == 7.0


@pytest.mark.parametrize("attempt", [-1, 0, 2, 10**6])
def test_an_attempt_that_was_sent_to_nobody_has_no_report(
    school: School, now: datetime, attempt: int
) -> None:
    saved = school.hand_in()
    assert not school.parts.recorder.report(saved.id, attempt, report_of(), now)
    assert not school.parts.recorder.report("01J" + "0" * 23, 1, report_of(), now)
    assert school.parts.counts.all() == {REFUSED: 2}
    assert school.parts.store.get(saved.id).state is State.QUEUED


def test_a_version_that_left_the_shelf_has_the_points_that_it_had(school: School, now: datetime) -> None:
    parts, saved = school.parts, school.hand_in()
    keep_versions(parts.database, parts.shelf, now)
    newer = replace(parts.shelf.assignments["dense"], version="sha256:newer")
    shelf = replace(parts.shelf, assignments={"dense": newer})
    recorder = replace(parts.recorder, dispatcher=replace(parts.dispatcher, shelf=shelf))
    assert not recorder.report(saved.id, 1, replace(report_of(), max_score=12.0), now)
    assert not recorder.report(saved.id, 1, replace(report_of(), assignment_version="sha256:newer"), now)
    assert recorder.report(saved.id, 1, report_of(), now)


def test_a_version_that_nobody_knows_has_no_report(school: School, now: datetime) -> None:
    parts, saved = school.parts, school.hand_in()
    recorder = replace(
        parts.recorder, dispatcher=replace(parts.dispatcher, shelf=replace(parts.shelf, assignments={}))
    )
    assert not recorder.report(saved.id, 1, report_of(), now)


PLAN = TrainingPlan(
    "signs", 4, 8, "adam", "categorical_crossentropy", validation_split=0.25, seeds=(0, 1, 2),
    evaluate_test=True, threshold=0.5, stopping=Stopping(0.9, 2, 10),
)  # fmt: skip
FULL = FullTraining(epochs=6).applied_to(PLAN)
TRAINS = Assignment(
    "dense", "Dense", "sha256:dense", "", "", (Part("model", EntryPoint("f"), (4,), plan=PLAN, full_plan=FULL),)
)  # fmt: skip
MEASURE = Measure({"model/order": 2.0, "model/secret": 8.0}, TRAINS)
CURVES = ("accuracy", "loss", "val_accuracy", "val_loss")


def a_run(epochs: int = 4, names: tuple[str, ...] = CURVES, value: float = 0.75, seed: int = 0) -> SeededRun:
    return SeededRun(seed, epochs, dict.fromkeys(names, (value,) * epochs), 0.75, ByAverages(0.5, 3))


def trained(*runs: SeededRun, **more: Any) -> PartReport:
    words: dict[str, Any] = {"threshold": 0.5} | more
    return PartReport("model", "f", training=TrainingRun(runs or (a_run(),), **words))


def judged(part: PartReport, school: School, measure: Measure = MEASURE, choice: Any = None) -> str | None:
    report = replace(report_of(), parts=(part,), provenance=made_of("signs", choice))
    return misfit(report, school.hand_in(), measure)


GONE = replace(MEASURE, assignment=None)


@pytest.mark.parametrize("measure", [MEASURE, GONE], ids=["on the shelf", "gone"])
@pytest.mark.parametrize(
    "part",
    [
        trained(),
        trained(a_run(2)),
        trained(a_run(), a_run(3, seed=1)),
        trained(a_run(6, CURVES[:2])),
        trained(a_run(3, CURVES), fewer_epochs=FewerEpochs(3, 4)),
    ],
    ids=["as planned", "stopped early", "several", "the document's plan", "fewer epochs"],
)
def test_what_a_plan_can_give_is_believed(school: School, part: PartReport, measure: Measure) -> None:
    if part.training is not None and set(part.training.runs[0].history) == set(CURVES[:2]):
        measure = replace(measure, assignment=measure.assignment and without_validation(measure.assignment))
    assert judged(part, school, measure) is None


def without_validation(assignment: Assignment) -> Assignment:
    full = replace(FULL, validation_split=0.0)
    return replace(assignment, parts=(replace(assignment.parts[0], full_plan=full),))


def test_what_a_student_chose_is_his_plan(school: School) -> None:
    part = trained(a_run(9))
    assert judged(part, school) is not None
    assert judged(part, school, choice=TrainingChoice(epochs=9)) is None


@pytest.mark.parametrize("measure", [MEASURE, GONE], ids=["on the shelf", "gone"])
@pytest.mark.parametrize(
    "part",
    [
        trained(replace(a_run(), epochs=0, history=dict.fromkeys(CURVES, ()))),
        trained(replace(a_run(), epochs=3)),
        trained(a_run(names=CURVES[:1])),
        trained(a_run(names=(*CURVES, "secret"))),
        trained(a_run(value=1.5)),
        trained(a_run(value=-0.5)),
        trained(replace(a_run(), test_accuracy=1.01)),
        trained(replace(a_run(), by_averages=ByAverages(2.0, 1))),
        trained(replace(a_run(), by_averages=ByAverages(0.5, 0))),
        trained(a_run(), a_run()),
        trained(seconds=-1.0),
        replace(trained(), training=TrainingRun((), threshold=0.5)),
    ],
    ids=[
        "no epoch", "curves that are longer", "no loss", "one curve more", "above 1", "below 0", "a test above 1",
        "averages above 1", "no steps", "a seed twice", "less than no time", "no run",
    ],
)  # fmt: skip
def test_what_no_training_gives_is_not_believed(school: School, part: PartReport, measure: Measure) -> None:
    assert judged(part, school, measure) is not None


@pytest.mark.parametrize(
    "part",
    [
        trained(a_run(5)),
        trained(a_run(seed=9)),
        trained(replace(a_run(), test_accuracy=None, by_averages=None)),
        trained(threshold=0.1),
        trained(threshold=None),
        trained(a_run(60), fewer_epochs=FewerEpochs(60, 60)),
    ],
    ids=["an epoch more", "another seed", "no test", "an easier threshold", "no threshold", "more, as fewer"],
)
def test_what_this_plan_does_not_give_is_not_believed(school: School, part: PartReport) -> None:
    assert judged(part, school) is not None
