"""`grader outgoing`: whether messages leave, how many wait, and letting them go after a restore."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.parts import data_dir_option, open_parts

if TYPE_CHECKING:
    from grader.db.outgoing import Waiting

WRONG_USAGE = 2


@click.group(invoke_without_command=True)
@data_dir_option
@click.pass_context
def outgoing(context: click.Context, data_dir: Path | None) -> None:
    """Say whether messages leave, and how many of each kind wait since when.

    After `grader restore` all are held, since the backup does not know what was sent after it was made.

    \b
    grader outgoing
    grader outgoing release
    grader outgoing release --discard
    """
    context.obj = data_dir
    if context.invoked_subcommand is not None:
        return
    parts = open_parts(data_dir)
    held = parts.outgoing.held()
    if held is None:
        click.echo("Messages leave.")
    else:
        of = "" if held.backup_of is None else f" The backup is of {held.backup_of:%Y-%m-%d %H:%M:%S} UTC."
        click.echo(f"Messages are HELD since {held.since:%Y-%m-%d %H:%M:%S} UTC.{of}")
    for one in parts.outgoing.waiting():
        click.echo(_line(one))
    if held is not None:
        click.echo("Let them go: grader outgoing release")


@outgoing.command()
@data_dir_option
@click.pass_obj
def hold(outer: Path | None, data_dir: Path | None) -> None:
    """Let no message leave from now on; what is owed is kept.

    \b
    grader outgoing hold
    """
    from grader.db.columns import utc_now

    held = open_parts(data_dir or outer).outgoing.hold(utc_now())
    click.echo(f"Messages are held since {held.since:%Y-%m-%d %H:%M:%S} UTC.")


@outgoing.command()
@click.option(
    "--discard",
    is_flag=True,
    help="Drop those from before the backup: the service that ran on has told them.",
)
@data_dir_option
@click.pass_obj
def release(outer: Path | None, data_dir: Path | None, *, discard: bool) -> None:
    """Let messages leave; print how many of each kind go.

    A message that was sent after the backup was made goes out again with the same webhook-id, by which its receiver knows
    it. Where a receiver does not look at that, --discard leaves out what waited in the backup.

    \b
    grader outgoing release
    grader outgoing release --discard
    """
    rows = open_parts(data_dir or outer).outgoing
    try:
        released = rows.release(discard=discard)
    except LookupError as error:
        raise click.UsageError(f"Nothing was changed: {error}. Without --discard all that wait go.") from None
    if released is None:
        click.echo("Messages were not held: nothing was changed.", err=True)
        raise SystemExit(WRONG_USAGE)
    for one in released:
        dropped = f", {one.dropped} dropped" if discard else ""
        stay = f", {one.stay} stay since their receivers are off" if one.stay else ""
        click.echo(f"{_word(one.kind)}: {one.go} go{dropped}{stay}.")


def _line(one: Waiting) -> str:
    since = "" if one.since is None else f", the oldest since {one.since:%Y-%m-%d %H:%M:%S} UTC"
    off = f", {one.off} of them for receivers that are off" if one.off else ""
    return f"{_word(one.kind)}: {one.count} wait{since}{off}."


def _word(kind: str) -> str:
    from grader.db.outgoing import KINDS

    return KINDS.get(kind, kind)
