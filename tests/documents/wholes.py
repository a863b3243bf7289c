"""Fragments put together again: which blocks make one submission, and what must come of it.

What the documents leave out is written here in our own words; their listings never are.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass

from tests.documents.seeds import blocks

KERAS = "import tensorflow as tf\nfrom tensorflow import keras\nfrom tensorflow.keras import layers\n"
PLOT = "import numpy as np\nimport matplotlib.pyplot as plt\n"
HAPPY = "from keras.layers import *\nfrom keras.models import Model\nfrom kt_utils import *\n"
HAPPY_DATA = (
    "X_train, Y_train, X_test, Y_test, classes = load_dataset()\n"
    "X_train, X_test, Y_train, Y_test = X_train / 255., X_test / 255., Y_train.T, Y_test.T\n"
)


@dataclass(frozen=True)
class Whole:
    """One submission made of a document's blocks. `told` is a reason and a code, a check, or empty."""

    name: str
    slug: str
    source: Callable[[], str]
    verdict: str = "passed"
    told: str = ""
    notes: tuple[str, ...] = ()


def script(document: str, *ordinals: int, before: str = "") -> Callable[[], str]:
    """Blocks below each other, after some lines of ours."""
    return lambda: before + "\n".join(blocks()[document, ordinal].text for ordinal in ordinals)


def functions(document: str, before: str = "", **wrapped: tuple[int, ...]) -> Callable[[], str]:
    """Blocks as bodies of functions that return `model`."""

    def write() -> str:
        bodies = {
            name: "\n".join(blocks()[document, ordinal].text for ordinal in ordinals) + "\nreturn model\n"
            for name, ordinals in wrapped.items()
        }
        return before + "\n".join(
            f"def {name}():\n{textwrap.indent(body, '    ')}" for name, body in bodies.items()
        )

    return write


def replaced(source: Callable[[], str], old: str, new: str) -> Callable[[], str]:
    """The same with a document's own fault put right."""

    def write() -> str:
        text = source()
        assert old in text
        return text.replace(old, new)

    return write


def both(*sources: Callable[[], str]) -> Callable[[], str]:
    """One after the other."""
    return lambda: "\n".join(source() for source in sources)


THREE_CONVOLUTIONS = """
def three_convolutions():
    return keras.Sequential([
        keras.Input((200, 200, 1)),
        layers.Conv2D(filters=16, kernel_size=2, strides=2, activation='relu'),
        layers.Conv2D(filters=32, kernel_size=3, padding='same', activation='relu'),
        layers.Conv2D(64, (2, 2), activation='relu'),
    ])
"""

WHOLES = (
    Whole("000 with imports", "happy-house", script("000", 2, 3, 4, 5, 6, before=HAPPY + HAPPY_DATA)),
    Whole("000 as printed", "happy-house", script("000", 2, 3, 4, 5, 6), "invalid", "bad_code exception_in_code"),
    Whole("001", "happy-house", script("001", 1, 2, 3, 4, 6), notes=("note_magics_dropped", "note_old_spelling")),
    Whole("002 §6", "traffic-dense", script("002", 3, 4, 5, 6, 7, 9), notes=("note_old_spelling",)),
    Whole("002 §7", "traffic-conv", script("002", 12, 13, 14, 15, 16, 17)),
    # The document says that the rest is as above, but what is above imports no pooling.
    Whole("002 §8 as printed", "traffic-pool", script("002", 12, 13, 14, 20, 16, 17), "invalid", "bad_code exception_in_code"),
    Whole("002 §8 with the imports of §10", "traffic-pool", script("002", 12, 13, 24, 20, 16, 17)),
    Whole("002 §9 with the imports of §10", "traffic-dropout", script("002", 12, 13, 24, 21, 16, 17)),
    Whole(
        "002 §10", "traffic-test", script("002", 22, 23, 24, 25, 26, 27, 29), notes=("note_invented_data", "note_not_trained_here"),
    ),
    Whole("003 clothes", "fashion-mnist", script("003", 2, 3, 4, 5, 6, 7, before=KERAS + PLOT)),
    Whole("003 losses", "custom-loss", script("003", 9, 10, 11)),
    Whole("003 layers", "custom-layers", script("003", 9, 12, 13), notes=("note_old_spelling",)),
    Whole(
        "003 sequential", "sequential-basics",
        functions("003", KERAS, from_list=(14,), with_add=(15,), popped=(15, 16), named=(17,), unbuilt=(14,)),
    ),
    Whole(
        "003 a model that was called is built", "sequential-basics",
        functions("003", KERAS, from_list=(14,), with_add=(15,), popped=(15, 16), named=(17,), unbuilt=(20,)),
        "failed", "not_built",
    ),
    Whole(
        "003 and 004 convolutions", "conv-shapes",
        both(functions("003", KERAS, downsampler=(23,)), lambda: THREE_CONVOLUTIONS),
    ),
    Whole(
        "004 xor put right", "xor", replaced(script("004", 5), "model.add(Dropout", "xor.add(Dropout"),
        notes=("note_old_spelling",),
    ),
)  # fmt: skip

NOTEBOOKS = (
    ("000", "happy-house", "invalid", "bad_code exception_in_code"),
    ("001", "happy-house", "passed", ""),
    ("002", "traffic-test", "passed", ""),
    ("003", "mnist-functional", "passed", ""),
    ("003", "custom-loss", "passed", ""),
    ("003", "custom-layers", "passed", ""),
    ("004", "image-cnn", "passed", ""),
)
"""Each document as one notebook, in order: for which exercise, and what comes of it."""
