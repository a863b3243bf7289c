"""The `grader` command. Each command's module is loaded only when that command runs, so that help comes at once."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from importlib.metadata import entry_points

import click

from grader import __version__

COMMANDS: dict[str, tuple[str, str]] = {
    "course": ("grader.cli.course:course", "Open courses, get people in."),
    "db": ("grader.cli.operators:db", "Look after the database."),
    "login": ("grader.cli.client:login", "Sign in to a server, as a student or as staff."),
    "prune": ("grader.cli.prune:prune", "Remove what is not to be kept any longer."),
    "regrade": ("grader.cli.operators:regrade", "Grade submissions once more."),
    "serve": ("grader.cli.serve:serve", "Run everything on this machine."),
    "status": ("grader.cli.client:status", "Look at a submission, or at the service."),
    "submit": ("grader.cli.client:submit", "Hand in a file."),
    "user": ("grader.cli.user:user", "Make accounts, reset passwords, export or forget people."),
    "web": ("grader.cli.serve:web", "Run the web server only."),
    "webhook": ("grader.cli.webhook:webhook", "Exchange signed messages with an LMS."),
    "worker": ("grader.cli.serve:worker", "Run a worker only."),
}
ENTRY_POINTS = "grader.cli"
EXTRAS = {
    "flask": "server",
    "sqlalchemy": "server",
    "celery": "server",
    "alembic": "server",
    "argon2": "server",
    "prometheus_client": "server",
    "waitress": "server",
    "yaml": "check",
    "numpy": "check",
    "keras": "check",
    "tensorflow": "check",
    "docker": "worker",
}


class LazyGroup(click.Group):
    """Knows its commands by name and one line; loads a command's module when it is asked for."""

    joined: Mapping[str, tuple[str, str]] | None = None

    def known(self) -> Mapping[str, tuple[str, str]]:
        """Every command's place and line: ours, and those that other packages add."""
        if self.joined is None:
            added = dict(COMMANDS)
            for entry in entry_points(group=ENTRY_POINTS):
                # An image of the control plane has the entry point and not the package behind it.
                with suppress(ModuleNotFoundError):
                    added.update(entry.load())
            self.joined = added
        return self.joined

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Every name."""
        return sorted(self.known())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Load one command; who lacks the extra that it needs is told by `main`."""
        if cmd_name not in self.known():
            return None
        module, _, attribute = self.known()[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in `grader --help`, without loading anything of ours."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, self.known()[name][1]) for name in self.list_commands(ctx)])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="grader")
def cli() -> None:
    """Grade Keras coursework: layer order, shapes and accuracy.

    \b
    grader submit traffic-dense solution.py --wait    hand in and wait for the feedback
    grader serve                                      run the whole service on this machine

    Exit status: 0 passed, 1 not passed, 2 wrong usage, 3 our own failure, 130 interrupted.
    """


def how_to_install(error: ModuleNotFoundError) -> str:
    """Which extra would bring the module that is missing."""
    extra = EXTRAS.get((error.name or "").partition(".")[0])
    if extra is None:
        return f"The module {error.name} is missing; that command may not run on this system."
    return f"Some commands need more than a student's client: pip install 'keras-grader[{extra}]'"


def main() -> None:
    """Run the command line, and end with a status that says what the end was."""
    from grader import console
    from grader.cli import ending

    console.take_what_comes()
    ending.end(lambda: cli.main(prog_name="grader", standalone_mode=False), how_to_install)
