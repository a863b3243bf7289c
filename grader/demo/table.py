"""The demo's table: file, verdict, score, first line of feedback, seconds."""

from __future__ import annotations

from collections.abc import Iterable

from rich.markup import escape
from rich.table import Table

from grader.demo.tries import Try

LONGEST_FEEDBACK = 90


def table_of(tries: Iterable[Try]) -> Table:
    """A row for each file."""
    table = Table(show_edge=False)
    for title in ("", "File", "Verdict", "Score", "Feedback"):
        table.add_column(title, overflow="fold", no_wrap=title in ("Verdict", "Score"))
    for each in tries:
        report = each.report or {}
        score = "–" if report.get("score") is None else f"{report['score']:g}/{report['max_score']:g}"
        table.add_row(
            "[green]✓[/]" if each.right else "[red]✗[/]",
            each.name,
            str(report.get("verdict")),
            score,
            escape(_told(each)[:LONGEST_FEEDBACK]),
        )
    return table


def _told(each: Try) -> str:
    report = each.report or {}
    lines = str(report.get("feedback", "")).splitlines()
    return " ".join(lines[:2]) if report.get("verdict") == "passed" else "".join(lines[1:2] or lines[:1])
