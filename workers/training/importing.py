"""Bring real files into the data directory: each file is read once, with bounds, and nothing in it is ever executed.

A file is recognised by its sha256 or its name, read in its declared form (pickle, npz, HDF5), checked against the
declaration and stored as plain arrays. Whatever is wrong with a file is said in words, as `ImportRefused`.
"""

from __future__ import annotations

import hashlib
import io
import math
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import h5py
import numpy as np

from grader.domain.errors import GraderError
from workers.training.datasets import (
    FORMAT,
    AcceptedFile,
    Declaration,
    FileFormat,
    Manifest,
    Origin,
    PartName,
    Split,
    fingerprint,
    misfit,
    read_declaration,
    store,
)
from workers.training.unpickle import UnpickleError, load_arrays

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

MAX_FILE_BYTES = 256 * 1024 * 1024
MAX_CHUNK_BYTES = 64 * 1024 * 1024
NUMBERS = "biuf"
PLAIN_FILTERS = frozenset({1, 2, 3, 32000})  # deflate, shuffle, fletcher32, lzf: none of them loads a plug-in


class ImportRefused(GraderError):
    """A file is not what the data set declares; the text names the file and says what was expected."""


@dataclass(frozen=True)
class Imported:
    """What was stored: pictures per part, and the files whose sha256 is not one that the declaration knows."""

    name: str
    sha256: str
    train: int
    test: int
    was_split: bool
    unknown_files: tuple[str, ...]


@dataclass(frozen=True)
class _FileRead:
    """One file after reading: its declaration, the sha256 of its bytes and its two arrays as found."""

    accepted: AcceptedFile
    sha256: str
    pictures: np.ndarray
    labels: np.ndarray


def import_dataset(
    name: str, files: Iterable[Path], *, declarations: Mapping[str, Path], data_dir: Path
) -> Imported:
    """Read the files, check them and store them as the real data set; raises ImportRefused and then stores nothing."""
    if name not in declarations:
        detail = f"no data set is called {name!r}; there are: {', '.join(declarations)}"
        raise ImportRefused(detail)
    declaration = read_declaration(declarations[name])
    parts = _by_part(declaration, [_read_file(declaration, path) for path in files])
    arrays = _arrays(declaration, parts)
    digests = {read.accepted.name: read.sha256 for read in parts.values()}
    manifest = Manifest(FORMAT, name, Origin.REAL, fingerprint(arrays), digests)
    store(data_dir / "datasets" / name, manifest, arrays)
    return Imported(
        name=name,
        sha256=manifest.sha256,
        train=len(arrays["train_y"]),
        test=len(arrays["test_y"]),
        was_split=len(parts) == 1,
        unknown_files=tuple(r.accepted.name for r in parts.values() if r.sha256 != r.accepted.sha256),
    )


def _by_part(declaration: Declaration, reads: list[_FileRead]) -> dict[PartName, _FileRead]:
    """One file for each part, or the one file that may be split."""
    parts: dict[PartName, _FileRead] = {}
    for read in reads:
        if read.accepted.part in parts:
            detail = f"{read.accepted.name} and {parts[read.accepted.part].accepted.name} are the same part"
            raise ImportRefused(detail)
        parts[read.accepted.part] = read
    missing = [part for part in PartName if part not in parts]
    if not missing or (declaration.split and set(parts) == {declaration.split.part}):
        return parts
    names = " or ".join(file.name for file in declaration.files if file.part is missing[0])
    detail = f"the part for {missing[0].value} is missing: hand over {names} as well"
    raise ImportRefused(detail)


def _arrays(declaration: Declaration, parts: Mapping[PartName, _FileRead]) -> dict[str, np.ndarray]:
    """The four arrays of a data set, each checked against the declaration."""
    if len(parts) == 1 and declaration.split is not None:
        split, read = declaration.split, parts[declaration.split.part]
        return _split(split, *_checked(declaration, read, split.train + split.test))
    train_x, train_y = _checked(declaration, parts[PartName.TRAIN], declaration.sizes.train)
    test_x, test_y = _checked(declaration, parts[PartName.TEST], declaration.sizes.test)
    return {"train_x": train_x, "train_y": train_y, "test_x": test_x, "test_y": test_y}


def _checked(declaration: Declaration, read: _FileRead, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Pictures and labels in the declared types; labels may come as a row, a column or a plain list."""
    labels = read.labels.reshape(-1) if read.labels.size == max(read.labels.shape, default=0) else read.labels
    if not np.isin(labels, declaration.labels.classes).all():
        strange = labels[~np.isin(labels, declaration.labels.classes)].flat[0]
        detail = f"{read.accepted.name}: the label {strange} is none of {list(declaration.labels.classes)}"
        raise ImportRefused(detail)
    pictures, labels = np.ascontiguousarray(read.pictures), labels.astype(declaration.labels.dtype)
    problem = misfit(declaration, pictures, labels, size)
    if problem:
        detail = f"{read.accepted.name}: {problem}"
        raise ImportRefused(detail)
    return pictures, labels


def _split(split: Split, pictures: np.ndarray, labels: np.ndarray) -> dict[str, np.ndarray]:
    """Every class in proportion in both parts, the same pictures for the same seed; each part keeps its order."""
    rng = np.random.default_rng(split.seed)
    classes, counts = np.unique(labels, return_counts=True)
    exact = counts * split.test / (split.train + split.test)
    quota = np.floor(exact).astype(int)
    largest_remainders = np.argsort(quota - exact, kind="stable")[: split.test - int(quota.sum())]
    quota[largest_remainders] += 1
    held_out = np.zeros(len(labels), bool)
    for label, count in zip(classes, quota, strict=True):
        held_out[rng.permutation(np.flatnonzero(labels == label))[:count]] = True
    return {
        "train_x": pictures[~held_out],
        "train_y": labels[~held_out],
        "test_x": pictures[held_out],
        "test_y": labels[held_out],
    }


def _read_file(declaration: Declaration, path: Path) -> _FileRead:
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        detail = f"{path}: cannot be read ({error.strerror})"
        raise ImportRefused(detail) from error
    if len(data) > MAX_FILE_BYTES:
        detail = f"{path.name}: larger than {MAX_FILE_BYTES // 1024**2} MiB, which none of the known files is"
        raise ImportRefused(detail)
    sha256 = hashlib.sha256(data).hexdigest()
    accepted = _recognised(declaration, path.name, sha256)
    try:
        pictures, labels = _READERS[accepted.format](data, accepted, declaration)
    except ImportRefused as error:
        detail = f"{path.name}: {error}"
        raise ImportRefused(detail) from error
    return _FileRead(accepted, sha256, pictures, labels)


def _recognised(declaration: Declaration, name: str, sha256: str) -> AcceptedFile:
    known = [file for file in declaration.files if file.sha256 == sha256]
    named = [file for file in declaration.files if file.name == name]
    for file in (*known, *named):
        return file
    names = ", ".join(file.name for file in declaration.files)
    detail = f"{name}: not a file of {declaration.name}; accepted are {names}"
    raise ImportRefused(detail)


def _read_pickle(data: bytes, file: AcceptedFile, declaration: Declaration) -> tuple[np.ndarray, np.ndarray]:
    try:
        arrays = load_arrays(data)
    except UnpickleError as error:
        raise ImportRefused(str(error)) from error
    for key in (file.pictures, file.labels):
        if key not in arrays:
            detail = f"it holds no array {key!r}, only {sorted(arrays)[:8]}"
            raise ImportRefused(detail)
        _bounded(key, arrays[key].shape, arrays[key].dtype, declaration)
    return arrays[file.pictures], arrays[file.labels]


def _read_npz(data: bytes, file: AcceptedFile, declaration: Declaration) -> tuple[np.ndarray, np.ndarray]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            pictures, labels = (_member(archive, key, declaration) for key in (file.pictures, file.labels))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        detail = f"it is not a whole .npz ({type(error).__name__})"
        raise ImportRefused(detail) from error
    return pictures, labels


def _member(archive: zipfile.ZipFile, key: str, declaration: Declaration) -> np.ndarray:
    """One array of a zip: its header is read and bounded before a single number is."""
    if f"{key}.npy" not in archive.namelist():
        detail = f"it holds no array {key!r}, only {sorted(archive.namelist())[:8]}"
        raise ImportRefused(detail)
    headers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    with archive.open(f"{key}.npy") as stream:
        try:
            shape, fortran, dtype = headers[np.lib.format.read_magic(stream)](stream)
        except (ValueError, KeyError) as error:
            detail = f"the array {key!r} has no readable header"
            raise ImportRefused(detail) from error
        _bounded(key, shape, dtype, declaration)
        wanted = math.prod(shape) * dtype.itemsize
        content = stream.read(wanted + 1)
    if len(content) != wanted:
        detail = f"the array {key!r} does not have the bytes that its shape {shape} asks for"
        raise ImportRefused(detail)
    return np.frombuffer(content, dtype).reshape(shape, order="F" if fortran else "C")


def _read_hdf5(data: bytes, file: AcceptedFile, declaration: Declaration) -> tuple[np.ndarray, np.ndarray]:
    try:
        with h5py.File(io.BytesIO(data), "r") as archive:
            pictures, labels = (_plain(archive, key, declaration) for key in (file.pictures, file.labels))
    except (OSError, RuntimeError, ValueError, KeyError, TypeError, MemoryError) as error:
        detail = f"it is not a whole HDF5 file ({type(error).__name__})"
        raise ImportRefused(detail) from error
    return pictures, labels


def _plain(archive: h5py.File, key: str, declaration: Declaration) -> np.ndarray:
    """One array that lies in this very file: links and outside storage are refused without being followed."""
    link = archive.get(key, getlink=True) if key in list(archive) else None
    if link is None:
        detail = f"it holds no array {key!r}, only {sorted(archive)[:8]}"
        raise ImportRefused(detail)
    if not isinstance(link, h5py.HardLink):
        detail = f"{key!r} is a link to somewhere else, which is not followed"
        raise ImportRefused(detail)
    found = archive[key]
    if not isinstance(found, h5py.Dataset):
        detail = f"{key!r} is not an array"
        raise ImportRefused(detail)
    _bounded(key, found.shape, found.dtype, declaration)
    if found.external or found.is_virtual:
        detail = f"{key!r} keeps its numbers in another file, which is not opened"
        raise ImportRefused(detail)
    settings = found.id.get_create_plist()
    filters = {settings.get_filter(index)[0] for index in range(settings.get_nfilters())}
    if (
        not filters <= PLAIN_FILTERS
        or math.prod(found.chunks or (1,)) * found.dtype.itemsize > MAX_CHUNK_BYTES
    ):
        detail = f"{key!r} is stored in a form that is not read (an unknown filter or a huge chunk)"
        raise ImportRefused(detail)
    return cast("np.ndarray", found[()])


def _bounded(key: str, shape: tuple[int, ...] | None, dtype: np.dtype[Any], declaration: Declaration) -> None:
    """Refuse a declared shape or type before memory is taken for it."""
    if dtype.kind not in NUMBERS or dtype.subdtype is not None:
        detail = f"the array {key!r} holds {dtype}: only arrays of numbers are read"
        raise ImportRefused(detail)
    count = max(declaration.sizes.train, declaration.sizes.test)
    if shape is None or math.prod(shape) > count * math.prod(declaration.pictures.shape):
        detail = (
            f"the array {key!r} has shape {shape}, expected at most {(count, *declaration.pictures.shape)}"
        )
        raise ImportRefused(detail)


_READERS = {FileFormat.PICKLE: _read_pickle, FileFormat.NPZ: _read_npz, FileFormat.HDF5: _read_hdf5}
