"""A beginner's slips behind Python's errors: a name that is nearly right, an import or an argument that is missing.

What is found stands beside the error as a code and the words that complete its sentence; the host has the sentences.
"""

from __future__ import annotations

import builtins
import inspect
import linecache
import re
import sys
from types import TracebackType
from typing import Any

from .compat.likeness import nearest
from .refusal import Scalar, short

Slip = dict[str, Scalar]

_MISSING = re.compile(r"^(?:(\w+)\.)?(\w+)\(\) missing \d+ required positional arguments?: (.+)$")
_KEYWORD = re.compile(
    r"Unrecognized keyword arguments passed to (\w+): \{'(\w+)'|(\w+)\.__init__\(\) got an unexpected keyword argument '(\w+)'"
)
_UNKNOWN_WORD = re.compile(
    r"(?:Could not interpret|Unknown) (optimizer|activation function|loss|metric)[^:]*: '?(\w+)'?"
)
_USUAL = {
    "tf": "import tensorflow as tf",
    "keras": "import keras",
    "layers": "from keras import layers",
    "models": "from keras import models",
    "optimizers": "from keras import optimizers",
    "losses": "from keras import losses",
    "metrics": "from keras import metrics",
    "ops": "from keras import ops",
    "np": "import numpy as np",
    "pd": "import pandas as pd",
    "plt": "import matplotlib.pyplot as plt",
    "Input": "from keras import Input",
    "Model": "from keras import Model",
    "Sequential": "from keras import Sequential",
    "K": "from keras import backend as K",
}
_PLACES = (
    "layers",
    "models",
    "optimizers",
    "losses",
    "metrics",
    "callbacks",
    "regularizers",
    "initializers",
    "utils",
)
_TOO_SMALL = ("Computed output size would be zero or negative", "Negative dimension size")
# One, three or four colours before a picture's height and width, as Theano had them.
_CHANNELS_FIRST = re.compile(r"inputs? shape=\[?\(None, ([134]), (\d{2,4}), (\d{2,4})\)")
_FIRST_IN_SOURCE = re.compile(r"\(\s*([134])\s*,\s*(\d{2,4})\s*,\s*(\d{2,4})\s*,?\s*\)")
_LONGEST_SOURCE = 200_000
_NO_INPUT = ("has no defined input", "has no defined output", "has never been called")
_NEAR_ENOUGH = 0.7
# A student's own text may have a million letters; searching it would cost their CPU seconds.
_LONGEST_READ = 4000


def slip(error: BaseException, file_name: str) -> Slip | None:
    """The slip that most likely led to this error in the student's file; None when there is no guess."""
    text = error.args[0][:_LONGEST_READ] if error.args and isinstance(error.args[0], str) else ""
    if isinstance(error, NameError) and not isinstance(error, UnboundLocalError) and error.name:
        return _name(str(error.name), error.__traceback__, file_name)
    if any(words in text for words in _TOO_SMALL):
        turned = _channels_first(text, file_name)
        if turned is None:
            return {"slip": "slip_too_small"}
        # Keras's own words go on about windows and strides, which are right.
        return {
            "slip": "slip_channels_first",
            "what": turned[0],
            "near": turned[1],
            "text": text.partition(".")[0],
        }
    if any(words in text for words in _NO_INPUT):
        return {"slip": "slip_no_input"}
    if isinstance(error, AttributeError) and isinstance(error.name, str):
        return _near("slip_attribute", error.name, dir(type(error.obj)), of=type(error.obj).__name__)
    if isinstance(error, TypeError) and (found := _MISSING.match(text)):
        what = found[1] if found[2] in ("__init__", "__call__") and found[1] else found[2]
        return {"slip": "slip_missing_argument", "what": short(what, 80), "near": short(found[3], 80)}
    if isinstance(error, TypeError | ValueError) and (found := _KEYWORD.search(text)):
        return _option(found[1] or found[3], found[2] or found[4])
    if isinstance(error, ValueError) and (found := _UNKNOWN_WORD.search(text)):
        return _word(found[1], found[2])
    return None


def _name(name: str, trace: TracebackType | None, file_name: str) -> Slip:
    line = _USUAL.get(name) or _import_of(name)
    if line is not None:
        return {"slip": "slip_import", "name": short(name, 80), "near": line}
    written = _line(trace, file_name).replace(" ", "")
    if written.startswith(f"{name}=="):
        return {"slip": "slip_compares", "name": short(name, 80)}
    known = _visible(trace, file_name)
    if f"{name}(" in written:
        # Python's own names, and layers that are not imported, are meant where they are called.
        known += dir(builtins)
        known += dir(getattr(sys.modules.get("keras"), "layers", None))
    return _near("slip_name", name, known) or {"slip": "slip_no_name", "name": short(name, 80)}


def _import_of(name: str) -> str | None:
    """The line that brings a public name of Keras's."""
    keras = sys.modules.get("keras")
    for place in _PLACES if keras is not None else ():
        if not name.startswith("_") and hasattr(getattr(keras, place, None), name):
            return f"from keras.{place} import {name}"
    return None


def _visible(trace: TracebackType | None, file_name: str) -> list[str]:
    """Names that the student's own innermost frame can see."""
    names: list[str] = []
    while trace is not None:
        frame = trace.tb_frame
        if frame.f_code.co_filename == file_name:
            names = [name for name in (*frame.f_locals, *frame.f_globals) if not name.startswith("__")]
        trace = trace.tb_next
    return names


def _line(trace: TracebackType | None, file_name: str) -> str:
    """The student's own innermost line."""
    line = 0
    while trace is not None:
        line = trace.tb_lineno if trace.tb_frame.f_code.co_filename == file_name else line
        trace = trace.tb_next
    return linecache.getline(file_name, line) if line else ""


def _channels_first(text: str, file_name: str) -> tuple[str, str] | None:
    """A picture's shape with its colours first, as it is written or as the layer gets it, and with the colours last."""
    written = _FIRST_IN_SOURCE.search("".join(linecache.getlines(file_name))[:_LONGEST_SOURCE])
    found = written if written and written[2] == written[3] else _CHANNELS_FIRST.search(text)
    if found is None:
        return None
    channels, height, width = found.groups()
    return f"({channels}, {height}, {width})", f"({height}, {width}, {channels})"


def _option(kind: str, option: str) -> Slip | None:
    keras = sys.modules.get("keras")
    made = getattr(getattr(keras, "layers", None), kind, None) or getattr(
        getattr(keras, "optimizers", None), kind, None
    )
    if made is None:
        return None
    try:
        options = [name for name in inspect.signature(made).parameters if name != "kwargs"]
    except (TypeError, ValueError):
        return None
    return _near("slip_option", option, options, of=kind)


def _word(kind: str, word: str) -> Slip | None:
    keras: Any = sys.modules.get("keras")
    place = {
        "optimizer": "optimizers",
        "activation function": "activations",
        "loss": "losses",
        "metric": "metrics",
    }
    known = [name for name in dir(getattr(keras, place[kind], None)) if not name.startswith("_")]
    return _near("slip_word", word, [*known, *(name.lower() for name in known)], of=kind)


def _near(code: str, name: str, known: list[str], **more: str) -> Slip | None:
    near = nearest(name, known, _NEAR_ENOUGH)
    if near is None or near == name:
        return None
    return {"slip": code, "name": short(name, 80), "near": short(near, 80), **more}
