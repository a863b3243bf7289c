"""Bring real files into the data directory: each file is read once, with bounds, and nothing in it is ever executed.

A file is recognised by its sha256 or its name, read in its declared form (pickle, npz, HDF5, idx), checked against the
declaration and stored as plain arrays. Whatever is wrong with a file is said in words, as `ImportRefused`.
"""

from __future__ import annotations

import hashlib
import io
import math
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import h5py
import numpy as np

from workers.training.declaration import (
    AcceptedFile,
    Declaration,
    FileFormat,
    Origin,
    PartName,
    Split,
    misfit,
    read_declaration,
)
from workers.training.foreign import ImportRefused, bounded
from workers.training.idx import read_idx
from workers.training.stored import ARRAYS, FORMAT, Manifest, fingerprint, store
from workers.training.unpickle import UnpickleError, load_arrays

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

MAX_FILE_BYTES = 256 * 1024 * 1024
MAX_CHUNK_BYTES = 64 * 1024 * 1024
PLAIN_FILTERS = frozenset({1, 2, 3, 32000})  # deflate, shuffle, fletcher32, lzf: none of them loads a plug-in


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
    """One file after reading: what it may be, the sha256 of its bytes, and its arrays under the data set's names."""

    accepted: tuple[AcceptedFile, ...]
    sha256: str
    arrays: dict[str, np.ndarray]

    @property
    def name(self) -> str:
        """As the declaration calls it."""
        return self.accepted[0].name

    @property
    def known(self) -> bool:
        """Whether these are exactly the bytes that the declaration names."""
        return any(file.sha256 == self.sha256 for file in self.accepted)


def import_dataset(
    name: str, files: Iterable[Path], *, declarations: Mapping[str, Path], data_dir: Path
) -> Imported:
    """Read the files, check them and store them as the real data set; raises ImportRefused and then stores nothing."""
    if name not in declarations:
        detail = f"no data set is called {name!r}; there are: {', '.join(declarations)}"
        raise ImportRefused(detail)
    declaration = read_declaration(declarations[name])
    others = {
        file.sha256: other
        for other, folder in declarations.items()
        if other != name
        for file in read_declaration(folder).files
        if file.sha256
    }
    reads = [_read_file(declaration, path, others) for path in files]
    found = _by_array(declaration, reads)
    arrays = _arrays(declaration, found)
    digests = {read.name: read.sha256 for read in reads}
    manifest = Manifest(FORMAT, name, Origin.REAL, fingerprint(arrays), digests)
    try:
        store(data_dir / "datasets" / name, manifest, arrays)
    except OSError as error:
        detail = f"{data_dir / 'datasets' / name}: cannot be written ({error.strerror}); nothing was stored"
        raise ImportRefused(detail) from error
    return Imported(
        name=name,
        sha256=manifest.sha256,
        train=len(arrays["train_y"]),
        test=len(arrays["test_y"]),
        was_split=len(found) < len(ARRAYS),
        unknown_files=tuple(read.name for read in reads if not read.known),
    )


def _by_array(declaration: Declaration, reads: list[_FileRead]) -> dict[str, _FileRead]:
    """The file that gives each of the four arrays, or the two of the one part that may be split."""
    found: dict[str, _FileRead] = {}
    for read in reads:
        for array in read.arrays:
            if array in found:
                detail = f"{read.name} and {found[array].name} are the same part"
                raise ImportRefused(detail)
            found[array] = read
    missing = [array for array in ARRAYS if array not in found]
    if not missing or (declaration.split and set(found) == set(_both(declaration.split.part))):
        return found
    names = " or ".join(dict.fromkeys(file.name for file in declaration.files if missing[0] in file.arrays))
    what = "labels" if missing[0].endswith("_y") else "pictures"
    detail = f"the {what} of the part {missing[0][:-2]} is missing: hand over {names} as well"
    raise ImportRefused(detail)


def _both(part: PartName) -> tuple[str, str]:
    return f"{part}_x", f"{part}_y"


def _arrays(declaration: Declaration, found: Mapping[str, _FileRead]) -> dict[str, np.ndarray]:
    """The four arrays of a data set, each checked against the declaration."""
    split = declaration.split
    if len(found) < len(ARRAYS) and split is not None:
        return _split(split, *_checked(declaration, found, split.part, split.train + split.test))
    train_x, train_y = _checked(declaration, found, PartName.TRAIN, declaration.sizes.train)
    test_x, test_y = _checked(declaration, found, PartName.TEST, declaration.sizes.test)
    return {"train_x": train_x, "train_y": train_y, "test_x": test_x, "test_y": test_y}


def _checked(
    declaration: Declaration, found: Mapping[str, _FileRead], part: PartName, size: int
) -> tuple[np.ndarray, np.ndarray]:
    """Pictures and labels in the declared types; labels may come as a row, a column or a plain list."""
    pictures, labels = (found[array].arrays[array] for array in _both(part))
    named = found[f"{part}_y"].name
    labels = labels.reshape(-1) if labels.size == max(labels.shape, default=0) else labels
    if not np.isin(labels, declaration.labels.classes).all():
        strange = labels[~np.isin(labels, declaration.labels.classes)].flat[0]
        detail = f"{named}: the label {strange} is none of {list(declaration.labels.classes)}"
        raise ImportRefused(detail)
    pictures, labels = np.ascontiguousarray(pictures), labels.astype(declaration.labels.dtype)
    problem = misfit(declaration, pictures, labels, size)
    if problem:
        detail = f"{named if problem.startswith('labels') else found[f'{part}_x'].name}: {problem}"
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


def _read_file(declaration: Declaration, path: Path, others: Mapping[str, str]) -> _FileRead:
    """One file; `others` says whose a file is that another data set knows by its sha256."""
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
    if sha256 in others:
        detail = f"{path.name}: this is a file of {others[sha256]}, not of {declaration.name}"
        raise ImportRefused(detail)
    accepted = _recognised(declaration, path.name, sha256)
    names = {array: name for file in accepted for array, name in file.arrays.items()}
    try:
        arrays = _READERS[accepted[0].format](data, set(names.values()), declaration)
    except ImportRefused as error:
        detail = f"{path.name}: {error}"
        raise ImportRefused(detail) from error
    return _FileRead(accepted, sha256, {array: arrays[name] for array, name in names.items()})


def _recognised(declaration: Declaration, name: str, sha256: str) -> tuple[AcceptedFile, ...]:
    """All that the declaration says of a file: one item, or one for each part that it holds."""
    plain = name.removesuffix(".gz")
    known = tuple(file for file in declaration.files if file.sha256 == sha256)
    named = tuple(file for file in declaration.files if file.name == name)
    packed = tuple(file for file in declaration.files if file.format is FileFormat.IDX and file.name == plain)
    if found := known or named or packed:
        return found
    names = ", ".join(dict.fromkeys(file.name for file in declaration.files))
    detail = f"{name}: not a file of {declaration.name}; accepted are {names}"
    raise ImportRefused(detail)


def _read_pickle(data: bytes, keys: set[str], declaration: Declaration) -> dict[str, np.ndarray]:
    try:
        arrays = load_arrays(data)
    except UnpickleError as error:
        raise ImportRefused(str(error)) from error
    for key in sorted(keys):
        if key not in arrays:
            detail = f"it holds no array {key!r}, only {sorted(arrays)[:8]}"
            raise ImportRefused(detail)
        bounded(key, arrays[key].shape, arrays[key].dtype, declaration)
    return {key: arrays[key] for key in keys}


def _read_npz(data: bytes, keys: set[str], declaration: Declaration) -> dict[str, np.ndarray]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {key: _member(archive, key, declaration) for key in sorted(keys)}
    except ImportRefused:
        raise
    except Exception as error:
        detail = f"it is not a whole .npz ({type(error).__name__})"
        raise ImportRefused(detail) from error


def _member(archive: zipfile.ZipFile, key: str, declaration: Declaration) -> np.ndarray:
    """One array of a zip: its header is read and bounded before a single number is."""
    if f"{key}.npy" not in archive.namelist():
        detail = f"it holds no array {key!r}, only {sorted(archive.namelist())[:8]}"
        raise ImportRefused(detail)
    headers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    with archive.open(f"{key}.npy") as stream:
        try:
            shape, fortran, dtype = headers[np.lib.format.read_magic(stream)](stream)
        except Exception as error:
            detail = f"the array {key!r} has no readable header"
            raise ImportRefused(detail) from error
        bounded(key, shape, dtype, declaration)
        wanted = math.prod(shape) * dtype.itemsize
        content = stream.read(wanted + 1)
    if len(content) != wanted:
        detail = f"the array {key!r} does not have the bytes that its shape {shape} asks for"
        raise ImportRefused(detail)
    return np.frombuffer(content, dtype).reshape(shape, order="F" if fortran else "C")


def _read_hdf5(data: bytes, keys: set[str], declaration: Declaration) -> dict[str, np.ndarray]:
    try:
        with h5py.File(io.BytesIO(data), "r") as archive:
            return {key: _plain(archive, key, declaration) for key in sorted(keys)}
    except ImportRefused:
        raise
    except Exception as error:
        detail = f"it is not a whole HDF5 file ({type(error).__name__})"
        raise ImportRefused(detail) from error


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
    bounded(key, found.shape, found.dtype, declaration)
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


_READERS: Mapping[FileFormat, Callable[[bytes, set[str], Declaration], dict[str, np.ndarray]]] = {
    FileFormat.PICKLE: _read_pickle,
    FileFormat.NPZ: _read_npz,
    FileFormat.HDF5: _read_hdf5,
    FileFormat.IDX: read_idx,
}
