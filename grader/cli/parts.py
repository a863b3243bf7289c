"""What the operators' commands share: settings from options and environment, and the parts on a migrated database."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from grader.private import private_database, private_folder

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
    private_folder(settings.data_dir)
    _keep_private(settings.effective_database_url)
    parts = Wiring(settings)
    upgrade(parts.database)
    return parts


def _keep_private(database_url: str) -> None:
    """A database that is a file; one that cannot be made says so itself when it is opened."""
    from sqlalchemy import make_url

    url = make_url(database_url)
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        with suppress(OSError):
            private_database(Path(url.database))
