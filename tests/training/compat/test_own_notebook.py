"""`import grader.compat` in a notebook of a student's own, in a process of its own: models train there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.training

ROOT = Path(__file__).resolve().parents[3]

OLD = """
import grader.compat
import sys
assert not {"keras", "tensorflow", "numpy"} & set(sys.modules)
import numpy as np
from keras.models import Sequential, load_model
from keras.layers.core import Dense, Activation
from keras.layers.core import Dropout
from keras.optimizers import SGD
from keras.utils import np_utils
import pydot
from IPython.display import SVG
x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "float32")
y = np_utils.to_categorical([0, 1, 1, 1])
model = Sequential()
model.add(Dense(output_dim=8, input_dim=2, init="normal"))
model.add(Activation("tanh"))
model.add(Dense(2, activation="softmax"))
model.compile(SGD(lr=0.5), "categorical_crossentropy", ["accuracy"])
before = model.get_weights()[0].copy()
history = model.fit(x, y, nb_epoch=5, verbose=0)
assert not np.allclose(before, model.get_weights()[0])
assert np.isfinite(history.history["loss"]).all() and history.history["loss"][-1] < history.history["loss"][0]
assert history.history["acc"] == history.history["accuracy"]
assert model.predict_classes(x, verbose=0).shape == (4,)
assert len(model.evaluate(x, y, verbose=0)) == len(model.metrics_names) == 2
model.save_weights("w.h5")
model.load_weights("w.h5")
model.save("model")
assert np.allclose(load_model("model").predict(x, verbose=0), model.predict(x, verbose=0))
from keras.utils.vis_utils import plot_model
plot_model(model, to_file="model.png")
"""


def run(source: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        "PYTHONPATH": str(ROOT), "HOME": str(folder), "KERAS_HOME": str(folder), "TF_CPP_MIN_LOG_LEVEL": "3",
    }  # fmt: skip
    command = [sys.executable, "-c", source]
    return subprocess.run(command, text=True, capture_output=True, cwd=folder, env=environment, timeout=120)


@pytest.mark.training
def test_old_spellings_work_and_models_train(tmp_path: Path) -> None:
    done = run(OLD, tmp_path)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert "Old spelling: keras.layers.core. It works here; today: keras.layers." in lines
    assert "Old spelling: fit(nb_epoch=5). It works here; today: fit(epochs=5)." in lines
    assert len(lines) == len(set(lines))
    assert "nan" not in done.stdout


def test_data_are_never_invented(tmp_path: Path) -> None:
    done = run("import grader.compat\nopen('small_train_traffic.p', 'rb')", tmp_path)
    assert done.returncode == 1
    assert "FileNotFoundError" in done.stderr


def test_it_needs_no_keras(tmp_path: Path) -> None:
    source = "import grader.compat, sys\nassert 'keras' not in sys.modules\ngrader.compat._INSTALLED.undo()"
    assert run(source, tmp_path).returncode == 0


def test_nothing_of_ours_imports_it() -> None:
    folders = (ROOT / "grader", ROOT / "workers")
    files = [path for folder in folders for path in folder.rglob("*.py") if path.name != "compat.py"]
    assert files
    assert not [path for path in files if "grader.compat" in path.read_text(encoding="utf-8")]
