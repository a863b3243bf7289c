"""`grader user`: accounts."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli.address import link_url, needed_address
from grader.cli.forgetting import export, forget
from grader.cli.parts import data_dir_option, open_parts


@click.group()
def user() -> None:
    """Make accounts, reset passwords; give people what is kept about them, or erase it."""


@user.command()
@click.argument("email")
@click.option("--name", default="", help="As others see it.")
@click.option("--admin", is_flag=True, help="May do everything on this server.")
@click.option("--password", help="Better left out: then a one-time sign-in link is printed.")
@data_dir_option
def add(email: str, name: str, password: str | None, data_dir: Path | None, *, admin: bool) -> None:
    """Make an account for EMAIL and print a one-time sign-in link.

    \b
    grader user add ada@example.edu --name "Ada L." --admin
    """
    from grader.db.columns import utc_now
    from grader.services.accounts import AccountError, Purpose

    parts = open_parts(data_dir)
    address = "" if password is not None else needed_address(parts.settings)
    try:
        made = parts.accounts.create(email, name, password=password, is_admin=admin)
    except AccountError as error:
        raise click.UsageError(str(error)) from None
    click.echo(f"{made.email} has an account{' as an administrator' if admin else ''}.")
    if password is None:
        secret = parts.accounts.issue_link(made.id, Purpose.SIGN_IN, utc_now())
        click.echo(f"One-time sign-in link: {link_url(address, secret)}")


@user.command(name="list")
@data_dir_option
def list_(data_dir: Path | None) -> None:
    """List every account."""
    for one in open_parts(data_dir).accounts.store.users():
        click.echo(f"{one.email}\t{one.display_name}\t{'admin' if one.is_admin else ''}")


@user.command()
@click.argument("email")
@data_dir_option
def reset(email: str, data_dir: Path | None) -> None:
    """Print a link with which EMAIL can choose a new password within an hour.

    \b
    grader user reset ada@example.edu
    """
    from grader.db.columns import utc_now
    from grader.services.accounts import Purpose

    parts = open_parts(data_dir)
    found = parts.accounts.store.user_by_email(email)
    if found is None:
        message = f"There is no account for {email}."
        raise click.UsageError(message)
    address = needed_address(parts.settings)
    secret = parts.accounts.issue_link(found.id, Purpose.RESET, utc_now())
    click.echo(f"Link for a new password: {link_url(address, secret)}")


user.add_command(forget)
user.add_command(export)
