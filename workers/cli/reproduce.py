"""`grader reproduce`: a report graded again from what it tells of itself, and whether anything differs."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape

from grader import wire
from grader.catalog import load_catalog
from grader.console import echo_json
from grader.domain.errors import AuthorError, GraderFault, StudentError
from grader.services.encoding import unmarked
from grader.services.source import read_source
from grader.settings import Settings, load_settings
from workers.cli.grade import USAGE, fail
from workers.pipeline import open_pipeline, open_trainer
from workers.reproduction import Recorded, Reproduced, UnreadableReport, reproduce

LONGEST = 200
"""Characters of a value that are shown; curves are long."""


@click.command(
    "reproduce",
    epilog="Examples:\n\n  grader grade xor solution.py --json > report.json\n\n  grader reproduce report.json",
)
@click.argument("report", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--source",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The file that was handed in: needed for functions and classes, and for what gave no model.",
)
@click.option("--json", "as_object", is_flag=True, help="Print the differences as one JSON object.")
@click.option("--sandbox", help="With --source: auto, bubblewrap, docker or unix:PATH.")
def reproduce_command(report: Path, source: Path | None, as_object: bool, sandbox: str | None) -> None:
    """Grade again what REPORT tells of, and say whether verdict, score or any number differs."""
    # Nothing that was kept from before may answer for a training.
    settings = replace(load_settings(sandbox=sandbox), run_cache=False)
    try:
        recorded = Recorded.read(wire.parse(unmarked(report.read_bytes())[0]))
        found = _again(recorded, settings, source)
    except (UnreadableReport, wire.WireError, AuthorError, StudentError) as error:
        click.echo(f"{report}: {error}", err=True)
        sys.exit(USAGE)
    except GraderFault as fault:
        fail(fault)
    if as_object:
        echo_json(json.dumps(_plain(found), ensure_ascii=False))
    else:
        _show(found, Console())
    sys.exit(1 if found.results else 0)


def _again(recorded: Recorded, settings: Settings, source: Path | None) -> Reproduced:
    if source is None:
        with closing(open_trainer(settings)) as trainer:
            return reproduce(recorded, load_catalog(settings.assignments_dirs), trainer)
    from workers.extract import SandboxExtractor

    seed = recorded.probe_seed
    text = read_source(source.read_bytes(), source.name)
    with closing(open_pipeline(settings)) as pipeline:
        extractor = SandboxExtractor(pipeline.sandbox, seed=None if seed is None else lambda: seed)
        return reproduce(recorded, pipeline.catalog, pipeline.trainer, source=text, extractor=extractor)


def _plain(found: Reproduced) -> dict[str, object]:
    return {
        "format": 1,
        "same": not found.results,
        "results": [asdict(one) for one in found.results],
        "surroundings": [asdict(one) for one in found.surroundings],
    }


def _show(found: Reproduced, console: Console) -> None:
    for one in found.results:
        console.print(
            f"[red]✗[/] {one.what}: {_short(one.before)} → {_short(one.now)}", highlight=False, soft_wrap=True
        )
    for one in found.surroundings:
        line = f"  made with another {one.what}: {_short(one.before)} → {_short(one.now)}"
        console.print(line, highlight=False, soft_wrap=True)
    report = found.report
    score = "no score" if report.score is None else f"{report.score:g} of {report.max_score:g}"
    told = "Nothing differs" if not found.results else "It differs"
    console.print(f"{told}: {report.verdict.value}, {score}.", highlight=False)


def _short(text: str) -> str:
    return escape(text if len(text) <= LONGEST else f"{text[:LONGEST]}…")
