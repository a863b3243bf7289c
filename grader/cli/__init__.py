"""The `grader` command. Each command's module is loaded only when that command runs, so that help comes at once."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points

import click

from grader import __version__

COMMANDS: dict[str, tuple[str, str]] = {
    "course": ("grader.cli.course:course", "Open courses, get people in."),
    "db": ("grader.cli.operators:db", "Look after the database."),
    "login": ("grader.cli.client:login", "Sign in to a server, as a student or as staff."),
    "regrade": ("grader.cli.operators:regrade", "Grade submissions once more."),
    "serve": ("grader.cli.serve:serve", "Run everything on this machine."),
    "status": ("grader.cli.client:status", "Look at a submission."),
    "submit": ("grader.cli.client:submit", "Hand in a file."),
    "user": ("grader.cli.user:user", "Make accounts, reset passwords."),
    "web": ("grader.cli.serve:web", "Run the web server only."),
    "worker": ("grader.cli.serve:worker", "Run a worker only."),
}
ENTRY_POINTS = "grader.cli"
EXTRAS = {
    "flask": "server",
    "sqlalchemy": "server",
    "celery": "server",
    "alembic": "server",
    "argon2": "server",
    "gunicorn": "server",
    "yaml": "check",
    "numpy": "check",
    "keras": "check",
    "tensorflow": "check",
    "docker": "worker",
}


class LazyGroup(click.Group):
    """Knows its commands by name and one line; loads a command's module when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every name, ours and those that joined."""
        return sorted({*COMMANDS, *super().list_commands(ctx)})

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Load one command; a missing extra gets a message that names it."""
        if name not in COMMANDS:
            return super().get_command(ctx, name)
        module, _, attribute = COMMANDS[name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in `grader --help`, without loading anything."""
        rows = []
        for name in self.list_commands(ctx):
            joined = self.commands.get(name)
            rows.append((name, COMMANDS[name][1] if joined is None else joined.get_short_help_str(80)))
        with formatter.section("Commands"):
            formatter.write_dl(rows)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="grader")
def cli() -> None:
    """Grade Keras coursework: layer order, shapes and accuracy.

    \b
    grader submit traffic-dense solution.py --wait    hand in and wait for the feedback
    grader serve                                      run the whole service on this machine

    Exit status: 0 passed, 1 not passed, 2 wrong usage, 3 our own failure.
    """


def join_entry_points(group: click.Group) -> None:
    """Let other packages add commands; one whose extra is missing is left out here and explained when it is called."""
    for entry in entry_points(group=ENTRY_POINTS):
        try:
            entry.load()(group)
        except ModuleNotFoundError as error:
            if missing_extra(error) is None:
                raise


def missing_extra(error: ModuleNotFoundError) -> str | None:
    """Which extra would bring the module that is missing."""
    return EXTRAS.get((error.name or "").partition(".")[0])


def main() -> None:
    """Run the command line."""
    try:
        join_entry_points(cli)
        cli(prog_name="grader")
    except ModuleNotFoundError as error:
        extra = missing_extra(error)
        if extra is None:
            raise
        click.echo(
            f"This command needs more: pip install 'keras-grader[{extra}]' ({error.name} is missing).",
            err=True,
        )
        raise SystemExit(2) from None
