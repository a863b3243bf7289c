"""`grader user forget` and `grader user export`: a person's own words, given to them or erased."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.parts import data_dir_option, open_parts
from grader.visible import visible

if TYPE_CHECKING:
    from grader.services.ports import User
    from grader.wiring import Wiring


@click.command()
@click.argument("name")
@click.option("--why", required=True, help="Kept for good, with the time and who did it; name nobody in it.")
@click.option("--by", help="Who does it; by default the user of the operating system.")
@click.option("--dry-run", is_flag=True, help="Only say what would be erased.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@data_dir_option
def forget(name: str, why: str, by: str | None, data_dir: Path | None, *, dry_run: bool, yes: bool) -> None:
    """Erase the words of NAME (an address, or the id of an account), once and for good.

    Name and address, what was handed in, what it printed, all that reports quote of it, the ids that an LMS has for it, sessions,
    tokens and links go. Verdicts, scores, points of checks, times and attempts stay, and so does which attempt counts. An LMS hears
    nothing more about them; what it knows already, and what logs and backups have, is not reached.

    \b
    grader user forget ada@example.edu --why "asked for it, ticket 4711" --dry-run
    grader user forget ada@example.edu --why "asked for it, ticket 4711"
    """
    from grader.db.columns import utc_now
    from grader.db.erasing import UnderWay

    parts = open_parts(data_dir)
    person = _person(parts, name)
    if not why.strip():
        message = "Say why: --why is kept for good."
        raise click.UsageError(message)
    if _was_erased(parts, person):
        return
    _tell(f"Of {person.email} ({person.display_name}) ", parts.erasures.what_goes(person.id))
    if dry_run:
        click.echo("Nothing was changed.")
        return
    if not yes:
        click.confirm("This cannot be undone. Erase it?", abort=True)
    try:
        counted = parts.erasures.forget(person.id, by or _operator(), why.strip(), utc_now())
    except UnderWay as error:
        click.echo(f"{error} Nothing was changed.", err=True)
        raise SystemExit(1) from None
    if not counted:
        _was_erased(parts, person)
        return
    click.echo(f"Erased. What is left is account {person.id}.")


@click.command()
@click.argument("name")
@click.option(
    "--to", "file", type=click.Path(dir_okay=False, path_type=Path), help="A file; its owner alone reads it."
)
@data_dir_option
def export(name: str, file: Path | None, data_dir: Path | None) -> None:
    """Print all that is kept about NAME (an address, or the id of an account), as one JSON object.

    account, memberships, roles_given; submissions, each with its source, the ids of an LMS, every report as the person sees it, and
    every change of its grade; sign_ins, tokens and links without their secrets; known_to_an_lms_as and told_to_an_lms;
    hints_written and grades_of_others_changed by staff; erasure. Logs and backups are not in it.

    \b
    grader user export ada@example.edu --to ada.json
    """
    from grader.db.columns import utc_now
    from grader.person import everything
    from grader.private import private_file

    parts = open_parts(data_dir)
    person = _person(parts, name)
    told = json.dumps(everything(parts, person, utc_now()), indent=2, ensure_ascii=file is None)
    if file is None:
        click.echo(told)
        return
    try:
        private_file(file).write_text(told + "\n", encoding="utf-8", errors="replace")
    except OSError as error:
        message = f"{file} cannot be written: {error.strerror}"
        raise click.UsageError(message) from None
    click.echo(f"All that is kept about {person.email} is in {file}.")


def _operator() -> str:
    """The user of the operating system, and who became it by sudo; a container may have no name for it."""
    import pwd

    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        name = f"uid {os.getuid()}"
    other = os.environ.get("SUDO_USER")
    return visible(f"{name} (sudo of {other})" if other else name)


def _person(parts: Wiring, name: str) -> User:
    """By address or id; one who was erased has both still, and both say nothing."""
    store = parts.accounts.store
    from grader.services.accounts import is_of_nobody

    folded = name.strip().casefold()
    key = folded.removeprefix("erased-").removesuffix("@invalid") if is_of_nobody(folded) else folded
    found = store.user_by_email(name) or store.user(key.upper())
    if found is None:
        message = f"There is no account for {name}."
        raise click.UsageError(message)
    return found


def _was_erased(parts: Wiring, person: User) -> bool:
    """Whether there is nothing left to do, which is said."""
    erasure = parts.erasures.of(person.id)
    if erasure is not None:
        click.echo(
            f"Account {person.id} was erased on {erasure.erased_at:%Y-%m-%d %H:%M} UTC by {erasure.erased_by}:"
            f" {erasure.why}. Nothing was changed."
        )
    return erasure is not None


def _tell(start: str, counted: Mapping[str, int]) -> None:
    """What goes, in one line; what there is none of is left out."""
    there = {kind: f"{kind}: {count}" for kind, count in counted.items() if count}
    words = [there.pop(kind) for kind in ("submissions", "reports") if kind in there]
    parts = ["name and address", *(["the words in " + ", ".join(words)] if words else []), *there.values()]
    click.echo(f"{start}these go: {'; '.join(parts)}.")
