"""The commands that grade here and now; they join the `grader` group through its entry point."""

from __future__ import annotations

import click


def register(group: click.Group) -> None:
    """Add this package's commands to the `grader` group."""
    from workers.cli.authoring import assignments, verify
    from workers.cli.data import data
    from workers.cli.grade import check, grade

    for command in (grade, check, verify, assignments, data):
        group.add_command(command)
