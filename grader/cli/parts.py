"""What the operators' commands share: settings from options and environment, and the parts on a migrated database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from grader.settings import Settings
    from grader.wiring import Wiring

F = TypeVar("F", bound=Callable[..., Any])


def data_dir_option(command: F) -> F:
    """Adds `--data-dir`."""
    return click.option(
        "--data-dir",
        type=click.Path(file_okay=False, path_type=Path),
        help="Folder for database, queue, logs and keys (GRADER_DATA_DIR).",
    )(command)


def settings_for(data_dir: Path | None = None) -> Settings:
    """Settings from the environment, with the folder from the command line; wrong ones are wrong usage."""
    from grader.settings import load_settings

    try:
        return load_settings(data_dir=None if data_dir is None else data_dir.resolve())
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def open_parts(data_dir: Path | None = None) -> Wiring:
    """The parts on a database that is up to date."""
    from grader.db.migrate import upgrade
    from grader.wiring import Wiring

    settings = settings_for(data_dir)
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    parts = Wiring(settings)
    upgrade(parts.database)
    return parts
