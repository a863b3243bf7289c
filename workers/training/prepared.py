"""Pictures as a network gets them, made once per data set and read by every run: float32, scaled, in the cache.

A folder holds `train_x.npy` and `test_x.npy` and never a label; whoever needs them maps them into memory, so that a run
on few rows reads few rows. It is verified once per process, and a cache mends itself.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

import numpy as np

from workers.training.datasets import Dataset
from workers.training.stored import put_in_place

INPUTS = ("train_x", "test_x")
DIGESTS = "sha256.txt"


class PreparedInputs:
    """The prepared folders of one process, below `cache`."""

    def __init__(self, cache: Path) -> None:
        self._cache = cache
        self._verified: set[Path] = set()

    def folder(self, dataset: Dataset, scratch: Path) -> Path:
        """Where the inputs of a data set lie; below `scratch` when the cache cannot be written."""
        key = hashlib.sha256(f"{dataset.sha256} {dataset.scaling}".encode()).hexdigest()[:16]
        folder = self._cache / f"{dataset.name}-scaled-{key}"
        if folder in self._verified and all((folder / f"{name}.npy").exists() for name in INPUTS):
            return folder
        if not is_whole(folder):
            try:
                _replace(folder, dataset)
            except OSError:
                write(scratch, dataset)
                return scratch
        self._verified.add(folder)
        return folder


def write(folder: Path, dataset: Dataset) -> None:
    """Put the scaled pictures of both parts into a folder, and the hash of each file beside them."""
    for name in INPUTS:
        np.save(folder / f"{name}.npy", dataset.scaled(getattr(dataset, name)), allow_pickle=False)
    (folder / DIGESTS).write_text(_digests(folder), "utf-8")


def is_whole(folder: Path) -> bool:
    """Whether the files are those that were written."""
    try:
        return (folder / DIGESTS).read_text("utf-8") == _digests(folder)
    except (OSError, UnicodeDecodeError):
        return False


def _replace(folder: Path, dataset: Dataset) -> None:
    """Write a folder anew; another worker that was faster has written the same."""
    with suppress(OSError), put_in_place(folder) as fresh:
        write(fresh, dataset)
    if not is_whole(folder):
        raise OSError(folder)


def _digests(folder: Path) -> str:
    lines = []
    for name in INPUTS:
        with (folder / f"{name}.npy").open("rb") as stream:
            lines.append(f"{hashlib.file_digest(stream, 'sha256').hexdigest()}  {name}.npy\n")
    return "".join(lines)
