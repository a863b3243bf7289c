"""Whether a worker's report is one that its submission can have. A worker runs strangers' code: it is asked, not trusted."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from grader.domain.assignment import Assignment, Part
from grader.domain.plausible import can_come_of
from grader.domain.report import CheckResult, Outcome, Report, Verdict, verdict_of
from grader.domain.training import Stopping, TrainingChoice, TrainingPlan, TrainingRun
from grader.services.ports import Submission

NEARLY = 1e-6
"""Points are sums of fractions: that far apart they are the same."""

_ANY_PLAN = TrainingPlan("", 1, 1, "", "", stopping=Stopping(accuracy=1.0, patience=1, rows=0))


@dataclass(frozen=True)
class Measure:
    """What reports of one version of an assignment are measured by.

    `points` are those of each check, by `part/id`; None where nobody knows the version any more. `assignment` is None
    where another version is on the shelf now.
    """

    points: Mapping[str, float] | None
    assignment: Assignment | None = None


def misfit(report: Report, submission: Submission, measure: Measure) -> str | None:
    """What shows that a report is not this submission's, in a few words; None for one that may be saved."""
    return next(_misfits(report, submission, measure), None)


def _misfits(report: Report, submission: Submission, measure: Measure) -> Iterator[str]:
    named = (submission.assignment, submission.assignment_version)
    if (report.assignment, report.assignment_version) != named:
        yield f"it is about {report.assignment} {report.assignment_version}, not about {' '.join(named)}"
    if measure.points is None:
        yield "nobody knows what its version is worth"
        return
    if not _same(report.max_score, math.fsum(measure.points.values())):
        yield f"it is worth {math.fsum(measure.points.values()):g} points, not {report.max_score:g}"
    if report.verdict is Verdict.INVALID:
        yield from _unlike_refusals(report)
    else:
        yield from _unlike_the_rubric(report, measure.points)
    yield from _unlike_trainings(report, measure.assignment)


def _unlike_refusals(report: Report) -> Iterator[str]:
    if report.score != 0 or report.checks or report.parts or report.reason is None:
        yield "it refuses the file, and there are points, checks, parts or no reason"


def _unlike_the_rubric(report: Report, points: Mapping[str, float]) -> Iterator[str]:
    named = [f"{check.part}/{check.id}" for check in report.checks]
    if sorted(named) != sorted(points):
        yield f"its {len(named)} checks are not the {len(points)} of its version"
        return
    for name, check in zip(named, report.checks, strict=True):
        if not _same(check.max_points, points[name]) or not _same(check.points, _earned(check, points[name])):
            yield f"{name} has {check.points:g} of {check.max_points:g} points, {check.outcome.value}"
    if report.reason is not None or report.verdict is not verdict_of(report.checks):
        yield f"its checks are not those of the verdict {report.verdict.value}"
    if report.score is not None and not _same(report.score, math.fsum(each.points for each in report.checks)):
        yield f"its score of {report.score:g} is not the sum of its checks' points"


def _earned(check: CheckResult, points: float) -> float:
    return points if check.outcome is Outcome.PASSED else 0.0


def _unlike_trainings(report: Report, assignment: Assignment | None) -> Iterator[str]:
    """Curves are read as the cache of runs reads them; the plan may be either of the two that a course has."""
    names = [part.name for part in report.parts]
    if len(set(names)) != len(names):
        yield "it has a part twice"
    known = {} if assignment is None else {part.name: part for part in assignment.parts}
    if assignment is not None and not set(names) <= set(known):
        yield "it has a part that its assignment has not"
        return
    choice = TrainingChoice() if report.provenance is None else report.provenance.choice
    for part in report.parts:
        if part.training is not None and not _is_plausible(part.training, known.get(part.name), choice):
            yield f"no training gives what it says of {part.name}"
    yield from _unlike_data(report, assignment)


def _unlike_data(report: Report, assignment: Assignment | None) -> Iterator[str]:
    stamp = None if report.provenance is None else report.provenance.dataset
    if assignment is not None and stamp is not None and stamp.name not in assignment.datasets:
        yield f"its assignment has no data set {stamp.name}"


def _is_plausible(training: TrainingRun, part: Part | None, choice: TrainingChoice) -> bool:
    seeds = [run.seed for run in training.runs]
    if not seeds or len(set(seeds)) != len(seeds) or training.seconds < 0:
        return False
    plans = _plans_like(training) if part is None else _plans_of(part, choice, training)
    return any(
        set(seeds) <= set(plan.seeds)
        and training.threshold == plan.threshold
        and all(can_come_of(plan, run) for run in training.runs)
        for plan in plans
    )


def _plans_of(part: Part, choice: TrainingChoice, training: TrainingRun) -> Iterator[TrainingPlan]:
    """Every plan that a part may have been trained by: with fewer epochs, and where there was too little to validate on."""
    for plan in filter(None, (part.plan, part.full_plan)):
        asked = choice.applied_to(plan)
        if training.fewer_epochs is not None:
            asked = replace(asked, epochs=min(asked.epochs, training.fewer_epochs.epochs))
        yield asked
        if asked.stopping is not None:
            yield replace(asked, stopping=None, validation_samples=0, validation_split=0.0)


def _plans_like(training: TrainingRun) -> Iterator[TrainingPlan]:
    """Of a part that is not on the shelf any more: plans with the epochs of the longest run."""
    first = training.runs[0]
    longest = max(run.epochs for run in training.runs)
    if longest < 1:
        return
    yield replace(
        _ANY_PLAN,
        epochs=longest,
        validation_split=0.5 if "val_loss" in first.history else 0.0,
        evaluate_test=first.test_accuracy is not None,
        threshold=training.threshold,
        seeds=tuple(run.seed for run in training.runs),
    )


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= NEARLY
