"""`grader course`: courses and who is in them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.address import known_address, link_url, needed_address
from grader.cli.parts import data_dir_option, open_parts

if TYPE_CHECKING:
    from grader.services.ports import Course
    from grader.wiring import Wiring


@click.group()
def course() -> None:
    """Open courses, get people in."""


@course.command()
@click.argument("slug")
@click.option("--title", default="", help="As students see it.")
@click.option("--rule", type=click.Choice(["best", "last"]), default="best", help="Which attempt counts.")
@click.option(
    "--assignment", "assignments", multiple=True, help="One of its assignments; all where none is given."
)
@data_dir_option
def create(slug: str, title: str, rule: str, assignments: tuple[str, ...], data_dir: Path | None) -> None:
    """Open the course SLUG; print its join code, and where its staff find it.

    \b
    grader course create keras-2026 --title "Deep learning" --assignment traffic-dense --assignment happy-house
    """
    from grader.domain.course import CountingRule
    from grader.services.courses import CourseError, create_course

    parts = open_parts(data_dir)
    known = parts.shelf.assignments
    unknown = [one for one in assignments if one not in known]
    if unknown:
        message = f"There is no assignment {', '.join(unknown)}. Known: {', '.join(known)}."
        raise click.UsageError(message)
    try:
        made = create_course(parts.courses, slug, title, CountingRule(rule), assignments or tuple(known))
    except CourseError as error:
        raise click.UsageError(str(error)) from None
    click.echo(f"Course {made.slug} is open. Join code: {made.join_code}")
    address = known_address(parts.settings)
    if address is not None:
        click.echo(f"Its dashboard: {address}/courses/{made.slug}/dashboard")


@course.command(name="list")
@data_dir_option
def list_(data_dir: Path | None) -> None:
    """List every course with its join code."""
    parts = open_parts(data_dir)
    for one in parts.courses.courses():
        slugs = ", ".join(parts.courses.assignments(one.id))
        click.echo(f"{one.slug}\t{one.title}\t{one.join_code}\t{one.rule}\t{slugs}")


@course.command(name="assignments")
@click.argument("slug")
@click.argument("assignments", nargs=-1, required=True)
@data_dir_option
def assignments_(slug: str, assignments: tuple[str, ...], data_dir: Path | None) -> None:
    """Give the course SLUG these ASSIGNMENTS, in this order, instead of those it has."""
    parts = open_parts(data_dir)
    found = _find(parts, slug)
    unknown = [one for one in assignments if one not in parts.shelf.assignments]
    if unknown:
        message = f"There is no assignment {', '.join(unknown)}."
        raise click.UsageError(message)
    parts.courses.set_assignments(found.id, assignments)
    click.echo(f"{found.slug} has {len(assignments)} assignments.")


@course.command()
@click.argument("slug")
@click.argument("counts", type=click.Choice(["best", "last"]))
@data_dir_option
def rule(slug: str, counts: str, data_dir: Path | None) -> None:
    """Let each student's best or last attempt count in the course SLUG; an LMS hears of every grade that changes by it.

    \b
    grader course rule keras-2026 last
    """
    from grader.db.columns import utc_now
    from grader.domain.course import CountingRule

    parts = open_parts(data_dir)
    changed = parts.courses.set_rule(_find(parts, slug).id, CountingRule(counts), utc_now())
    click.echo(f"In {slug} the {counts} attempt counts. Grades of another attempt than before: {changed}.")


@course.command(name="import")
@click.argument("slug")
@click.argument("roster", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
@data_dir_option
def import_(slug: str, roster: Path, data_dir: Path | None, *, dry_run: bool) -> None:
    """Put the people of ROSTER (CSV: email, name, role) into the course SLUG; print one-time sign-in links.

    The first line of ROSTER names its columns; name and role (student, ta, teacher) may be left out. "-" reads what is
    piped in.

    \b
    grader course import keras-2026 roster.csv --dry-run
    grader course import keras-2026 roster.csv > links.tsv
    """
    from grader.db.columns import utc_now
    from grader.services.courses import any_without_password, import_roster, read_roster

    parts = open_parts(data_dir)
    found = _find(parts, slug)
    with click.open_file(str(roster), "rb") as file:
        read = read_roster(file.read())
    for line, text in read.errors:
        click.echo(f"{roster}:{line}: {text}", err=True)
    if read.errors:
        click.echo("Nothing was imported.", err=True)
        raise SystemExit(1)
    if dry_run:
        click.echo(f"{len(read.people)} people would be in {slug}; nothing was changed.")
        return
    address = needed_address(parts.settings) if any_without_password(parts.accounts, read.people) else ""
    for one in import_roster(parts.courses, parts.accounts, found.id, read.people, utc_now()):
        link = "has a password" if one.link is None else link_url(address, one.link)
        click.echo(f"{one.user.email}\t{one.role}\t{link}")


@course.command()
@click.argument("slug")
@click.argument("email")
@click.option("--role", type=click.Choice(["student", "ta", "teacher"]), default="student")
@data_dir_option
def member(slug: str, email: str, role: str, data_dir: Path | None) -> None:
    """Make EMAIL, who has an account, a member of the course SLUG, or change the role."""
    from grader.domain.course import Role

    parts = open_parts(data_dir)
    found = _find(parts, slug)
    person = parts.accounts.store.user_by_email(email)
    if person is None:
        message = f"There is no account for {email}; make one with: grader user add {email}"
        raise click.UsageError(message)
    parts.courses.set_role(found.id, person.id, Role(role))
    click.echo(f"{person.email} is {role} in {found.slug}.")


@course.command()
@click.argument("email")
@data_dir_option
def link(email: str, data_dir: Path | None) -> None:
    """Print a fresh one-time sign-in link for EMAIL."""
    from grader.db.columns import utc_now
    from grader.services.accounts import Purpose

    parts = open_parts(data_dir)
    person = parts.accounts.store.user_by_email(email)
    if person is None:
        message = f"There is no account for {email}."
        raise click.UsageError(message)
    address = needed_address(parts.settings)
    click.echo(link_url(address, parts.accounts.issue_link(person.id, Purpose.SIGN_IN, utc_now())))


@course.command()
@click.argument("slug")
@click.option(
    "--release", metavar="ASSIGNMENT", help="Let this assignment's next report choose the data again."
)
@data_dir_option
def data(slug: str, release: str | None, data_dir: Path | None) -> None:
    """Show the data that the course SLUG grades with.

    The first training of an assignment fixes its data for the course, so that real and synthetic pictures never
    mix. After an import: release the assignment, then grade everything again.

    \b
    grader course data keras-2026
    grader course data keras-2026 --release happy-house
    grader regrade --course keras-2026 --assignment happy-house --by ta@example.edu
    """
    parts = open_parts(data_dir)
    found = _find(parts, slug)
    if release is not None:
        if not parts.courses.release_data(found.id, release):
            message = f"No data is fixed for {release} in {slug}. See: grader course data {slug}"
            raise click.UsageError(message)
        click.echo(
            f"The next training of {release} chooses the data. Now grade the earlier ones again:\n"
            f"grader regrade --course {slug} --assignment {release} --by YOUR-ADDRESS"
        )
        return
    for one in parts.courses.data(found.id):
        since = one.since.isoformat(timespec="minutes")
        click.echo(f"{one.assignment}\t{one.stamp.name}\t{one.stamp.origin}\t{one.stamp.sha256}\t{since}")


@course.command()
@click.argument("slug")
@click.argument("assignment", required=False)
@click.argument(
    "chosen", metavar="[class|document]", type=click.Choice(["class", "document"]), required=False
)
@data_dir_option
def plan(slug: str, assignment: str | None, chosen: str | None, data_dir: Path | None) -> None:
    """Show or choose by which plan the course SLUG trains its assignments.

    The class plan trains for seconds; the document's own takes minutes for each submission. Both state their
    threshold in the assignment's statement. What is graded already keeps its verdict until it is graded again.

    \b
    grader course plan keras-2026
    grader course plan keras-2026 mnist-dense document
    """
    from grader.domain.training import PlanName

    parts = open_parts(data_dir)
    found = _find(parts, slug)
    if assignment is None:
        for one, used in parts.courses.plans(found.id).items():
            click.echo(f"{one}\t{used}")
        return
    if chosen is None:
        message = "Say which plan: class or document."
        raise click.UsageError(message)
    known = parts.shelf.assignments.get(assignment)
    if known is not None and PlanName(chosen) not in known.plans:
        message = f"{assignment} has one plan only."
        raise click.UsageError(message)
    if not parts.courses.set_plan(found.id, assignment, PlanName(chosen)):
        message = f"{slug} has no assignment {assignment}. See: grader course plan {slug}"
        raise click.UsageError(message)
    click.echo(f"{assignment} in {slug} is trained by the {chosen} plan from now on.")


def _find(parts: Wiring, slug: str) -> Course:
    found = parts.courses.course(slug)
    if found is None:
        message = f"There is no course {slug}. See: grader course list"
        raise click.UsageError(message)
    return found
