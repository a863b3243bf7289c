"""`grader calibrate`: how often chance would decide a verdict, measured with many seeds, and what would mend it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import click
import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from grader import wire
from grader.domain.assignment import Assignment, Part
from grader.domain.errors import AuthorError, GraderFault
from grader.domain.report import DatasetStamp
from grader.domain.training import PlanName, SeededRun, TrainingPlan
from grader.settings import Settings, load_settings
from workers.calibration.candidates import Candidate, candidates
from workers.calibration.proposal import Proposal, fewest_epochs, propose
from workers.calibration.record import Measured, Record, plan_sha256, read_record, tally, write_record
from workers.calibration.sampling import Sampler, sampler
from workers.calibration.verdicts import HIGHEST, Sample
from workers.cli.authoring import folder_of, reference_solutions, solutions_of
from workers.cli.grade import fail, known_plan, known_slug
from workers.extract import SandboxExtractor
from workers.pipeline import Pipeline, open_pipeline, open_trainer
from workers.training.haste import LONGEST_SECONDS, seconds

QUICK_SEEDS, SLOW_SEEDS = 650, 60
"""By default: a chance of less than 1 % is bounded by counting alone, or by the tail of a smaller sample."""
WRONG_SEEDS = 60
"""Of the wrong networks at most: those that cannot learn hardly vary."""
FEWEST_SEEDS = 10
PROGRESS_SECONDS = 20.0
"""About how long the bar stands still, by the careful estimate of a training's seconds."""


@dataclass(frozen=True)
class Planned:
    """One network on one data set, how many seeds it gets, and how many of them one process trains at a time."""

    candidate: Candidate
    data: DatasetStamp
    seeds: int
    together: int


@dataclass(frozen=True)
class Trained:
    """One network on one data set, and what came of its seeds, in their order."""

    candidate: Candidate
    data: DatasetStamp
    runs: Sequence[SeededRun]

    @property
    def sample(self) -> Sample:
        """What each run counts for."""
        return Sample(np.array([run.accuracy for run in self.runs]), self.candidate.is_right)


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
    help="How many of each wrong one.",
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
    try:
        settings = load_settings(sandbox=sandbox)
        pipeline = open_pipeline(settings)
    except (GraderFault, AuthorError) as fault:
        click.echo(str(fault), err=True)
        sys.exit(3)
    with closing(pipeline):
        known_slug(pipeline.catalog, slug)
        known_plan(pipeline.catalog, slug, plan) if plan != PlanName.CLASS.value else None
        try:
            trained = _measure(pipeline, settings, slug, PlanName(plan), origins, how_many)
        except GraderFault as fault:
            fail(fault)
            raise
        except AuthorError as error:
            click.echo(str(error), err=True)
            sys.exit(1)
        except KeyboardInterrupt:
            click.echo("Stopped. What was trained is kept: the same command goes on from there.", err=True)
            sys.exit(130)
        assignment = pipeline.catalog.assignments[slug].under(PlanName(plan))
        record = _record(assignment, trained, pipeline)
    _tell(Console(), assignment, trained, record, as_object=as_object)
    if save:
        folder = folder_of(settings, slug)
        write_record(folder, (read_record(folder) or Record()).renewed(record))
    if plot is not None:
        from workers.calibration.plot import draw

        draw(plot, slug, record.measured, trained[0].candidate.plan)
    sys.exit(0 if all(each.is_fair for each in record.measured) else 1)


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
    solutions = reference_solutions(solutions_of(slug, settings), slug)
    extractor = SandboxExtractor(pipeline.sandbox)
    found = candidates(assignment, pipeline.catalog.rubrics[slug], solutions, extractor)
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
    planned = [
        _planned(pipeline, each, stamp, how_many) for each in found for stamp in data[each.plan.dataset]
    ]
    with sampler(lambda: open_trainer(settings), how_many["jobs"]) as many:
        return list(_train(many, planned))


def _planned(
    pipeline: Pipeline, each: Candidate, stamp: DatasetStamp, how_many: dict[str, int | None]
) -> Planned:
    plan = replace(each.plan, borderline=None, seeds=(0,))
    needed = seconds(each.model, plan, pipeline.trainer.rows(stamp))
    wanted = how_many["seeds"] or (SLOW_SEEDS if needed > LONGEST_SECONDS else QUICK_SEEDS)
    if not each.is_right:
        wanted = min(wanted, how_many["wrong_seeds"] or wanted)
    return Planned(each, stamp, wanted, together=max(1, int(PROGRESS_SECONDS / needed)))


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
            own, runs = each.candidate, []
            for run in many.runs(own.model, own.plan, each.data, each.seeds, each.together):
                runs.append(run)
                progress.advance(task)
            yield Trained(own, each.data, sorted(runs, key=lambda run: run.seed))


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
            )
        )
    return Record(tuple(measured), dict(pipeline.trainer.versions))


def _tell(
    console: Console, assignment: Assignment, trained: Sequence[Trained], record: Record, *, as_object: bool
) -> None:
    parts = [part for part in assignment.parts if part.plan is not None]
    proposals = {part.name: _proposal(part, trained) for part in parts}
    epochs = {part.name: _epochs(part, trained) for part in parts}
    if as_object:
        told = wire.to_json(record) | {"proposals": wire.to_json(proposals), "fewest_epochs": epochs}
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    table = Table(
        "", "Network", "Data", "Seeds", "Lowest", "Mean", "Highest", "Epochs", "Runs", "Wrong verdict (95 %)"
    )
    for one, measured in zip(trained, record.measured, strict=True):
        values = one.sample.accuracies
        close = one.sample.close(one.candidate.plan)
        table.add_row(
            "[green]✓[/]" if measured.is_fair else "[red]✗[/]",
            escape(measured.name),
            measured.data.origin,
            str(measured.seeds),
            *(f"{number:.3f}" for number in (values.min(), values.mean(), values.max())),
            f"{measured.epochs:g}",
            _runs(one.candidate.plan, close),
            f"{measured.wrong.value:.2g} ({measured.wrong.low:.2g}–{measured.wrong.high:.2g})",
        )
    console.print(table)
    for part in parts:
        assert part.plan is not None
        for line in (_standing(part.plan), *_in_words(proposals[part.name], epochs[part.name])):
            console.print(f"{part.name}: {line}", highlight=False, soft_wrap=True)
    unfair = [each for each in record.measured if not each.is_fair]
    console.print(
        f"[red]✗[/] {assignment.slug} is refused: chance decides too often."
        if unfair
        else f"[green]✓[/] {assignment.slug}: every wrong verdict is less likely than {HIGHEST:g}.",
        highlight=False,
    )


def _runs(plan: TrainingPlan, close: float) -> str:
    return (
        str(len(plan.seeds))
        if plan.borderline is None
        else f"1, for {close:.1%} up to {plan.borderline.runs}"
    )


def _standing(plan: TrainingPlan) -> str:
    band = plan.borderline
    how = (
        f"the median of {len(plan.seeds)} seeds"
        if band is None and len(plan.seeds) > 1
        else "one seed"
        if band is None
        else f"one seed, and up to {band.runs} from -{band.below:g} to +{band.above:g} around the threshold"
    )
    return f"threshold {plan.threshold:g}, {how}, {plan.epochs} epochs"


def _in_words(proposal: Proposal, epochs: int | None) -> Iterator[str]:
    if proposal.threshold is None:
        yield "no threshold is fair with these seeds and this band"
    else:
        yield (
            f"fair thresholds are {proposal.lowest:g} to {proposal.highest:g}; proposed: {proposal.threshold:g}"
        )
    if not proposal.band_found:
        yield "no band makes the present threshold fair, not even with the median of five"
    elif proposal.borderline is None:
        yield "proposed band: none, one seed is enough"
    else:
        band = proposal.borderline
        yield f"proposed band: from -{band.below:g} to +{band.above:g} around the threshold, up to {band.runs} runs"
    if epochs is not None:
        yield f"fewest epochs that are fair: {epochs}"


def _proposal(part: Part, trained: Iterable[Trained]) -> Proposal:
    return propose([(one.sample, one.candidate.plan) for one in trained if one.candidate.part == part.name])


def _epochs(part: Part, trained: Iterable[Trained]) -> int | None:
    """By the curves of the training accuracy: a shorter training is the beginning of a longer one."""
    assert part.plan is not None
    if part.plan.evaluate_test or part.plan.stopping:
        return None
    fewest = []
    for one in trained:
        if one.candidate.part == part.name and one.candidate.is_right:
            curves = np.array([run.history["accuracy"] for run in one.runs], dtype=float)
            samples = [
                (epoch + 1, Sample(curves[:, epoch], is_right=True)) for epoch in range(curves.shape[1])
            ]
            fewest.append(fewest_epochs(samples, one.candidate.plan))
    return None if None in fewest else max(each for each in fewest if each is not None)
