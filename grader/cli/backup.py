"""`grader backup` and `grader restore`."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from grader.cli.parts import data_dir_option, settings_for
from grader.private import private_folder

if TYPE_CHECKING:
    from grader.backup.manifest import Manifest
    from grader.backup.restoring import Restored
    from grader.settings import Settings

T = TypeVar("T")
FAILED, WRONG_USAGE = 1, 2
SECONDS_BETWEEN_WORDS = 3.0
SIZES = (("GiB", 1024**3), ("MiB", 1024**2), ("KiB", 1024))


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--without-keys", is_flag=True, help="Leave out the keys that sign cookies and open /metrics.")
@click.option("--force", is_flag=True, help="Replace FILE where it is there.")
@data_dir_option
def backup(file: Path, data_dir: Path | None, *, without_keys: bool, force: bool) -> None:
    """Write the service to FILE, a tar that nobody else can read, also while it runs.

    Database, keys and imported data sets are in it; what comes again by itself (queue, cache, logs) is not. A database in
    PostgreSQL is kept by pg_dump: the command to type is printed.

    \b
    grader backup /var/backups/grader-2026-11-29.tar
    grader backup --without-keys for-a-test.tar
    """
    from grader.backup.making import make

    settings = settings_for(data_dir)
    made = _in_words(lambda: make(settings, file.absolute(), _say(), with_keys=not without_keys, force=force))
    for entry in made.manifest.entries:
        click.echo(f"{entry.name}\t{_bytes(entry.size)}\tsha256:{entry.sha256[:16]}…")
    click.echo(f"{file}: {_what_is_in_it(made.manifest)}; {_bytes(made.size)}.")
    _tell_what_is_not_in_it(settings)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Put what is there aside, and take its place.")
@data_dir_option
def restore(file: Path, data_dir: Path | None, *, force: bool) -> None:
    """Bring back what `grader backup` wrote to FILE, into the data folder of a service that does not run.

    FILE is checked before anything is touched. What was not graded is sent again when the service starts; no message leaves
    before `grader outgoing release`.

    \b
    grader restore /var/backups/grader-2026-11-29.tar
    grader restore /var/backups/grader-2026-11-29.tar --data-dir /srv/grader-again
    """
    from grader.backup.restoring import restore as bring_back
    from grader.cli.supervisor import take_lock

    settings = settings_for(data_dir)
    if not file.is_file():
        raise click.UsageError(f"There is no file {file}.")
    private_folder(settings.data_dir)
    with closing(take_lock(settings.data_dir)):
        done = _in_words(lambda: bring_back(settings, file.absolute(), _say(), force=force))
    _tell(done, settings)


def _tell(done: Restored, settings: Settings) -> None:
    made = done.manifest
    click.echo(
        f"Restored to {settings.data_dir}: the service as it was at {made.moment:%Y-%m-%d %H:%M:%S} UTC."
    )
    for folder in done.aside:
        click.echo(f"What was there before: {folder}")
    if not made.keys:
        click.echo("There were no keys in it: those that are here stay, missing ones are made at the start.")
    click.echo(f"Submissions that are graded when it starts: {done.unfinished}.")
    waiting = ", ".join(f"{one.kind}: {one.count}" for one in done.held)
    click.echo(f"Outgoing messages are held ({waiting}). Look, and let them go: grader outgoing release")


def _what_is_in_it(manifest: Manifest) -> str:
    names = [entry.name.split("/") for entry in manifest.entries]
    keys = sum(name[0] == "keys" for name in names)
    data = sorted({name[1] for name in names if name[0] == "datasets"})
    return ", ".join(
        [
            *(["the database"] if manifest.database == "sqlite" else []),
            f"keys: {keys if manifest.keys else 'left out'}",
            f"imported data sets: {', '.join(data) or 'none'}",
        ]
    )


def _tell_what_is_not_in_it(settings: Settings) -> None:
    """What the operator keeps himself."""
    from grader.backup import contents, server

    for path in contents.keys_elsewhere(settings):
        click.echo(f"Not in it: {path}, a file of your own. Keep a copy of it.", err=True)
    if contents.sqlite_file(settings) is None:
        dump, bring_back = server.commands(settings)
        click.echo(f"Not in it: the database. Now, to keep it: {dump}", err=True)
        click.echo(f"To bring it back into an empty one, before grader restore: {bring_back}", err=True)


def _in_words(do: Callable[[], T]) -> T:
    """What it gives; what stands in its way is said, with a status of the documented list."""
    from grader.backup.errors import BackupFailed, NotNow

    try:
        return do()
    except NotNow as error:
        click.echo(str(error), err=True)
        raise SystemExit(WRONG_USAGE) from None
    except BackupFailed as error:
        click.echo(str(error), err=True)
        raise SystemExit(FAILED) from None


def _say() -> Callable[[str, int, int], None]:
    """A line on the error stream every few seconds, for what takes long."""
    said = time.monotonic()

    def say(what: str, done: int, total: int) -> None:
        nonlocal said
        if time.monotonic() - said >= SECONDS_BETWEEN_WORDS:
            said = time.monotonic()
            click.echo(f"{what}: {done / max(total, 1):.0%}", err=True)

    return say


def _bytes(number: int) -> str:
    for unit, size in SIZES:
        if number >= size:
            return f"{number / size:.1f} {unit}"
    return f"{number} bytes"
