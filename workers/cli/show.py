"""A report on a terminal, and the exit status that it means."""

from __future__ import annotations

import json
from collections.abc import Mapping

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from grader.cli.comparison import side_by_side
from grader.domain.message import message
from grader.domain.report import ModelTable, Outcome, Report, Verdict
from grader.messages import NO_WORDS, render, render_lines, render_report

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


def show(report: Report, console: Console, language: str, words: Mapping[str, str] = NO_WORDS) -> None:
    """Feedback first, then the checks, the comparison of layers and the model; `words` are those of the exercise."""
    colour = COLOURS[report.verdict]
    console.print(
        f"[bold {colour}]{escape(render_lines(report.feedback, language, words))}[/]", highlight=False
    )
    console.print(f"\n[{colour}]{escape(standing(report, language))}[/]", highlight=False)
    for check in report.checks:
        points = f"{check.points:g}/{check.max_points:g}"
        title = escape(words.get(check.title, check.title))
        console.print(f"  {MARKS[check.outcome]} {title} [dim]{points}[/]", highlight=False)
    for part, public in zip(report.parts, render_report(report, language)["parts"], strict=True):
        if public["diff"]:
            console.print(side_by_side(public["diff"], language))
        if part.model:
            console.print(_model_table(part.model, language))
        if part.training:
            for run in part.training.runs:
                console.print(_curve(run.history), highlight=False)
            if part.told_of_runs:
                console.print(escape(render(part.told_of_runs, language)), highlight=False)
    for note in report.notes:
        text = render(note, language, words)
        console.print(escape(render(message("cli_note", text=text), language)))


def standing(report: Report, language: str) -> str:
    """Verdict and score in one line."""
    verdict = message(f"verdict_{report.verdict.value}")
    if report.score is None:
        return render(message("cli_no_score", verdict=verdict), language)
    told = message("cli_score", verdict=verdict, score=report.score, max_score=report.max_score)
    return render(told, language)


def as_json(report: Report, language: str, words: Mapping[str, str] = NO_WORDS) -> str:
    """The report as one JSON object."""
    return json.dumps(render_report(report, language, words), ensure_ascii=False)


def _model_table(model: ModelTable, language: str) -> Table:
    heads = (render(message(code), language) for code in ("cli_layer", "cli_output_shape", "cli_parameters"))
    title = render(message("cli_all_parameters", params=model.params), language)
    table = Table(*heads, title=title, title_justify="left")
    for layer in model.layers:
        shape = "(" + ", ".join(map(str, layer.output_shape)) + ")"
        table.add_row(f"{escape(layer.name)} ({layer.kind})", shape, f"{layer.params:,}")
    return table


def _curve(history: object) -> str:
    lines = []
    for name, values in sorted(dict(history).items()):  # type: ignore[call-overload]
        shown = values if len(values) <= 6 else (*values[:3], *values[-3:])  # noqa: PLR2004 - a line's worth
        lines.append(f"  {name}: " + " ".join("–" if value is None else f"{value:.3f}" for value in shown))
    return "\n".join(lines)
