"""`grader mutate`: wrong models made from the reference, each to be caught by the check that is meant for it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from grader.console import echo_json
from grader.domain.errors import AuthorError, StudentError
from grader.settings import Settings
from workers.cli.grade import faults_told, known_slug, opened
from workers.extract import SandboxExtractor
from workers.mutation.contract import read_contract
from workers.mutation.judge import Finding, Judge
from workers.mutation.matrix import Tally, as_plain, page, problems
from workers.mutation.mutant import Aspect
from workers.pipeline import Pipeline
from workers.references import folder_of, reference_solutions, solutions_of

EVERYTHING = frozenset(Aspect)
UNTRAINED = EVERYTHING - {Aspect.ACCURACY}
COLUMNS = ("Mutants", "Caught", "Exceptions", "Equivalent", "Must pass", "Passed")
SEED = 1
"""Of the numbers that functions are tried with: the same at every call, so that two tables can be compared."""


@click.command(epilog="Examples:\n\n  grader mutate traffic-dense\n\n  grader mutate --untrained --json")
@click.argument("slugs", nargs=-1)
@click.option(
    "--json", "as_object", is_flag=True, help="Print every mutant in one JSON object and nothing else."
)
@click.option("--untrained", is_flag=True, help="Leave out mutants that must be trained.")
@click.option(
    "--page", "page_path", type=click.Path(path_type=Path), help="Also write the tables to this file."
)
@click.option("--sandbox", help="auto, bubblewrap, docker or unix:PATH.")
def mutate(
    slugs: tuple[str, ...], as_object: bool, untrained: bool, page_path: Path | None, sandbox: str | None
) -> None:
    """Make wrong models from the reference of each assignment and prove that the right check catches each."""
    if page_path is not None and (slugs or untrained):
        raise click.UsageError(
            "--page shows all assignments, trained mutants as well: name none, without --untrained"
        )
    settings, pipeline = opened(sandbox)
    with closing(pipeline):
        for slug in slugs:
            known_slug(pipeline.catalog, slug)
        with faults_told():
            examined = _examine(pipeline, settings, slugs, UNTRAINED if untrained else EVERYTHING)
    matrix = {one.slug: one.findings for one in examined}
    if as_object:
        told = {one.slug: one.problems for one in examined}
        echo_json(json.dumps(as_plain(matrix, told), ensure_ascii=False))
    else:
        _show(Console(), examined)
    if page_path is not None:
        page_path.write_text(page(matrix), "utf-8")
    sys.exit(1 if any(one.problems for one in examined) else 0)


@dataclass(frozen=True)
class Examined:
    """One assignment, what became of its mutants, and what there is to say against its checks."""

    slug: str
    findings: Sequence[Finding]
    problems: Sequence[str]


def examine(
    pipeline: Pipeline, settings: Settings, slug: str, looks_at: frozenset[Aspect] = EVERYTHING
) -> Examined:
    """Every mutant and rewriting of one assignment, judged; AuthorError where it has no reference solution."""
    assignment = pipeline.catalog.assignments[slug]
    contract = read_contract(assignment, folder_of(settings, slug))
    judge = Judge(
        assignment,
        pipeline.catalog.rubrics[slug],
        contract,
        reference=_reference(solutions_of(slug, settings), slug, contract.reference),
        extractor=SandboxExtractor(pipeline.sandbox, seed=lambda: SEED),
        trainer=pipeline.trainer,
        looks_at=looks_at,
    )
    try:
        findings = list(judge.findings())
    except StudentError as error:
        raise AuthorError(f"{slug}: the reference solution gives no model: {error}") from error
    excused = {finding.name for finding in findings if finding.reason}
    unused = [] if looks_at != EVERYTHING else [name for name in contract.exceptions if name not in excused]
    return Examined(slug, findings, problems(findings, unused))


def _examine(
    pipeline: Pipeline, settings: Settings, slugs: Sequence[str], looks_at: frozenset[Aspect]
) -> list[Examined]:
    chosen = slugs or tuple(pipeline.catalog.assignments)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    found = []
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("", total=len(chosen))
        for slug in chosen:
            progress.update(task, description=slug)
            found.append(examine(pipeline, settings, slug, looks_at))
            progress.advance(task)
    return found


def _reference(root: Path, slug: str, name: str | None) -> str:
    accepted = [
        found.path for found in reference_solutions(root, slug) if found.path.parent.name == "accepted"
    ]
    chosen = [path for path in accepted if name in (None, path.name)]
    if not chosen:
        raise AuthorError(f"{slug}: there is no accepted solution {name or 'at all'} below {root / slug}")
    return chosen[0].read_text("utf-8")


def _show(console: Console, examined: Sequence[Examined]) -> None:
    # Narrow, so that names stay whole in a terminal of 80 columns.
    table = Table(
        Column("Assignment", no_wrap=True),
        *(Column(name, justify="right") for name in COLUMNS),
        box=SIMPLE_HEAD,
        padding=0,
    )
    for one in examined:
        numbers = [str(number) for number in vars(Tally.of(one.findings)).values()]
        mark = "[red]✗[/]" if one.problems else "[green]✓[/]"
        table.add_row(f"{mark} {one.slug}", *numbers)
    console.print(table)
    for one in examined:
        for problem in one.problems:
            console.print(f"[red]✗[/] {one.slug}: {escape(problem)}", highlight=False, soft_wrap=True)
