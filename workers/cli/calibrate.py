"""`grader calibrate`: how often chance would decide a verdict, measured with many seeds, and what would mend it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import click
import numpy as np
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from grader.domain.assignment import Assignment, Part
from grader.domain.errors import AuthorError
from grader.domain.report import DatasetStamp
from grader.domain.training import PlanName
from grader.settings import Settings
from workers.calibration.candidates import Candidate, candidates
from workers.calibration.ceilings import ceiling_of, read_ceilings
from workers.calibration.record import Measured, Record, plan_sha256, read_record, tally, write_record
from workers.calibration.sampling import Sampler, Trained
from workers.cli.calibration_table import tell
from workers.cli.grade import faults_told, known_plan, known_slug, opened
from workers.extract import SandboxExtractor
from workers.pipeline import Pipeline, open_trainer
from workers.references import folder_of, reference_solutions, solutions_of
from workers.training.haste import LONGEST_SECONDS, seconds

QUICK_SEEDS, SLOW_SEEDS = 650, 60
"""By default: a chance of less than 1 % is bounded by counting alone, or by the tail of a smaller sample."""
WRONG_SEEDS = 60
"""Of each wrong network: those that cannot learn hardly vary."""
FEWEST_SEEDS = 10
PROGRESS_SECONDS = 20.0
"""About how long the bar stands still, by the careful estimate of a training's seconds."""


@dataclass(frozen=True)
class Planned:
    """One network on one data set, and how it is sampled: `most` seeds where the first ones decide nothing."""

    candidate: Candidate
    data: DatasetStamp
    seeds: int
    most: int
    together: int
    ceiling: float | None


@click.command(
    epilog="Examples:\n\n  grader calibrate traffic-dense\n\n  grader calibrate happy-house --seeds 60 --save\n\n"
    "  grader calibrate traffic-dense --plot traffic-dense.svg --data real"
)
@click.argument("slug")
@click.option(
    "--seeds",
    type=click.IntRange(min=FEWEST_SEEDS),
    help=f"How many trainings of each right network; by default {QUICK_SEEDS}, or {SLOW_SEEDS} where one takes long.",
)
@click.option(
    "--wrong-seeds",
    type=click.IntRange(min=FEWEST_SEEDS),
    default=WRONG_SEEDS,
    show_default=True,
    help="How many of each wrong one; where they do not decide, as many as of a right one.",
)
@click.option(
    "--data",
    "origins",
    type=click.Choice(["synthetic", "real", "all"]),
    default="all",
    show_default=True,
    help="Which data; real data is what `grader data import` brought here.",
)
@click.option("--plan", type=click.Choice([each.value for each in PlanName]), default=PlanName.CLASS.value)
@click.option(
    "--jobs", type=click.IntRange(min=1), help="Trainings side by side; by default one for each core."
)
@click.option(
    "--save", is_flag=True, help="Write calibration.json into the assignment's folder, for `grader verify`."
)
@click.option(
    "--plot", type=click.Path(dir_okay=False, path_type=Path), help="Draw the samples into this .svg or .png."
)
@click.option(
    "--json", "as_object", is_flag=True, help="Print everything as one JSON object and nothing else."
)
@click.option("--sandbox", help="auto, bubblewrap, docker or unix:PATH.")
def calibrate(slug: str, origins: str, plan: str, *, save: bool, plot: Path | None, as_object: bool, sandbox: str | None, **how_many: int | None) -> None:  # fmt: skip
    """Train right and wrong networks of SLUG with many seeds, and tell how likely a wrong verdict is.

    Prints the chance that a right network fails and that a wrong one passes, with 95 % limits, and which threshold,
    band and number of epochs would do. Ends with 1 where a wrong verdict is as likely as one in a thousand. What was
    trained is kept: an interrupted run goes on where it was.
    """
    settings, pipeline = opened(sandbox)
    with closing(pipeline):
        known_slug(pipeline.catalog, slug)
        if plan != PlanName.CLASS.value:
            known_plan(pipeline.catalog, slug, plan)
        try:
            with faults_told():
                trained = _measure(pipeline, settings, slug, PlanName(plan), origins, how_many)
        except KeyboardInterrupt:
            click.echo("Stopped. What was trained is kept: the same command goes on from there.", err=True)
            sys.exit(130)
        assignment = pipeline.catalog.assignments[slug].under(PlanName(plan))
        record = _record(assignment, trained, pipeline)
    tell(Console(), assignment, trained, record, as_object=as_object)
    if save:
        folder = folder_of(settings, slug)
        write_record(folder, (read_record(folder) or Record()).renewed(record))
    if plot is not None:
        from workers.calibration.plot import draw

        draw(plot, slug, record.measured, trained[0].candidate.plan)
    sys.exit(1 if record.unfair else 0)


def _measure(
    pipeline: Pipeline,
    settings: Settings,
    slug: str,
    plan: PlanName,
    origins: str,
    how_many: dict[str, int | None],
) -> list[Trained]:
    assignment = pipeline.catalog.assignments[slug].under(plan)
    if not any(part.plan and part.plan.threshold is not None for part in assignment.parts):
        raise AuthorError(f"{slug}: nothing is trained here that a threshold would judge")
    data = {
        name: [
            each
            for each in pipeline.trainer.datasets(name)
            if origins in {"all", each.origin} or each.origin == "exact"
        ]
        for name in assignment.datasets
    }
    for name, stamps in data.items():
        if not stamps:
            raise AuthorError(f"no {origins} data of {name} is here: see `grader data import --help`")
    solutions = reference_solutions(solutions_of(slug, settings), slug)
    extractor = SandboxExtractor(pipeline.sandbox)
    found = candidates(assignment, pipeline.catalog.rubrics[slug], solutions, extractor)
    ceilings = read_ceilings(folder_of(settings, slug))
    planned = [
        _planned(pipeline, each, stamp, how_many, ceiling_of(each.names, stamp, ceilings))
        for each in found
        for stamp in data[each.plan.dataset]
    ]
    with closing(Sampler(lambda: open_trainer(settings), how_many["jobs"])) as many:
        return list(_train(many, planned))


def _planned(
    pipeline: Pipeline,
    each: Candidate,
    stamp: DatasetStamp,
    how_many: dict[str, int | None],
    ceiling: float | None,
) -> Planned:
    plan = replace(each.plan, borderline=None, seeds=(0,))
    needed = seconds(each.model, plan, pipeline.trainer.rows(stamp))
    most = how_many["seeds"] or (SLOW_SEEDS if needed > LONGEST_SECONDS else QUICK_SEEDS)
    wanted = most if each.is_right else min(most, how_many["wrong_seeds"] or most)
    together = max(1, int(PROGRESS_SECONDS / needed))
    return Planned(each, stamp, wanted, most, together, ceiling)


def _train(many: Sampler, planned: Sequence[Planned]) -> Iterator[Trained]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        tasks = [
            progress.add_task(f"{each.candidate.name} ({each.data.origin})", total=each.seeds, start=False)
            for each in planned
        ]
        for task, each in zip(tasks, planned, strict=True):
            progress.start_task(task)
            advance = partial(progress.advance, task)
            one = Trained(each.candidate, each.data, ceiling=each.ceiling)
            one = _more(one, many, each, range(each.seeds), advance)
            if one.is_undecided:
                progress.update(task, total=each.most)
                one = _more(one, many, each, range(each.seeds, each.most), advance)
            yield one


def _more(
    one: Trained, many: Sampler, planned: Planned, seeds: range, advance: Callable[[], None]
) -> Trained:
    runs = list(one.runs)
    for run in many.runs(one.candidate.model, one.candidate.plan, one.data, seeds, planned.together):
        runs.append(run)
        advance()
    return replace(one, runs=sorted(runs, key=lambda run: run.seed))


def _record(assignment: Assignment, trained: Iterable[Trained], pipeline: Pipeline) -> Record:
    parts: dict[str, Part] = {part.name: part for part in assignment.parts}
    measured = []
    for one in trained:
        own = parts[one.candidate.part].plan
        assert own is not None
        measured.append(
            Measured(
                part=one.candidate.part,
                plan_name=assignment.plan,
                plan=plan_sha256(own),
                data=one.data,
                name=one.candidate.name,
                is_right=one.candidate.is_right,
                seeds=len(one.runs),
                epochs=round(float(np.mean([run.epochs for run in one.runs])), 1),
                accuracies=tally(run.accuracy for run in one.runs),
                wrong=one.sample.wrong_verdict(one.candidate.plan),
                ceiling=one.ceiling,
            )
        )
    return Record(tuple(measured), dict(pipeline.trainer.versions))
