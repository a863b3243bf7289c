"""`grader prune`: remove what is not to be kept any longer, now."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli.parts import data_dir_option, open_parts


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say how many rows of each kind would go.")
@data_dir_option
def prune(data_dir: Path | None, *, dry_run: bool) -> None:
    """Remove what is not to be kept any longer; the control worker does the same each hour.

    Sessions, tokens and links that ran out; wrong passwords after a day; messages to an LMS that it has, with their tries
    (GRADER_KEEP_MESSAGES_DAYS); ids of messages from an LMS that brought nothing, and keys of uploads (GRADER_KEEP_KEYS_DAYS);
    workers that fell silent (GRADER_KEEP_WORKERS_DAYS). No submission, report or grade goes, and no LMS is told anything again.

    \b
    grader prune --dry-run
    grader prune
    """
    from grader.db.columns import utc_now
    from grader.pruning import prune as remove

    parts = open_parts(data_dir)
    counted = parts.retention.count(utc_now()) if dry_run else remove(parts, utc_now())
    for kind, count in counted.items():
        click.echo(f"{count}\t{kind}")
    click.echo(
        "Nothing was changed." if dry_run else f"{sum(counted.values())} rows were removed or emptied."
    )
