"""What is kept of a fit, from things that look like models."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

from workers.guest.compat.fits import MAX_FITS, Fits


class Adam:
    _learning_rate = SimpleNamespace(numpy=lambda: 0.0010000000474974513)


def model(**changes: Any) -> Any:
    return SimpleNamespace(
        **{"optimizer": Adam(), "loss": "mse", "built": True, "count_params": lambda: 25, **changes}
    )


def told(fitted: Any, **arguments: Any) -> dict[str, Any]:
    fits = Fits()
    fits.add_fit(fitted, **{"epochs": 3, "batch_size": None, "split": 0.2, "validated": True, **arguments})
    (fit,) = json.loads(json.dumps(fits.claim(), allow_nan=False))["fits"]
    return dict(fit)


def test_a_plain_fit() -> None:
    assert told(model()) == {
        "epochs": 3, "batch_size": None, "validation_split": 0.2, "validation_data": True, "optimizer": "adam",
        "learning_rate": 0.001, "loss": "mse", "params": 25,
    }  # fmt: skip


def test_odd_settings() -> None:
    def my_loss() -> None: ...

    schedule = SimpleNamespace(_learning_rate=object())
    fit = told(
        model(loss=my_loss, built=False, optimizer=schedule), epochs="many", batch_size=32.0, split=True
    )
    assert (fit["loss"], fit["params"], fit["learning_rate"]) == ("my_loss", None, None)
    assert (fit["epochs"], fit["batch_size"], fit["validation_split"]) == (None, 32, None)
    assert told(model(loss=None, optimizer=None))["optimizer"] is None
    assert told(model(), split=float("inf"))["validation_split"] is None
    assert told(model(), split=float("nan"))["validation_split"] is None
    assert len(told(model(loss="x" * 1000))["loss"]) == 80


def test_the_last_ones_are_kept() -> None:
    fits = Fits()
    assert fits.claim() == {}
    for number in range(100):
        fits.add_fit(model(), epochs=number, batch_size=1, split=0, validated=False)
    assert [fit["epochs"] for fit in fits.claim()["fits"]] == list(range(100 - MAX_FITS, 100))
