"""What a calibration found, as a table with proposals, or as one JSON object."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from grader import wire
from grader.catalog import CEILINGS
from grader.console import echo_json
from grader.domain.assignment import Assignment, Part
from grader.domain.training import TrainingPlan
from workers.calibration.proposal import RUNS, Proposal, fewest_epochs, propose
from workers.calibration.record import Measured, Record
from workers.calibration.sampling import Trained
from workers.calibration.verdicts import HIGHEST, Sample


def tell(
    console: Console, assignment: Assignment, trained: Sequence[Trained], record: Record, *, as_object: bool
) -> None:
    """Print it; `as_object` for scripts."""
    parts = [part for part in assignment.parts if part.plan is not None]
    proposals = {part.name: _proposal(part, trained) for part in parts}
    epochs = {part.name: _epochs(part, trained) for part in parts}
    if as_object:
        told = wire.to_json(record) | {"proposals": wire.to_json(proposals), "fewest_epochs": epochs}
        echo_json(json.dumps(told, ensure_ascii=False))
        return
    pairs = list(zip(trained, record.measured, strict=True))
    for (part_name, network), group in groupby(pairs, lambda pair: (pair[1].part, pair[1].name)):
        console.print(f"\n{escape(part_name)}: {escape(network)}", highlight=False)
        rows = list(group)
        console.print(_table(rows))
        for ceiling in {measured.ceiling for _, measured in rows} - {None}:
            console.print(f"No seed exceeds {ceiling:g}: see {CEILINGS}.", highlight=False)
    for part in parts:
        assert part.plan is not None
        for line in (_standing(part.plan), *_in_words(proposals[part.name], epochs[part.name])):
            console.print(f"{part.name}: {line}", highlight=False, soft_wrap=True)
    console.print(
        f"[red]✗[/] {assignment.slug} is refused: chance decides too often."
        if record.unfair
        else f"[green]✓[/] {assignment.slug}: every wrong verdict is less likely than {HIGHEST:g}.",
        highlight=False,
    )


def _table(rows: Iterable[tuple[Trained, Measured]]) -> Table:
    """One network on each data set; narrow, so that nothing is cut in a terminal of 80 columns."""
    heads = ("", "Data", "Seeds", "Lowest", "Mean", "Highest", "Epochs", "Again", "Wrong verdict (95 %)")
    table = Table(*(Column(head, justify="right") for head in heads), box=SIMPLE_HEAD, padding=0)
    for one, measured in rows:
        values = one.sample.accuracies
        table.add_row(
            "[green]✓[/]" if measured.is_fair else "[red]✗[/]",
            measured.data.origin,
            str(measured.seeds),
            *(f"{number:.3f}" for number in (values.min(), values.mean(), values.max())),
            f"{measured.epochs:g}",
            f"{one.sample.close(one.candidate.plan):.1%}" if one.candidate.plan.borderline else "",
            f"{measured.wrong.value:.2g} ({measured.wrong.low:.2g}–{measured.wrong.high:.2g})",
        )
    return table


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
        yield f"no band around the present threshold is fair when one run may decide alone, not even with up to {max(RUNS)}"
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
