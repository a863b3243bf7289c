"""Names of saved models: old ones, and where they are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from workers.guest.compat.files import of_checkpoint, of_model, of_weights


@pytest.mark.parametrize(
    ("written", "model", "weights", "checkpoint"),
    [
        ("m.keras", "m.keras", "m.weights.h5", "m.keras"),
        ("m.h5", "m.h5", "m.weights.h5", "m.h5"),
        ("m.hdf5", "m.hdf5", "m.weights.h5", "m.h5"),
        ("folder/", "folder.keras", "folder/.weights.h5", "folder.keras"),
        ("a/b", "a/b.keras", "a/b.weights.h5", "a/b.keras"),
        ("w.weights.h5", "w.weights.h5", "w.weights.h5", "w.weights.h5"),
        ("epoch-{epoch:02d}-{val_acc:.2f}", "epoch-{epoch:02d}-{val_acc:.2f}.keras",
         "epoch-{epoch:02d}-{val_acc:.2f}.weights.h5", "epoch-{epoch:02d}-{val_acc:.2f}.keras"),
        (Path("m"), "m.keras", "m.weights.h5", "m.keras"),
        (None, None, None, None),
    ],
)  # fmt: skip
def test_where_it_is_kept(written: Any, model: Any, weights: Any, checkpoint: Any) -> None:
    assert (of_model(written), of_weights(written), of_checkpoint(written)) == (model, weights, checkpoint)
