"""Honest submissions get their model described, and hostile ones disturb nobody after them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from grader.domain.assignment import Limits
from tests.sandbox.conftest import SERVES_MANY
from workers.sandbox.base import Finished, Sandbox, TimedOut

pytestmark = [pytest.mark.sandbox, pytest.mark.training]

TRAFFIC = """
import numpy as np
from tensorflow.keras.models import Sequential
from keras.layers import Conv2D, Dense, Flatten, MaxPooling2D

TRAINING = {"epochs": 3}

def build_model():
    print("building")
    model = Sequential([
        Conv2D(32, (3, 3), activation="relu", input_shape=(32, 32, 3)), MaxPooling2D((2, 2)), Flatten(),
        Dense(128, activation="relu"), Dense(5, activation="softmax"),
    ])
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    return model
"""

SAVED = """
    import keras, os
    model.save("x.h5"); model.save("x.keras"); model.save_weights("x.weights.h5")
    again, once_more = keras.models.load_model("x.h5"), keras.models.load_model("x.keras")
    print(*(all(np.array_equal(a, b) for a, b in zip(model.get_weights(), of.get_weights())) for of in (again, once_more)))
    again.load_weights("x.weights.h5")
    print(all(os.path.getsize(name) > 100000 for name in ("x.h5", "x.keras", "x.weights.h5")))
"""

PART = {
    "name": "model",
    "entry_point": {"name": "build_model", "arguments": [], "other_functions": [], "variables": ["model"]},
    "input_shape": [32, 32, 3],
}


def job(source: str) -> dict[str, Any]:
    return {"source": source, "parts": [PART], "preload": True}


def kinds(outcome: object) -> list[str]:
    assert isinstance(outcome, Finished), outcome
    claim = json.loads(outcome.claim)
    assert "error" not in claim, claim
    return [layer["kind"] for layer in claim["parts"][0]["model"]["layers"] if layer["kind"] != "InputLayer"]


WANTED = ["Conv2D", "MaxPooling2D", "Flatten", "Dense", "Dense"]


def test_an_honest_model(sandbox: Sandbox) -> None:
    outcome = sandbox.run(job(TRAFFIC), Limits())
    assert kinds(outcome) == WANTED
    assert isinstance(outcome, Finished)
    assert json.loads(outcome.claim)["training"] == {"epochs": 3}
    assert "building" in outcome.stdout
    assert outcome.versions["keras"].startswith("3.")


def test_a_model_that_is_trained_and_used(sandbox: Sandbox) -> None:
    """TensorFlow's threads fit into the process limit, a forked process may run operations, and what is saved can be read."""
    use = "    x = np.zeros((64, 32, 32, 3))\n    model.fit(x, np.eye(5)[[0] * 64], verbose=0)\n    model.predict(x, verbose=0)\n"
    source = TRAFFIC.replace("    return model", use + SAVED + "    return model")
    outcome = sandbox.run(job(source), Limits())
    assert kinds(outcome) == WANTED
    assert isinstance(outcome, Finished)
    assert outcome.stdout.splitlines()[-2:] == ["True True", "True"]


@pytest.mark.parametrize("sandbox", SERVES_MANY, indirect=True)
def test_the_next_job_is_right(sandbox: Sandbox) -> None:
    patched = "import keras\nkeras.layers.Dense.__init__ = lambda *a, **k: 1 / 0\nkeras.Sequential = None\n"
    assert isinstance(sandbox.run(job(patched), Limits()), Finished)
    loop = "def build_model():\n    while True: pass"
    assert isinstance(sandbox.run(job(loop), Limits(cpu_seconds=1.0)), TimedOut)
    assert kinds(sandbox.run(job(TRAFFIC), Limits())) == WANTED
