"""Arrays in a folder: four `.npy` files and a manifest with their sha256, put in place at once and verified when read."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from grader import wire
from grader.domain.errors import DataUnavailable
from workers.training.declaration import Origin

Arrays = Mapping[str, np.ndarray]
ARRAYS = ("train_x", "train_y", "test_x", "test_y")
FORMAT = 1  # of the manifest


@dataclass(frozen=True)
class Manifest:
    """What stands beside stored arrays; `files` gives the sha256 of what was imported, by name."""

    format: int
    name: str
    origin: Origin
    sha256: str
    files: dict[str, str]


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
