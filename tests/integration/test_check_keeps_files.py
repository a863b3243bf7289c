"""`grader check` of a script that fits, saves, checkpoints, logs and plots: the author's files are as they were."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.training

SCRIPT = """
import glob, json, os, shutil
import keras, numpy as np
from keras import layers
from keras.callbacks import CSVLogger, ModelCheckpoint, TensorBoard
import matplotlib.pyplot as plt

def build_extractor():
    base = keras.Sequential()
    base.add(keras.Input((64, 64, 3)))
    base.add(layers.Conv2D(16, 5, strides=2, activation="relu"))
    base.add(layers.MaxPooling2D(2))
    base.add(layers.Conv2D(32, 3, activation="relu"))
    base.add(layers.GlobalMaxPooling2D())
    base.add(layers.Dense(10))
    return keras.Model(base.input, [one.output for one in base.layers])

model = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
model.compile("adam", "mse")
x, y = np.zeros((8, 3)), np.zeros((8, 2))
shutil.rmtree("logs", ignore_errors=True)
history = model.fit(x, y, epochs=3, callbacks=[
    ModelCheckpoint("best.keras"), ModelCheckpoint("runs/w{epoch}.weights.h5", save_weights_only=True),
    CSVLogger("log.csv", append=True), TensorBoard("logs"),
])
assert len(glob.glob("runs/*.h5")) == 3 and os.path.isdir("logs/train")
for name in ("model.keras", "model.h5", "folder"):
    model.save(name)
    assert keras.models.load_model(name).count_params() == 8
keras.models.save_model(model, "model.keras")
model.save_weights("last.weights.h5")
plt.plot(history.history["loss"])
plt.savefig("curve.png")
np.save("curve.npy", history.history["loss"])
json.dump(history.history, open("history.json", "w"))
assert open("log.csv").readline() == "epoch,loss\\n"
"""
THEIRS = (
    "best.keras",
    "model.keras",
    "model.h5",
    "last.weights.h5",
    "curve.png",
    "curve.npy",
    "history.json",
    "logs/old",
)


def test_nothing_of_the_students_changes(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    for name in THEIRS:
        (tmp_path / name).write_bytes(b"from a real training")
    (tmp_path / "log.csv").write_bytes(b"epoch,loss\n0,0.5\n")
    script = tmp_path / "mine.py"
    script.write_text(SCRIPT, encoding="utf-8")
    before = _everything(tmp_path)
    command = [
        str(Path(sys.executable).with_name("grader")),
        "check",
        "feature-extractor",
        str(script),
        "--json",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    report = json.loads(done.stdout)
    assert report["verdict"] == "passed", report
    assert "note_script_stopped" not in {note["code"] for note in report["note_messages"]}, report["notes"]
    assert _everything(tmp_path) == before


def _everything(folder: Path) -> dict[str, bytes | None]:
    return {str(path): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}
