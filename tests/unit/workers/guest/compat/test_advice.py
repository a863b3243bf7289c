"""Errors about old names, without any library."""

from __future__ import annotations

import sys
import types
from typing import Any

import pytest

from workers.guest.compat.advice import old_name


def params(error: BaseException) -> Any:
    found = old_name(error)
    return found and (found[1], *found[2].values())


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            ModuleNotFoundError("no", name="keras.layers.core"),
            ("old_name", "keras.layers.core", "keras.layers"),
        ),
        (ModuleNotFoundError("no", name="torch"), None),
        (
            ImportError("cannot import name 'Graph' from 'keras.models' (/a/b.py)"),
            ("old_name", "keras.models.Graph", "keras.Model(inputs, outputs)"),
        ),
        (
            TypeError("f() got an unexpected keyword argument 'nb_epoch'"),
            ("old_name", "nb_epoch=", "epochs="),
        ),
        (
            ValueError("Unrecognized keyword arguments passed to Dense: {'border_mode': 1}"),
            ("old_name", "border_mode=", "padding="),
        ),
        (TypeError("f() got an unexpected keyword argument 'colour'"), None),
        (AttributeError("'list' object has no attribute 'add_metric'", name="add_metric", obj=[]), None),
        (AttributeError("bare"), None),
        (KeyError("x"), None),
        (ValueError(3), None),
    ],
)
def test_errors(error: BaseException, told: Any) -> None:
    assert params(error) == told


class Hostile(AttributeError):
    @property
    def obj(self) -> Any:
        raise SystemError


def test_an_error_that_cannot_be_looked_at() -> None:
    assert old_name(Hostile("x")) is None


def test_the_nearest_name_of_a_module(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("keras.layers")
    module.Dense = module.Flatten = None  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keras.layers", module)
    assert params(AttributeError("no", name="Dens", obj=module)) == (
        "wrong_name",
        "keras.layers",
        "Dens",
        "Dense",
    )
    error = ImportError("cannot import name 'flatten' from 'keras.layers' (/a/b.py)")
    assert params(error) == ("wrong_name", "keras.layers", "flatten", "Flatten")
    assert params(AttributeError("no", name="xyz", obj=module)) is None
