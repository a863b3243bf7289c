"""Arrays in a folder are whole, and named by their values."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from workers.training.declaration import Origin
from workers.training.stored import ARRAYS, Manifest, fingerprint, read_stored, store


def test_store_replaces_what_was_there(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "dots"
    for first in (0, 1):
        arrays = {name: np.arange(first, 6) for name in ARRAYS}
        manifest = Manifest(1, "dots", Origin.REAL, fingerprint(arrays), {})
        store(folder, manifest, arrays)
        stored, found = read_stored(folder, "dots")
        assert stored == manifest
        assert all((found[name] == arrays[name]).all() for name in ARRAYS)
    assert [path.name for path in folder.parent.iterdir()] == ["dots"]


def test_fingerprint_looks_at_values_and_shapes_not_at_memory() -> None:
    arrays = {name: np.arange(6, dtype="<i4").reshape(2, 3) for name in ARRAYS}
    turned = {name: np.asfortranarray(array.astype(">i4")) for name, array in arrays.items()}
    assert fingerprint(arrays) == fingerprint(turned)
    assert fingerprint(arrays) != fingerprint(arrays | {"test_y": np.arange(6, dtype="<i4")})
    assert fingerprint(arrays) != fingerprint(arrays | {"test_y": arrays["test_y"].astype("<i8")})
