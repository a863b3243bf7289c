"""`grader data`: which data sets there are, and importing the real ones."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from grader.catalog import load_catalog
from grader.domain.errors import GraderError
from grader.domain.report import DatasetStamp
from grader.settings import Settings, load_settings
from workers.calibration.record import read_record
from workers.pipeline import dataset_folders, open_trainer
from workers.references import folder_of
from workers.training.importing import import_dataset


@click.group()
def data() -> None:
    """Data sets: real ones where they were imported, synthetic ones otherwise."""


@data.command()
def status() -> None:
    """Show every data set, where its pictures come from, and its hash."""
    settings = load_settings()
    trainer = open_trainer(settings)
    table = Table("Data set", "Origin", "sha256")
    for name in dataset_folders(settings.assignments_dirs):
        stamp = trainer.dataset(name)
        table.add_row(stamp.name, stamp.origin, stamp.sha256.removeprefix("sha256:")[:16] + "…")
    Console().print(table)


@data.command(
    "import",
    epilog="Examples:\n\n  grader data import traffic-signs small_train_traffic.p small_test_traffic.p\n\n"
    "  grader data import happy-house train_happy.h5 test_happy.h5\n\n  grader data import mnist mnist.npz",
)
@click.argument("name")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
def import_(name: str, files: tuple[Path, ...]) -> None:
    """Import the real files of the data set NAME; from then on it replaces the synthetic one."""
    settings = load_settings()
    folders = dataset_folders(settings.assignments_dirs)
    if name not in folders:
        click.echo(f"There is no data set {name!r}; there are {', '.join(folders)}.", err=True)
        sys.exit(2)
    try:
        imported = import_dataset(name, files, declarations=folders, data_dir=settings.data_dir)
    except GraderError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    click.echo(f"Imported {name}: {imported.train} + {imported.test} pictures, {imported.sha256}.")
    for warning in _left_to_chance(settings, DatasetStamp(name, "real", imported.sha256)):
        click.echo(f"Beware: {warning}.", err=True)


def _left_to_chance(settings: Settings, data: DatasetStamp) -> Iterator[str]:
    """What calibrations say against grading on these very data."""
    for slug, assignment in load_catalog(settings.assignments_dirs).assignments.items():
        record = read_record(folder_of(settings, slug)) if data.name in assignment.datasets else None
        for each in record.on([data]).unfair if record else ():
            yield f"{slug}: {each.objection}"
