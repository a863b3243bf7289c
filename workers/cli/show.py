"""A report on a terminal, and the exit status that it means."""

from __future__ import annotations

import json

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from grader.cli.comparison import side_by_side
from grader.domain.report import Outcome, Report, Verdict
from grader.messages import render_lines, render_report

EXIT = {Verdict.PASSED: 0, Verdict.FAILED: 1, Verdict.INVALID: 1, Verdict.GRADER_ERROR: 3}
MARKS = {
    Outcome.PASSED: "[green]✓[/]",
    Outcome.FAILED: "[red]✗[/]",
    Outcome.SKIPPED: "[dim]–[/]",
    Outcome.BROKEN: "!",
}
COLOURS = {
    Verdict.PASSED: "green",
    Verdict.FAILED: "red",
    Verdict.INVALID: "yellow",
    Verdict.GRADER_ERROR: "magenta",
}


def show(report: Report, console: Console, language: str) -> None:
    """Feedback first, then the checks, the comparison of layers and the model."""
    score = "no score" if report.score is None else f"{report.score:g} of {report.max_score:g} points"
    colour = COLOURS[report.verdict]
    console.print(f"[bold {colour}]{escape(render_lines(report.feedback, language))}[/]", highlight=False)
    console.print(f"\n[{colour}]{report.verdict.value}[/] · {score}", highlight=False)
    for check in report.checks:
        points = f"{check.points:g}/{check.max_points:g}"
        console.print(f"  {MARKS[check.outcome]} {escape(check.title)} [dim]{points}[/]", highlight=False)
    for part, public in zip(report.parts, render_report(report, language)["parts"], strict=True):
        if public["diff"]:
            console.print(side_by_side(public["diff"]))
        if part.model:
            console.print(_model_table(part.model.layers, part.model.params))
        if part.training:
            for run in part.training.runs:
                console.print(_curve(run.history), highlight=False)
    if report.notes:
        console.print(
            "\n".join(f"Note: {line}" for line in render_lines(report.notes, language).splitlines())
        )


def as_json(report: Report, language: str) -> str:
    """The report as one JSON object."""
    return json.dumps(render_report(report, language), ensure_ascii=False)


def _model_table(layers: tuple, params: int) -> Table:  # type: ignore[type-arg]
    table = Table("Layer", "Output shape", "Parameters", title=f"{params:,} parameters", title_justify="left")
    for layer in layers:
        shape = "(" + ", ".join(map(str, layer.output_shape)) + ")"
        table.add_row(f"{escape(layer.name)} ({layer.kind})", shape, f"{layer.params:,}")
    return table


def _curve(history: object) -> str:
    lines = []
    for name, values in sorted(dict(history).items()):  # type: ignore[call-overload]
        shown = values if len(values) <= 6 else (*values[:3], *values[-3:])  # noqa: PLR2004 - a line's worth
        lines.append(f"  {name}: " + " ".join("–" if value is None else f"{value:.3f}" for value in shown))
    return "\n".join(lines)
