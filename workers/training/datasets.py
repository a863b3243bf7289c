"""Data sets as their folders declare them: read the declaration, load the real arrays or generate synthetic ones.

A data set is a folder with `dataset.yaml` and a generator; what was imported lies in `<data_dir>/datasets/<name>/`,
what was generated in `<data_dir>/cache/`. Both hold four `.npy` files and a manifest with their sha256.
"""

from __future__ import annotations

import hashlib
import math
import runpy
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np

from grader import wire
from grader.domain.errors import AuthorError, DataUnavailable
from grader.domain.report import DatasetStamp
from grader.strict_yaml import did_you_mean, read_yaml

Arrays = Mapping[str, np.ndarray]
ARRAYS = ("train_x", "train_y", "test_x", "test_y")
FORMAT = 1
MIDDLE = 0.5  # of a binary output: above it stands the last class
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
        """Which of ARRAYS it gives, and the name of each in the file."""
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


@dataclass(frozen=True)
class Manifest:
    """What stands beside stored arrays; `files` gives the sha256 of what was imported, by name."""

    format: int
    name: str
    origin: Origin
    sha256: str
    files: dict[str, str]


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


def fingerprint(arrays: Arrays) -> str:
    """sha256 over names, shapes, types and bytes, whatever file, byte order or memory layout they came from."""
    digest = hashlib.sha256()
    for name in ARRAYS:
        array = arrays[name]
        canonical = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
        digest.update(f"{name} {canonical.dtype.str} {canonical.shape}\n".encode())
        digest.update(canonical.tobytes())
    return f"sha256:{digest.hexdigest()}"


def store(folder: Path, manifest: Manifest, arrays: Arrays) -> None:
    """Put arrays and manifest in place at once: a reader sees the old folder or the new one, never half of it."""
    with put_in_place(folder) as fresh:
        for name in ARRAYS:
            np.save(fresh / f"{name}.npy", arrays[name], allow_pickle=False)
        (fresh / "manifest.json").write_bytes(wire.dumps(manifest))


@contextmanager
def put_in_place(folder: Path) -> Iterator[Path]:
    """A fresh folder to write to, which takes the place of `folder` at once when all is written.

    OSError where another process was faster; who has opened the old files keeps them.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".new-") as scratch:
        fresh = Path(scratch) / "fresh"
        fresh.mkdir()
        yield fresh
        with suppress(FileNotFoundError):
            folder.rename(Path(scratch) / "old")
        fresh.rename(folder)


def read_stored(folder: Path, name: str) -> tuple[Manifest, Arrays]:
    """Arrays that `store` wrote, verified against their manifest; DataUnavailable when anything is amiss."""
    try:
        manifest = wire.loads(Manifest, (folder / "manifest.json").read_bytes())
        arrays = {each: np.load(folder / f"{each}.npy", allow_pickle=False) for each in ARRAYS}
    except (OSError, ValueError, EOFError) as error:
        detail = (
            f"{folder}: the data set {name} cannot be read ({error}); import it again or remove the folder"
        )
        raise DataUnavailable(detail) from error
    if manifest.name != name or fingerprint(arrays) != manifest.sha256:
        detail = f"{folder}: the data set {name} is not what was stored there; import it again or remove the folder"
        raise DataUnavailable(detail)
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
