"""`grader webhook`: who sends us submissions, and who hears of grades."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.address import known_address, needed_address
from grader.cli.parts import data_dir_option, open_parts

if TYPE_CHECKING:
    from grader.services.ports import Course
    from grader.wiring import Wiring

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@click.group()
def webhook() -> None:
    """Exchange signed messages with an LMS (Standard Webhooks).

    \b
    grader webhook source add keras-2026 campus-lms
    grader webhook endpoint add keras-2026 https://lms.example.edu/hooks/grades
    """


@webhook.group()
def source() -> None:
    """Who sends us submissions."""


@webhook.group()
def endpoint() -> None:
    """Who hears of grades."""


@source.command(name="add")
@click.argument("course")
@click.argument("name")
@data_dir_option
def add_source(course: str, name: str, data_dir: Path | None) -> None:
    """Accept submissions for COURSE from an LMS called NAME; print its address and, once, its secret.

    \b
    grader webhook source add keras-2026 campus-lms
    """
    from grader.lms.signature import make_secret

    parts = open_parts(data_dir)
    found = _course(parts, course)
    if not NAME.fullmatch(name):
        raise click.UsageError("A source's name has small letters, digits and hyphens, 40 at most.")
    address, secret = needed_address(parts.settings), make_secret()
    if not parts.sources.add(found.id, name, secret):
        raise click.UsageError(f"There is a source {name} already.")
    click.echo(f"Address: {address}/webhooks/lms/{name}")
    _show(secret)


@source.command(name="rotate")
@click.argument("name")
@data_dir_option
def rotate_source(name: str, data_dir: Path | None) -> None:
    """Print a new secret for the source NAME; the old one is accepted for 24 hours more.

    \b
    grader webhook source rotate campus-lms
    """
    from grader.db.columns import utc_now
    from grader.lms.signature import make_secret

    secret = make_secret()
    if not open_parts(data_dir).sources.rotate(name, secret, utc_now()):
        raise _unknown_source(name)
    _show(secret)


@source.command(name="map")
@click.argument("name")
@click.argument("external_id")
@click.argument("assignment")
@data_dir_option
def map_assignment(name: str, external_id: str, assignment: str, data_dir: Path | None) -> None:
    """Where the source NAME says EXTERNAL_ID as assignment_id, it means our ASSIGNMENT.

    \b
    grader webhook source map campus-lms 48151 traffic-dense
    """
    from grader.db.columns import utc_now

    parts = open_parts(data_dir)
    found = parts.sources.source(name, utc_now())
    if found is None:
        raise _unknown_source(name)
    if assignment not in parts.courses.assignments(found.course):
        raise click.UsageError(f"The course of {name} has no assignment {assignment}.")
    parts.sources.map_assignment(found.id, external_id.strip(), assignment)
    click.echo(f"{external_id} of {name} is {assignment}.")


@source.command(name="list")
@data_dir_option
def list_sources(data_dir: Path | None) -> None:
    """List every source with its course and its address."""
    from grader.db.columns import utc_now

    parts = open_parts(data_dir)
    address = known_address(parts.settings) or "(GRADER_PUBLIC_URL is not set)"
    for one in parts.sources.sources(utc_now()):
        secrets = f"{len(one.secrets)} secret(s)"
        click.echo(f"{one.name}\t{_slug(parts, one.course)}\t{secrets}\t{address}/webhooks/lms/{one.name}")


@source.command(name="remove")
@click.argument("name")
@data_dir_option
def remove_source(name: str, data_dir: Path | None) -> None:
    """Accept nothing more from NAME; its submissions and people stay, also for when it is added again.

    \b
    grader webhook source remove campus-lms
    """
    if not open_parts(data_dir).sources.remove(name):
        raise _unknown_source(name)
    click.echo(f"{name} is no source any more.")


@endpoint.command(name="add")
@click.argument("course")
@click.argument("url")
@data_dir_option
def add_endpoint(course: str, url: str, data_dir: Path | None) -> None:
    """Send the grades of COURSE to URL; print its id and, once, its secret.

    \b
    grader webhook endpoint add keras-2026 https://lms.example.edu/hooks/grades
    """
    from grader.lms.outbound import UrlRefused
    from grader.lms.signature import make_secret

    parts = open_parts(data_dir)
    found = _course(parts, course)
    try:
        parts.sender.check(url)
    except (UrlRefused, ValueError) as error:
        raise click.UsageError(f"{url}: {error}") from None
    secret = make_secret()
    click.echo(f"Endpoint: {parts.endpoints.add_endpoint(found.id, url, secret)}")
    _show(secret)


@endpoint.command(name="rotate")
@click.argument("endpoint_id")
@data_dir_option
def rotate_endpoint(endpoint_id: str, data_dir: Path | None) -> None:
    """Print a new secret for ENDPOINT_ID; messages are signed with both for 24 hours.

    \b
    grader webhook endpoint rotate 01JD3Z5V7M8KQ2W4X6Y8Z0A1B2
    """
    from grader.db.columns import utc_now
    from grader.lms.signature import make_secret

    secret = make_secret()
    if not open_parts(data_dir).endpoints.rotate(endpoint_id, secret, utc_now()):
        raise _unknown_endpoint(endpoint_id)
    _show(secret)


@endpoint.command(name="list")
@data_dir_option
def list_endpoints(data_dir: Path | None) -> None:
    """List every endpoint with its course, and how many grades it has not been told of."""
    from grader.db.columns import utc_now

    parts = open_parts(data_dir)
    owed = parts.endpoints.owed()
    for one in parts.endpoints.endpoints(utc_now()):
        state = "on" if one.enabled else f"off: {one.disabled_reason}"
        click.echo(f"{one.id}\t{_slug(parts, one.course)}\t{one.url}\towed: {owed.get(one.id, 0)}\t{state}")


@endpoint.command(name="enable")
@click.argument("endpoint_id")
@click.option("--everybody", is_flag=True, help="Send everybody's newest grade, also what was told before.")
@data_dir_option
def enable_endpoint(endpoint_id: str, data_dir: Path | None, *, everybody: bool) -> None:
    """Send to ENDPOINT_ID again, after it was switched off: all that it is owed, the newest grade of each alone.

    With --everybody it also gets what it was told already, under the old ids, and grades from before it was added; that
    may be said of an endpoint that is on, too.

    \b
    grader webhook endpoint enable 01JD3Z5V7M8KQ2W4X6Y8Z0A1B2
    grader webhook endpoint enable 01JD3Z5V7M8KQ2W4X6Y8Z0A1B2 --everybody
    """
    from grader.db.columns import utc_now

    count = open_parts(data_dir).endpoints.enable(endpoint_id, utc_now(), everybody=everybody)
    if count is None:
        raise _unknown_endpoint(endpoint_id)
    click.echo(f"{endpoint_id} is on. Grades to send: {count}.")
    if not everybody:
        click.echo(f"Everybody's newest: grader webhook endpoint enable {endpoint_id} --everybody")


@endpoint.command(name="disable")
@click.argument("endpoint_id")
@data_dir_option
def disable_endpoint(endpoint_id: str, data_dir: Path | None) -> None:
    """Send nothing more to ENDPOINT_ID until it is enabled; what it is owed stays owed.

    \b
    grader webhook endpoint disable 01JD3Z5V7M8KQ2W4X6Y8Z0A1B2
    """
    from grader.db.endpoints import BY_AN_OPERATOR

    count = open_parts(data_dir).endpoints.disable_endpoint(endpoint_id, BY_AN_OPERATOR)
    if count is None:
        raise _unknown_endpoint(endpoint_id)
    click.echo(f"{endpoint_id} is off. Grades that stay owed: {count}.")


@endpoint.command(name="remove")
@click.argument("endpoint_id")
@data_dir_option
def remove_endpoint(endpoint_id: str, data_dir: Path | None) -> None:
    """Forget ENDPOINT_ID, what it is owed, and every message to it.

    \b
    grader webhook endpoint remove 01JD3Z5V7M8KQ2W4X6Y8Z0A1B2
    """
    if not open_parts(data_dir).endpoints.remove(endpoint_id):
        raise _unknown_endpoint(endpoint_id)
    click.echo(f"{endpoint_id} is gone.")


@endpoint.command(name="test")
@click.argument("endpoint_id")
@data_dir_option
def test_endpoint(endpoint_id: str, data_dir: Path | None) -> None:
    """Send one `webhook.test` to ENDPOINT_ID from this machine and say what came back; 0 only for 2xx.

    \b
    grader webhook endpoint test 01JD3Z5V7M8KQ2W4X6Y8Z0A1B2
    """
    from grader.db.columns import utc_now

    parts = open_parts(data_dir)
    now = utc_now()
    known = parts.endpoints.endpoint(endpoint_id, now)
    if known is None:
        raise _unknown_endpoint(endpoint_id)
    tried = parts.courier.test(known, now)
    if tried.error is not None:
        click.echo(f"Failed: {tried.error}", err=True)
        raise SystemExit(1)
    click.echo(f"The endpoint answered {tried.status}.")


def _show(secret: str) -> None:
    click.echo(f"Secret, shown only now: {secret}")


def _course(parts: Wiring, slug: str) -> Course:
    found = parts.courses.course(slug)
    if found is None:
        raise click.UsageError(f"There is no course {slug}. See: grader course list")
    return found


def _slug(parts: Wiring, course: str) -> str:
    found = parts.courses.course_by_id(course)
    return course if found is None else found.slug


def _unknown_source(name: str) -> click.UsageError:
    return click.UsageError(f"There is no source {name}. See: grader webhook source list")


def _unknown_endpoint(endpoint_id: str) -> click.UsageError:
    return click.UsageError(f"There is no endpoint {endpoint_id}. See: grader webhook endpoint list")
