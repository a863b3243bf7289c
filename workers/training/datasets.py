"""Data sets as their folders declare them: load the real arrays, or generate synthetic ones.

A data set is a folder with `dataset.yaml` and a generator; what was imported lies in `<data_dir>/datasets/<name>/`,
what was generated in `<data_dir>/cache/`.
"""

from __future__ import annotations

import hashlib
import runpy
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from grader.domain.errors import AuthorError, DataUnavailable
from grader.domain.report import DatasetStamp
from grader.strict_yaml import did_you_mean
from workers.training.declaration import Declaration, Encoding, Origin, Scaling, misfit, read_declaration
from workers.training.stored import ARRAYS, FORMAT, Arrays, Manifest, fingerprint, read_stored, store

MIDDLE = 0.5  # of a binary output: above it stands the last class


@dataclass(frozen=True, eq=False)
class Dataset:
    """Arrays as stored: pictures (n, *shape), labels (n,); `sha256` names exactly these."""

    name: str
    origin: Origin
    sha256: str
    train_x: np.ndarray
    train_y: np.ndarray
    test_x: np.ndarray
    test_y: np.ndarray
    classes: tuple[int, ...]
    scaling: Scaling
    encoding: Encoding

    @property
    def stamp(self) -> DatasetStamp:
        """What a report says of these data."""
        return DatasetStamp(self.name, self.origin.value, self.sha256)

    def scaled(self, pictures: np.ndarray) -> np.ndarray:
        """Pictures as a network gets them: float32, `x / divide - subtract`."""
        scaled = pictures.astype(np.float32) / np.float32(self.scaling.divide) - np.float32(
            self.scaling.subtract
        )
        return np.asarray(scaled, np.float32)

    def encoded(self, labels: np.ndarray, loss: str = "") -> np.ndarray:
        """Labels as a network is told of them.

        float32 (n, classes) one-hot, or float32 (n, 1) with 1 for the last class; int32 (n,), the class's place among
        the classes, where the loss is a sparse one or the declaration says so.
        """
        one_hot = labels[:, None] == np.array(self.classes)[None, :]
        if loss.startswith("sparse_") or self.encoding is Encoding.INTEGER:
            return np.asarray(one_hot.argmax(axis=1), np.int32)
        chosen = one_hot if self.encoding is Encoding.ONE_HOT else one_hot[:, -1:]
        return np.asarray(chosen, np.float32)

    def decoded(self, outputs: np.ndarray) -> np.ndarray:
        """The class that each row of a network's outputs stands for; a single output is split at one half."""
        outputs = outputs.reshape(len(outputs), -1)
        upper_half = (outputs[:, 0] > MIDDLE).astype(int)
        best = upper_half if outputs.shape[1] == 1 else outputs.argmax(axis=1)
        return np.asarray(np.array(self.classes)[best])


def load_dataset(
    name: str, sha256: str | None = None, *, declarations: Mapping[str, Path], data_dir: Path
) -> Dataset:
    """The data of that hash, be it the imported or the synthetic; without a hash the imported where there is any.

    DataUnavailable when the name is unknown, the data damaged, or neither has that hash.
    """
    here = []
    for dataset in datasets_here(name, declarations=declarations, data_dir=data_dir):
        if sha256 in {None, dataset.sha256}:
            return dataset
        here.append(dataset)
    found = " and ".join(f"{one.origin} {one.sha256[:15]}…" for one in here)
    detail = (
        f"the course grades with the data {name} {str(sha256)[:15]}…, this worker has {found}: "
        f"import the same files here, or see `grader course data --help`"
    )
    raise DataUnavailable(detail)


def datasets_here(name: str, *, declarations: Mapping[str, Path], data_dir: Path) -> Iterator[Dataset]:
    """The imported data of a name, where there is any, then the synthetic; DataUnavailable as in `load_dataset`."""
    if name not in declarations:
        detail = f"no data set is called {name!r}{did_you_mean(name, declarations)}"
        raise DataUnavailable(detail)
    declaration = read_declaration(declarations[name])
    imported = data_dir / "datasets" / name
    if imported.exists():
        yield _dataset(declaration, *read_stored(imported, name))
    yield _dataset(declaration, *_synthetic(declaration, declarations[name], data_dir / "cache"))


def generate(declaration: Declaration, source: Path) -> dict[str, np.ndarray]:
    """Run the author's generator; AuthorError when it gives other shapes, types or labels than were declared."""
    path = source / declaration.generator
    arrays: dict[str, np.ndarray] = runpy.run_path(str(path))["generate"](declaration.seed)
    for part, size in (("train", declaration.sizes.train), ("test", declaration.sizes.test)):
        problem = misfit(declaration, arrays[f"{part}_x"], arrays[f"{part}_y"], size)
        if problem:
            detail = f"{path}: {part}: {problem}"
            raise AuthorError(detail)
    return {name: arrays[name] for name in ARRAYS}


def _synthetic(declaration: Declaration, source: Path, cache: Path) -> tuple[Manifest, Arrays]:
    """Generated arrays, kept under a name that follows from the generator's text and its seed."""
    code = (source / declaration.generator).read_bytes()
    key = hashlib.sha256(code + str(declaration.seed).encode()).hexdigest()[:16]
    folder = cache / f"{declaration.name}-{key}"
    if folder.exists():
        try:
            return read_stored(folder, declaration.name)
        except DataUnavailable:  # a cache mends itself
            shutil.rmtree(folder, ignore_errors=True)
    arrays = generate(declaration, source)
    manifest = Manifest(FORMAT, declaration.name, declaration.origin, fingerprint(arrays), {})
    with suppress(
        OSError
    ):  # another worker was faster, or the cache cannot be written: the arrays are the same
        store(folder, manifest, arrays)
    return manifest, arrays


def _dataset(declaration: Declaration, manifest: Manifest, arrays: Arrays) -> Dataset:
    for array in arrays.values():
        array.flags.writeable = False
    return Dataset(
        name=declaration.name,
        origin=manifest.origin,
        sha256=manifest.sha256,
        **arrays,
        classes=declaration.labels.classes,
        scaling=declaration.scaling,
        encoding=declaration.labels.encoding,
    )
