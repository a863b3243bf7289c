"""Errors as Python and Keras raise them, and the slip that is seen behind each."""

from __future__ import annotations

import linecache
import sys
import types

import pytest

from workers.guest.explain import FILE_NAME, explain
from workers.guest.slips import slip


class Dense:
    def __init__(self, units, activation=None):
        pass


@pytest.fixture(autouse=True)
def keras(monkeypatch):
    """As much of Keras as slips are looked up in."""
    layers = types.SimpleNamespace(Dense=Dense, Flatten=Dense)
    optimizers = types.SimpleNamespace(RMSprop=Dense, Adam=Dense)
    monkeypatch.setitem(sys.modules, "keras", types.SimpleNamespace(layers=layers, optimizers=optimizers))


def error_of(source, **names):
    linecache.cache[FILE_NAME] = (len(source), None, source.splitlines(keepends=True), FILE_NAME)
    try:
        exec(compile(source, FILE_NAME, "exec"), {"Dense": Dense, **names})
    except Exception as error:
        return error
    raise AssertionError(source)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("model = 1\nmode.add(2)", {"slip": "slip_name", "name": "mode", "near": "model"}),
        (
            "def f():\n    model = 1\n    return modle\nf()",
            {"slip": "slip_name", "name": "modle", "near": "model"},
        ),
        ("Flatten()", {"slip": "slip_import", "name": "Flatten", "near": "from keras.layers import Flatten"}),
        ("np.zeros(3)", {"slip": "slip_import", "name": "np", "near": "import numpy as np"}),
        ("prnt('x')", {"slip": "slip_name", "name": "prnt", "near": "print"}),
        ("xor.add(1)", {"slip": "slip_no_name", "name": "xor"}),
        ("xor == 1", {"slip": "slip_compares", "name": "xor"}),
        ("Dense()", {"slip": "slip_missing_argument", "what": "Dense", "near": "'units'"}),
        ("def f(a, b): pass\nf(1)", {"slip": "slip_missing_argument", "what": "f", "near": "'b'"}),
        (
            "Dense(3, activaton='relu')",
            {"slip": "slip_option", "name": "activaton", "near": "activation", "of": "Dense"},
        ),
        ("[].apend(1)", {"slip": "slip_attribute", "name": "apend", "near": "append", "of": "list"}),
        (
            "raise ValueError('Could not interpret optimizer identifier: rmsprob')",
            {"slip": "slip_word", "name": "rmsprob", "near": "rmsprop", "of": "optimizer"},
        ),
        (
            "raise ValueError('Computed output size would be zero or negative. Received')",
            {"slip": "slip_too_small"},
        ),
        ("raise AttributeError('Sequential model has no defined inputs yet.')", {"slip": "slip_no_input"}),
        ("def f():\n    if 0: x = 1\n    return x\nf()", None),
        ("1 / 0", None),
        ("raise ValueError(3)", None),
        ("{}['units']", None),
    ],
)
def test_the_slip_behind_an_error(source, found):
    assert slip(error_of(source), FILE_NAME) == found


def test_a_slip_stands_beside_its_error():
    told = explain(error_of("mode = 1\nmodel.add(2)"), "build_model")
    assert told.params["near"] == "mode"
    assert told.params["error"] == "NameError"


def test_a_hostile_error_has_no_slip():
    class Hostile(AttributeError):
        @property
        def name(self):
            raise SystemExit

    told = explain(Hostile("x"), None)
    assert told.code == "exception_in_code"
    assert "slip" not in told.params


def test_colours_that_stand_first_are_told_as_that() -> None:
    text = "Computed output size would be zero or negative. Received `inputs shape=(None, 1, 28, 28)`, `strides=(1, 1)`."
    found = slip(ValueError(text), "f")
    assert found == {
        "slip": "slip_channels_first",
        "what": "(1, 28, 28)",
        "near": "(28, 28, 1)",
        "text": "Computed output size would be zero or negative",
    }
    small = "Computed output size would be zero or negative. Received `inputs shape=(None, 2, 2, 64)`."
    assert slip(ValueError(small), "f") == {"slip": "slip_too_small"}


def test_pythons_own_names_are_no_variables():
    assert slip(error_of("x = inputs\n"), FILE_NAME) == {"slip": "slip_no_name", "name": "inputs"}


def test_colours_first_are_found_where_the_input_is_written_when_a_later_layer_stops():
    text = "Computed output size would be zero or negative. Received `inputs shape=(None, 8, 1, 15)`"
    found = slip(error_of(f"shape = (3, 32, 32)\nraise ValueError('{text}')"), FILE_NAME)
    assert (found["slip"], found["what"], found["near"]) == (
        "slip_channels_first",
        "(3, 32, 32)",
        "(32, 32, 3)",
    )
