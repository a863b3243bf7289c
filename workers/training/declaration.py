"""What `dataset.yaml` says of a data set: its shapes, classes and sizes, how it is scaled, and which files are the real one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np

from grader.strict_yaml import read_yaml

FORMAT = 1  # of dataset.yaml
MAX_NUMBERS = 256 * 1024 * 1024  # in all pictures together: five times MNIST; more is a slip of the pen


class Origin(StrEnum):
    """Where the arrays come from; `exact` are those that a definition gives, such as the four points of XOR."""

    SYNTHETIC = "synthetic"
    REAL = "real"
    EXACT = "exact"


class Encoding(StrEnum):
    """How a network is told of classes: a column for each, one number between 0 and 1, or the class's place."""

    ONE_HOT = "one-hot"
    BINARY = "binary"
    INTEGER = "integer"


class PartName(StrEnum):
    """The two parts of a data set."""

    TRAIN = "train"
    TEST = "test"


class FileFormat(StrEnum):
    """The forms in which real data is imported."""

    PICKLE = "pickle"
    NPZ = "npz"
    HDF5 = "hdf5"
    IDX = "idx"


@dataclass(frozen=True)
class Pictures:
    """Shape of one picture, of any rank: (32, 32, 3), (28, 28), (2,); and the numpy type of its numbers as stored."""

    shape: tuple[int, ...]
    dtype: str


@dataclass(frozen=True)
class Labels:
    """The classes as stored, and how a network is told of them unless its loss wants the class's place."""

    dtype: str
    classes: tuple[int, ...]
    encoding: Encoding


@dataclass(frozen=True)
class Sizes:
    """Number of pictures in each part."""

    train: int
    test: int


@dataclass(frozen=True)
class Scaling:
    """A network's input is `stored / divide - subtract`."""

    divide: float
    subtract: float


@dataclass(frozen=True)
class AcceptedFile:
    """What a file of the real data gives to one part: `pictures` and `labels` are the names of its arrays.

    A file with both parts is declared twice, a file with only one of the arrays names that one; the single array of
    an idx file has no name of its own and is called `data`. sha256 where we know the file.
    """

    name: str
    part: PartName
    format: FileFormat
    pictures: str | None = None
    labels: str | None = None
    sha256: str | None = None

    @property
    def arrays(self) -> dict[str, str]:
        """Which of the four stored arrays it gives, and the name of each in the file."""
        found = {f"{self.part}_x": self.pictures, f"{self.part}_y": self.labels}
        return {array: name for array, name in found.items() if name is not None}


@dataclass(frozen=True)
class Split:
    """How a single file stands in for both parts: stratified by class, shuffled by `seed`."""

    part: PartName
    train: int
    test: int
    seed: int


@dataclass(frozen=True)
class Declaration:
    """What `dataset.yaml` says, word for word; see docs/data-sets.md."""

    format: int
    name: str
    title: str
    pictures: Pictures
    labels: Labels
    sizes: Sizes
    scaling: Scaling
    generator: str
    seed: int
    files: tuple[AcceptedFile, ...] = ()
    split: Split | None = None
    origin: Origin = Origin.SYNTHETIC

    @property
    def most_numbers(self) -> int:
        """How many numbers the larger part's pictures have."""
        return max(self.sizes.train, self.sizes.test) * math.prod(self.pictures.shape)


def read_declaration(folder: Path) -> Declaration:
    """`dataset.yaml` of a data set's folder; AuthorError names file, line and the nearest known key."""
    read = read_yaml(folder / "dataset.yaml", Declaration, FORMAT)
    declared = read.value
    count = declared.sizes.train + declared.sizes.test
    demands = {
        "name": (declared.name == folder.name, f"the folder is called {folder.name}"),
        "pictures": (0 < count * math.prod(declared.pictures.shape) <= MAX_NUMBERS, "none, or far too many"),
        "labels": (len(set(declared.labels.classes)) == len(declared.labels.classes) > 1, "classes repeat"),
        "scaling": (declared.scaling.divide != 0, "division by zero"),
        "generator": ((folder / declared.generator).is_file(), f"no file {declared.generator} beside it"),
        "origin": (declared.origin is not Origin.REAL, "real data is imported, not generated"),
    }
    for place, file in enumerate(declared.files):
        lone = file.format is not FileFormat.IDX or len(file.arrays) == 1
        demands[f"files[{place}]"] = (bool(file.arrays) and lone, "name its array: pictures or labels")
    for key, (met, detail) in demands.items():
        if not met:
            raise read.refuse(key, detail)
    return declared


def find_declarations(assignments: Path) -> dict[str, Path]:
    """The data sets of a folder of assignments: name → folder, in alphabetical order."""
    return {
        path.parent.name: path.parent for path in sorted((assignments / "_datasets").glob("*/dataset.yaml"))
    }


def misfit(declaration: Declaration, pictures: np.ndarray, labels: np.ndarray, size: int) -> str | None:
    """What is wrong with one part's arrays, in words, or None when they are as declared."""
    wanted = (size, *declaration.pictures.shape)
    if pictures.shape != wanted or pictures.dtype.name != declaration.pictures.dtype:
        return (
            f"pictures have shape {pictures.shape} and type {pictures.dtype.name},"
            f" expected {wanted} and {declaration.pictures.dtype}"
        )
    if labels.shape != (size,) or labels.dtype.name != declaration.labels.dtype:
        return f"labels have shape {labels.shape} and type {labels.dtype.name}, expected {(size,)}"
    strange = sorted(set(labels.tolist()) - set(declaration.labels.classes))
    if strange:
        return f"the label {strange[0]} is none of the classes {list(declaration.labels.classes)}"
    return None
