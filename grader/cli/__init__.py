"""The `grader` command. Each command's module is loaded only when that command runs, so that help comes at once."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points

import click

from grader import __version__
from grader.domain.errors import AuthorError

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

    missing: ModuleNotFoundError | None = None
    joined: bool = False

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every name, ours and those that joined."""
        self.join()
        return sorted({*COMMANDS, *super().list_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load one command; a name that may belong to a missing extra gets a message that says so."""
        if cmd_name in COMMANDS:
            module, _, attribute = COMMANDS[cmd_name][0].partition(":")
            command: click.Command = getattr(import_module(module), attribute)
            return command
        self.join()
        found = super().get_command(ctx, cmd_name)
        if found is None and self.missing is not None:
            raise click.UsageError(f"There is no command {cmd_name} here. {how_to_install(self.missing)}")
        return found

    def join(self) -> None:
        """Let other packages add their commands, once; without their extra they stay away."""
        if self.joined:
            return
        self.joined = True
        for entry in entry_points(group=ENTRY_POINTS):
            try:
                entry.load()(self)
            except ModuleNotFoundError as error:
                self.missing = error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in `grader --help`, without loading anything of ours."""
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
    """  # noqa: D301


def how_to_install(error: ModuleNotFoundError) -> str:
    """Which extra would bring the module that is missing."""
    extra = EXTRAS.get((error.name or "").partition(".")[0])
    if extra is None:
        return f"The module {error.name} is missing; that command may not run on this system."
    return f"Some commands need more than a student's client: pip install 'keras-grader[{extra}]'"


def main() -> None:
    """Run the command line."""
    try:
        cli(prog_name="grader")
    except ModuleNotFoundError as error:
        click.echo(how_to_install(error), err=True)
        raise SystemExit(2) from None
    except AuthorError as error:
        click.echo(str(error), err=True)
        raise SystemExit(2) from None
