"""`grader assignments` and `grader verify`: what there is, and the proof that it grades as it should."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from grader.catalog import load_catalog
from grader.console import echo_json
from grader.domain.assignment import Assignment
from grader.domain.report import DatasetStamp, Report, Verdict
from grader.messages import first_line
from grader.settings import load_settings
from workers.calibration.record import objections, read_record
from workers.cli.grade import faults_told, known_slug, opened
from workers.pipeline import Pipeline
from workers.references import folder_of, reference_solutions, solutions_of


@click.command(epilog="Examples:\n\n  grader verify\n\n  grader verify traffic-dense happy-house")
@click.argument("slugs", nargs=-1)
@click.option("--sandbox", help="auto, bubblewrap, docker or unix:PATH.")
@click.option(
    "--solutions",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with <slug>/accepted, failed and invalid; by default the project's, or _reference_solutions/ "
    "beside an assignment of your own.",
)
def verify(slugs: tuple[str, ...], sandbox: str | None, solutions: Path | None) -> None:
    """Grade every reference solution and prove that it gets the verdict of its folder, from the check it names."""
    settings, pipeline = opened(sandbox)
    with closing(pipeline):
        for slug in slugs:
            known_slug(pipeline.catalog, slug)
        with faults_told():
            places = {
                slug: solutions or solutions_of(slug, settings)
                for slug in slugs or pipeline.catalog.assignments
            }
            folders = {slug: folder_of(settings, slug) for slug in places}
            sys.exit(_verify(pipeline, places, folders))


def margin(assignment: Assignment, report: Report) -> tuple[float, float]:
    """How far above its threshold the accuracy is, of the part where that is least, and how far it should be.

    Infinite where nothing was trained.
    """
    plans = {part.name: part.plan for part in assignment.parts}
    found = [(math.inf, 0.0)]
    for part in report.parts:
        plan = plans[part.name]
        if plan is not None and plan.threshold is not None and part.training is not None:
            # Rounded, since 0.82 - 0.80 is less than 0.02 by a bit.
            found.append((round(part.training.accuracy - plan.threshold, 9), plan.margin))
    return min(found, key=lambda pair: pair[0] - pair[1])


def _objections(
    assignment: Assignment, folder: Path, data: list[DatasetStamp], console: Console
) -> list[str]:
    """What its calibration says against an assignment on the data that is here; a note where there is none on them."""
    if not any(part.plan and part.plan.threshold is not None for part in assignment.parts):
        return []
    record = read_record(folder)
    if record is not None and (here := record.on(data)).measured:
        return objections(assignment, here)
    where = "" if record is None else f" on the {data[0].origin} data that is here"
    told = f"{assignment.slug}: its threshold was never calibrated{where}: see `grader calibrate --help`"
    console.print(f"[yellow]![/] {told}", highlight=False, soft_wrap=True)
    return []


def _verify(pipeline: Pipeline, places: Mapping[str, Path], folders: Mapping[str, Path]) -> int:
    console = Console()
    wrong = done = 0
    for slug, solutions in places.items():
        assignment = pipeline.catalog.assignments[slug]
        data = [pipeline.trainer.dataset(name) for name in assignment.datasets]
        for objection in _objections(assignment, folders[slug], data, console):
            console.print(f"[red]✗[/] {slug}: {escape(objection)}", highlight=False, soft_wrap=True)
            wrong, done = wrong + 1, done + 1
        found = list(reference_solutions(solutions, slug))
        if not found:
            console.print(f"[red]{slug}: no reference solution below {solutions / slug}[/]")
            wrong += 1
        for solution in found:
            start = time.monotonic()
            report = pipeline.grade_file(slug, solution.path.read_bytes(), solution.path.name)
            least, wanted = margin(assignment, report)
            problem = solution.problem(report)
            if problem is None and solution.verdict is Verdict.PASSED and least < wanted:
                problem = f"only {least:.3f} above the threshold, {wanted:g} is asked for"
            done, wrong = done + 1, wrong + (problem is not None)
            mark = "[green]✓[/]" if problem is None else "[red]✗[/]"
            name = f"{slug}/{solution.path.parent.name}/{solution.path.name}"
            seconds = f"{time.monotonic() - start:.1f} s"
            score = "–" if report.score is None else f"{report.score:g}/{report.max_score:g}"
            above = f" ({least:.3f} above the threshold)" if 0 <= least < math.inf else ""
            told = problem or first_line(report) + above
            console.print(
                f"{mark} {name:<58} {report.verdict.value:<8} {score:>6} {seconds:>7}  {escape(told)}",
                highlight=False,
                soft_wrap=True,
            )
    console.print(f"{done - wrong} of {done} reference solutions got what their folder promises.")
    return 1 if wrong else 0


@click.command()
@click.option("--json", "as_object", is_flag=True, help="Print a JSON list.")
def assignments(as_object: bool) -> None:
    """List the assignments that can be graded here."""
    catalog = load_catalog(load_settings().assignments_dirs)
    if as_object:
        import json

        rows = [{"slug": slug, "title": found.title} for slug, found in catalog.assignments.items()]
        echo_json(json.dumps(rows, ensure_ascii=False))
        return
    table = Table("Assignment", "Title", "Function", "Points")
    for slug, found in catalog.assignments.items():
        functions = ", ".join(part.notation for part in found.parts)
        table.add_row(slug, found.title, functions, f"{catalog.max_score(slug):g}")
    Console().print(table)
