"""The compatibility layer: code as printed, and as students write it, runs here.

Two halves, kept apart. *Spellings* (`spell`) translate what older Keras took into what today's takes, each with a note
that costs nothing; a student's own notebook uses them too. *Stillness* (`standing`) is for grading alone: models do
not train, data files are invented, modules that only draw or print do nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from . import (
    arguments,
    convolutions,
    data,
    files,
    imports,
    inert,
    machine,
    models,
    optimizers,
    sequentials,
    standins,
    symbolic,
    tensorflow_names,
    words,
)
from .fits import Fits
from .hooks import Hooks
from .names import PACKAGES
from .notes import Notes
from .patches import Patches


class Seen:
    """What the layer noticed about a submission."""

    def __init__(self) -> None:
        self.notes = Notes()
        self.fits = Fits()

    def claim(self) -> dict[str, Any]:
        """Compiles and fits as plain values; notes are told apart, since others have some too."""
        return self.fits.claim()


@contextmanager
def standing() -> Iterator[Seen]:
    """Everything that stands around student code while it is graded; gone again afterwards."""
    seen, patches = Seen(), Patches()
    try:
        hooks = Hooks(patches)
        _keep_still(seen, hooks, patches)
        spell(hooks, seen.notes, patches)
        standins.StandIns(patches, invent=True)
        standins.install_notebook(patches)
        yield seen
    finally:
        patches.undo()


def spell(hooks: Hooks, notes: Notes, patches: Patches) -> None:
    """Old spellings alone: libraries behave as ever, and are not imported before somebody else does it."""

    def change(keras: ModuleType) -> None:
        arguments.install(keras, notes, patches)
        convolutions.install(keras, notes, patches)
        models.install(keras, notes, patches)
        files.install(keras, hooks, notes, patches)
        sequentials.install(keras, notes, patches)
        words.install(keras, notes, patches)
        hooks.when_loaded("tensorflow", lambda _: symbolic.install(keras, patches))

    hooks.when_loaded("keras", change)
    hooks.when_loaded("tensorflow._api.v2.train", lambda module: optimizers.install(module, notes, patches))
    imports.install(hooks, notes, patches)
    tensorflow_names.install(hooks, notes, patches)


def _keep_still(seen: Seen, hooks: Hooks, patches: Patches) -> None:
    hooks.when_loaded("keras", lambda keras: inert.install(keras, seen.notes, seen.fits, hooks, patches))
    data.install(hooks, seen.notes, patches)
    machine.install(hooks, seen.notes, patches)
    for package in PACKAGES:
        hooks.when_loaded(f"{package}.utils", lambda module: standins.install_drawing(module, patches))
