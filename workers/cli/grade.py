"""`grader grade` and `grader check`: the pipeline here and now, sandboxed or on a student's own machine."""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NoReturn, TextIO

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from grader.catalog import Catalog
from grader.cli.options import lang_option
from grader.console import echo_json
from grader.domain.errors import AuthorError, GraderFault
from grader.domain.message import message as said
from grader.domain.report import Report
from grader.domain.training import PlanName
from grader.messages import first_line, render
from grader.services.notebook import MAX_NOTEBOOK_BYTES
from grader.settings import Settings, load_settings
from grader.spreadsheet import safe_cell
from workers.cli.show import EXIT, as_json, show
from workers.pipeline import Pipeline, open_pipeline, open_trainer

USAGE, GRADER_ERROR = 2, 3
SUFFIXES = frozenset({".py", ".ipynb"})
NAMES_TOLD = 10


@click.command(
    epilog="Examples:\n\n  grader grade traffic-dense solution.py\n\n  grader grade traffic-dense solution.py --json\n\n"
    "  grader grade happy-house downloads/ --csv grades.csv"
)
@click.argument("slug")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--json", "as_object", is_flag=True, help="Print the report as one JSON object and nothing else."
)
@click.option(
    "--csv", "table", type=click.Path(path_type=Path), help="For a folder: write one row per file here."
)
@click.option("--sandbox", help="auto, bubblewrap, docker or unix:PATH.")
@lang_option()
@click.option(
    "--plan",
    type=click.Choice([name.value for name in PlanName]),
    default="class",
    help="document: the long one, if there is one.",
)
def grade(
    slug: str, path: Path, as_object: bool, table: Path | None, sandbox: str | None, lang: str, plan: str
) -> None:
    """Grade FILE (.py or .ipynb), or all of them below a folder, for the assignment SLUG, in a sandbox."""
    if path.is_dir() and table is None:
        message = "a folder needs --csv OUT, the file that gets one row per submission"
        raise click.UsageError(message)
    if path.is_dir() and as_object:
        message = "--json is for one file; a folder gives --csv"
        raise click.UsageError(message)
    _, pipeline = opened(sandbox)
    try:
        known_slug(pipeline.catalog, slug)
        known_plan(pipeline.catalog, slug, plan)
        if path.is_dir() and table is not None:
            sys.exit(_grade_folder(pipeline, slug, path, table, lang, PlanName(plan)))
        report = _graded(pipeline, slug, path, PlanName(plan))
    except GraderFault as fault:
        fail(fault)
    finally:
        pipeline.close()
    _print(report, pipeline.catalog, as_object=as_object, language=lang)
    sys.exit(EXIT[report.verdict])


@click.command(epilog="Example:\n\n  grader check traffic-dense solution.py")
@click.argument("slug")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--json", "as_object", is_flag=True, help="Print the report as one JSON object and nothing else."
)
@lang_option()
def check(slug: str, file: Path, as_object: bool, lang: str) -> None:
    """Try your own FILE on your own machine: the public checks, no sandbox. The real grade is made on the server."""
    from workers.sandbox.unconfined import Unconfined

    settings = load_settings()
    # As Python runs it: where it lies, beside its own modules and data.
    pipeline = open_pipeline(settings, Unconfined(file.resolve().parent))
    known_slug(pipeline.catalog, slug)
    public = Pipeline(public_only(pipeline.catalog), pipeline.sandbox, open_trainer(settings))
    try:
        report = replace(_graded(public, slug, file, PlanName.CLASS), advisory=True)
    except GraderFault as fault:
        fail(fault)
    _print(report, public.catalog, as_object=as_object, language=lang)
    if not as_object:
        click.echo(render(said("cli_was_a_try"), lang))
    sys.exit(EXIT[report.verdict])


def _graded(pipeline: Pipeline, slug: str, path: Path, plan: PlanName) -> Report:
    """Of a file that is too large, no more is read than shows that."""
    with path.open("rb") as file:
        data = file.read(MAX_NOTEBOOK_BYTES + 1)
    return pipeline.grade_file(slug, data, path.name, plan, size=path.stat().st_size)


def public_only(catalog: Catalog) -> Catalog:
    """The catalogue without hidden checks."""
    rubrics = {
        slug: {part: rubric.public for part, rubric in parts.items()}
        for slug, parts in catalog.rubrics.items()
    }
    return Catalog(catalog.assignments, rubrics)


def known_slug(catalog: Catalog, slug: str) -> None:
    """End with usage status unless the assignment exists."""
    if slug not in catalog.assignments:
        click.echo(
            f"There is no assignment {slug!r}{catalog.nearest(slug) or '.'} Try: grader assignments", err=True
        )
        sys.exit(USAGE)


def known_plan(catalog: Catalog, slug: str, plan: str) -> None:
    """End with usage status unless the assignment has that plan."""
    if PlanName(plan) not in catalog.assignments[slug].plans:
        click.echo(f"{slug} has one plan only: leave --plan out.", err=True)
        sys.exit(USAGE)


def opened(sandbox: str | None) -> tuple[Settings, Pipeline]:
    """Settings and a pipeline; ends with the status of a grader error where there can be none, and warns of what it lacks."""
    try:
        settings = load_settings(sandbox=sandbox)
        pipeline = open_pipeline(settings)
    except GraderFault as fault:
        fail(fault)
    except AuthorError as error:
        click.echo(str(error), err=True)
        sys.exit(GRADER_ERROR)
    for missing in pipeline.sandbox.degraded:
        click.echo(f"Warning: this machine cannot limit {missing} for a whole submission.", err=True)
    return settings, pipeline


@contextmanager
def faults_told() -> Iterator[None]:
    """For an author's command: our own fault ends it as a grader error, an author's with status 1."""
    try:
        yield
    except GraderFault as fault:
        fail(fault)
    except AuthorError as error:
        click.echo(str(error), err=True)
        sys.exit(1)


def fail(fault: GraderFault) -> NoReturn:
    """End with the status of a grader error, its text on standard error."""
    click.echo(f"The grader itself failed: {fault}", err=True)
    sys.exit(GRADER_ERROR)


def _print(report: Report, catalog: Catalog, *, as_object: bool, language: str) -> None:
    words = catalog.assignments[report.assignment].words_in(language)
    if as_object:
        echo_json(as_json(report, language, words))
    else:
        show(report, Console(), language, words)


def _grade_folder(
    pipeline: Pipeline, slug: str, folder: Path, table: Path, language: str, plan: PlanName
) -> int:
    """Grade every file, write a row for each as it is done, and tell how many had which verdict."""
    files, skipped = _sorted(folder, table)
    console = Console(stderr=True)
    for kind, others in skipped.items():
        console.print(f"Not graded, {kind}: {_some(others)}.", markup=False, highlight=False)
    if not files:
        console.print(f"There is no .py or .ipynb file below {folder}.", markup=False)
        return USAGE
    verdicts: Counter[str] = Counter()
    with _written(table) as out, _progress(console) as progress:
        rows = csv.writer(out)
        rows.writerow(["file", "verdict", "reason", "score", "max_score", "feedback"])
        task = progress.add_task("grading", total=len(files))
        for row in _rows(pipeline, slug, folder, files, language, plan):
            verdicts[row[1]] += 1
            rows.writerow([safe_cell(cell) for cell in row])
            out.flush()
            progress.advance(task)
    console.print(
        f"{table}: " + ", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items()))
    )
    if verdicts["grader_error"]:
        return GRADER_ERROR
    return 0 if set(verdicts) == {"passed"} else 1


def _sorted(folder: Path, table: Path) -> tuple[list[Path], dict[str, list[str]]]:
    """The scripts and notebooks below a folder, and why others are left out: what they are → their names."""
    files: list[Path] = []
    skipped: dict[str, list[str]] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder)
        if ".ipynb_checkpoints" in name.parts:
            skipped.setdefault("being Jupyter's own copies", []).append(str(name))
        elif path.suffix.lower() in SUFFIXES:
            files.append(path)
        elif path.resolve() != table.resolve():
            skipped.setdefault("being neither .py nor .ipynb", []).append(str(name))
    return files, skipped


def _some(names: list[str]) -> str:
    more = len(names) - NAMES_TOLD
    return ", ".join(names[:NAMES_TOLD]) + (f" and {more} more" if more > 0 else "")


def _written(table: Path) -> TextIO:
    """The table, open before anything is graded; names of files may hold what no encoding has."""
    try:
        return table.open("w", newline="", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        message = f"{table} cannot be written: {error.strerror}"
        raise click.UsageError(message) from None


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
    )


def _rows(
    pipeline: Pipeline, slug: str, folder: Path, files: list[Path], language: str, plan: PlanName
) -> Iterator[list[str]]:
    for path in files:
        name = str(path.relative_to(folder))
        try:
            report = _graded(pipeline, slug, path, plan)
        except (GraderFault, OSError) as fault:
            yield [name, "grader_error", "", "", "", str(fault)]
            continue
        score = "" if report.score is None else f"{report.score:g}"
        reason = report.reason.value if report.reason else ""
        yield [
            name,
            report.verdict.value,
            reason,
            score,
            f"{report.max_score:g}",
            first_line(report, language),
        ]
