"""`db` and `regrade`."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli.parts import data_dir_option, open_parts


@click.group()
def db() -> None:
    """Look after the database."""


@db.command()
@data_dir_option
def upgrade(data_dir: Path | None) -> None:
    """Bring the database to the newest schema; harmless where it is there already.

    \b
    grader db upgrade
    GRADER_DATABASE_URL=postgresql+psycopg://… grader db upgrade
    """
    parts = open_parts(data_dir)
    click.echo(f"{parts.database.engine.url.render_as_string(hide_password=True)} is up to date.")


@click.command()
@click.argument("submissions", nargs=-1, metavar="[ID]...")
@click.option("--course", help="Every submission of this course …")
@click.option("--assignment", help="… for this assignment …")
@click.option("--verdict", help="… with this verdict, for instance grader_error.")
@click.option("--by", required=True, help="Address of whoever wants it, for the audit.")
@click.option("--reason", default="", help="Why, for the audit.")
@data_dir_option
def regrade(
    submissions: tuple[str, ...],
    course: str | None,
    assignment: str | None,
    verdict: str | None,
    by: str,
    reason: str,
    data_dir: Path | None,
) -> None:
    """Grade submissions once more; the old reports are kept.

    \b
    grader regrade 01JD3Z5V7M8KQ2W4X6Y8Z0A1B2 --by ta@example.edu
    grader regrade --course keras-2026 --verdict grader_error --by ta@example.edu
    """
    from grader.db.columns import utc_now
    from grader.db.queries import Filter
    from grader.services.regrade import regrade as again

    parts = open_parts(data_dir)
    who = parts.accounts.store.user_by_email(by)
    if who is None:
        message = f"There is no account for {by}."
        raise click.UsageError(message)
    if not submissions and not course:
        message = "Name submissions, or a course."
        raise click.UsageError(message)
    chosen = list(submissions)
    if course:
        found = parts.courses.course(course)
        if found is None:
            message = f"There is no course {course}."
            raise click.UsageError(message)
        chosen += parts.queries.ids(
            Filter(course=found.id, assignment=assignment, verdict=verdict, state="done")
        )
    left = [one for one in chosen if not again(one, who.id, reason, parts.dispatcher, utc_now())]
    for one in left:
        submission = parts.store.get(one)
        if submission is not None and submission.erased_at is not None:
            click.echo(f"{one}: what was handed in is erased; it cannot be graded again.", err=True)
    click.echo(f"{len(chosen) - len(left)} of {len(chosen)} submissions are in line again.")
    raise SystemExit(1 if left else 0)
