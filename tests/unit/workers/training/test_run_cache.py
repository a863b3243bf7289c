"""Kept runs without TensorFlow: what is believed, what makes another key, how the folder keeps its bounds and locks."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from grader import wire
from grader.domain.canonical import canonical
from grader.domain.layers import BatchNormalization, Dense, Dropout
from grader.domain.layers.weighting import Choice
from grader.domain.model_spec import chain
from grader.domain.training import ByAverages, SeededRun, TrainingPlan
from grader.settings import load_settings
from workers.pipeline import open_run_cache
from workers.training import run_key as keys
from workers.training.datasets import Dataset
from workers.training.declaration import Encoding, Origin, Scaling
from workers.training.job import TrainingJob
from workers.training.run_cache import MOST_BYTES, KeptRun, NoCache, dump, read
from workers.training.run_folder import TIDY_EVERY, FolderCache
from workers.training.run_key import NO_NUMBER_DEPENDS_ON, run_key
from workers.training.run_signed import SignedCache

PLAN = TrainingPlan(
    "xor", 2, 4, "sgd", "categorical_crossentropy", 0.1, 0.25, (7,), evaluate_test=True, threshold=0.5
)
RUN = SeededRun(
    7,
    2,
    {"loss": (0.5, None), "accuracy": (0.1, 1 / 3), "val_loss": (2.0, 1.5), "val_accuracy": (0.0, 1.0)},
    0.75,
    ByAverages(0.25, 12),
)
KEPT = KeptRun(RUN, 1.25)
KEY = "a" * 64
NONE = np.zeros((0, 2), np.float32)
DATA = Dataset(
    "xor", Origin.EXACT, "sha", NONE, NONE, NONE, NONE, (0, 1), Scaling(1.0, 0.0), Encoding.ONE_HOT
)
JOB = TrainingJob(canonical(chain((4,), Dense(3), Dropout(0.5))), PLAN, 7, 1, "")


def test_what_is_written_is_what_is_read():
    assert read(dump(KEY, KEPT), KEY, PLAN, 7) == KEPT


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-1],
        lambda data: b"",
        lambda data: data.replace(KEY.encode(), b"b" * 64),
        lambda data: data.replace(b"0.75", b"1.75"),
        lambda data: data.replace(b"0.75", b"null"),
        lambda data: data.replace(b"0.25", b"1.25"),
        lambda data: data.replace(b'"steps": 12', b'"steps": 0'),
        lambda data: data.replace(b"0.75", b'"0.75"'),
        lambda data: data.replace(b"0.75", b"NaN"),
        lambda data: data.replace(b"0.75", b"1e999"),
        lambda data: data.replace(b"[0.0, 1.0]", b"[0.0, 2.0]"),
        lambda data: data.replace(b"[0.0, 1.0]", b"[0.0]"),
        lambda data: data.replace(b"val_loss", b"val_lass"),
        lambda data: data.replace(b'"seed": 7', b'"seed": 8'),
        lambda data: data.replace(b'"epochs": 2', b'"epochs": 3'),
        lambda data: data.replace(b"1.25", b"-1.25"),
        lambda data: data.replace(b'"format": 1', b'"format": 2'),
        lambda data: data.replace(b'"format": 1', b'"format": 1, "more": 1'),
        lambda data: data + b" " * MOST_BYTES,
        lambda data: b"[" * 10_000,
        lambda data: b"\xff\xfe",
    ],
)
def test_what_is_damaged_is_not_there(damage):
    good = dump(KEY, KEPT)
    assert damage(good) != good
    assert read(damage(good), KEY, PLAN, 7) is None


def test_an_entry_of_another_plan_or_seed_is_not_there():
    for plan in (
        replace(PLAN, epochs=1),
        replace(PLAN, evaluate_test=False),
        replace(PLAN, validation_split=0),
    ):
        assert read(dump(KEY, KEPT), KEY, plan, 7) is None
    assert read(dump(KEY, KEPT), KEY, PLAN, 8) is None


CHANGED = {
    "dataset": "other", "epochs": 3, "batch_size": 5, "optimizer": "adam", "loss": "mean_squared_error",
    "learning_rate": None, "validation_split": 0.5, "seeds": (1, 7), "evaluate_test": False, "threshold": 0.9,
    "samples": 3, "validation_samples": 1, "optimizer_options": {"momentum": 0.9}, "from_logits": True, "long": True,
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(CHANGED))
def test_what_changes_a_run_changes_its_key_and_nothing_else_does(name):
    changed = replace(JOB, plan=replace(PLAN, **{name: CHANGED[name]}))
    assert (run_key(changed, DATA) == run_key(JOB, DATA)) == (name in NO_NUMBER_DEPENDS_ON)


def test_data_seed_threads_and_trainer_are_in_the_key(monkeypatch):
    others = [
        (replace(JOB, seed=8), DATA),
        (replace(JOB, threads=2), DATA),
        (JOB, replace(DATA, sha256="other")),
        (JOB, replace(DATA, scaling=Scaling(2.0, 0.0))),
        (JOB, replace(DATA, classes=(1, 0))),
        (JOB, replace(DATA, encoding=Encoding.BINARY)),
    ]
    made = {run_key(*other) for other in [(JOB, DATA), *others]}
    monkeypatch.setattr(keys, "trainer_version", lambda: "another")
    assert len(made | {run_key(JOB, DATA)}) == len(others) + 2
    monkeypatch.undo()
    assert run_key(replace(JOB, inputs="/elsewhere"), DATA) == run_key(JOB, DATA)


def test_every_option_of_a_layer_is_in_the_key():
    """`plain` gives every field of every kind; initializers and their like are tried one by one."""
    dense = Dense(3)
    layers = [
        dense,
        replace(dense, kernel_initializer=Choice("HeNormal")),
        replace(dense, kernel_initializer=Choice("RandomNormal", (("stddev", 0.1),))),
        replace(dense, kernel_initializer=Choice("RandomNormal", (("stddev", 0.2),))),
        replace(dense, bias_initializer=Choice("Ones")),
        replace(dense, kernel_regularizer=Choice("L2", (("l2", 0.1),))),
        replace(dense, bias_regularizer=Choice("L1", (("l1", 0.1),))),
        replace(dense, activity_regularizer=Choice("L1", (("l1", 0.1),))),
        replace(dense, kernel_constraint=Choice("NonNeg")),
        replace(dense, use_bias=False),
        BatchNormalization(),
        replace(BatchNormalization(), momentum=0.5),
    ]
    forms = [canonical(chain((4,), layer)) for layer in layers]
    frozen = replace(forms[0], steps=tuple(replace(step, trainable=False) for step in forms[0].steps))
    assert len({run_key(replace(JOB, form=form), DATA) for form in [*forms, frozen]}) == len(layers) + 1


def test_a_folder_keeps_and_forgets(tmp_path):
    cache = FolderCache(tmp_path / "runs")
    assert cache.get(KEY) is None
    cache.put(KEY, b"one")
    assert FolderCache(tmp_path / "runs").get(KEY) == b"one"
    assert [path.name for path in (tmp_path / "runs").iterdir()] == [f"{KEY}.json"]


def test_a_folder_is_bounded_and_what_was_used_last_stays(tmp_path):
    cache = FolderCache(tmp_path, most_bytes=1000)
    for number in range(TIDY_EVERY):
        cache.put(f"{number:064}", b"x" * 20)
        os.utime(tmp_path / f"{number:064}.json", (number, number))
    assert cache.get(f"{3:064}") is not None
    cache.put("new", b"x" * 20)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 1000
    assert cache.get(f"{3:064}") is not None
    assert cache.get(f"{4:064}") is None
    assert cache.get("new") is not None


def test_a_folder_that_cannot_be_used_is_a_miss(tmp_path):
    (tmp_path / "file").write_text("")
    cache = FolderCache(tmp_path / "file" / "runs")
    cache.put(KEY, b"one")
    with cache.alone(KEY, 1):
        assert cache.get(KEY) is None


HOLDER = """
import sys, time
from pathlib import Path
from workers.training.run_folder import FolderCache

with FolderCache(Path(sys.argv[1])).alone(sys.argv[2], 5):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock of KEY for a minute."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path), KEY], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_holder_that_dies_is_not_waited_for(tmp_path, holder):
    threading.Timer(0.5, holder.kill).start()
    start = time.monotonic()
    with FolderCache(tmp_path).alone(KEY, 50):
        assert time.monotonic() - start < 20


def test_waiting_has_an_end_and_other_keys_do_not_wait(tmp_path, holder):
    start = time.monotonic()
    with FolderCache(tmp_path).alone("b" * 64, 50), FolderCache(tmp_path).alone(KEY, 0.3):
        assert 0.3 <= time.monotonic() - start < 20
    assert holder.poll() is None


def test_threads_take_turns(tmp_path):
    inside, most = [0], [0]

    def enter():
        with FolderCache(tmp_path).alone(KEY, 60):
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            time.sleep(0.02)
            inside[0] -= 1

    threads = [threading.Thread(target=enter) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] == 1
    assert not list(tmp_path.iterdir())


def chosen(folder, **values):
    return open_run_cache(load_settings(values, data_dir=folder))


def test_the_setting_chooses(tmp_path):
    redis = {"GRADER_BROKER_URL": "redis://127.0.0.1:1/0"}
    assert isinstance(chosen(tmp_path).cache, FolderCache)
    assert isinstance(chosen(tmp_path, GRADER_BROKER_URL="amqp://x").cache, FolderCache)
    assert isinstance(chosen(tmp_path, GRADER_RUN_CACHE="off", **redis), NoCache)
    assert isinstance(chosen(tmp_path, **redis).cache, FolderCache), "others write to Redis, too"
    key = tmp_path / "key"
    key.write_text("k" * 40)
    assert type(chosen(tmp_path, GRADER_RUN_CACHE_KEY_FILE=str(key), **redis).cache).__name__ == "RedisCache"


def test_its_key_is_made_once_for_its_owner_alone(tmp_path):
    chosen(tmp_path).put(KEY, b"one")
    key = tmp_path / "cache" / "runs-key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert chosen(tmp_path).get(KEY) == b"one"


def test_without_a_key_nothing_is_kept_and_a_given_one_must_be_there(tmp_path):
    (tmp_path / "cache").write_text("no folder")
    assert isinstance(chosen(tmp_path), NoCache)
    with pytest.raises(ValueError, match="GRADER_RUN_CACHE_KEY_FILE"):
        chosen(tmp_path, GRADER_RUN_CACHE_KEY_FILE=str(tmp_path / "none"))


def test_what_somebody_else_wrote_is_not_there(tmp_path):
    folder = FolderCache(tmp_path)
    ours, other = SignedCache(folder, ["k" * 40]), "b" * 64
    ours.put(KEY, b"one")
    written = folder.get(KEY)
    assert ours.get(KEY) == b"one"
    assert SignedCache(folder, ["n" * 40, "k" * 40]).get(KEY) == b"one", "an older key still counts"
    for forged in (
        b"",
        b"one",
        written[:32],
        written[:-1] + b"x",
        written + b"x",
        b"x" + written[1:],
        b"0" * 32 + b"one",
    ):
        folder.put(KEY, forged)
        assert ours.get(KEY) is None
    folder.put(other, written)
    assert ours.get(other) is None, "it was kept under another name"
    SignedCache(folder, ["o" * 40]).put(KEY, b"one")
    assert ours.get(KEY) is None, "another key"


def test_the_entry_is_plain_json():
    assert wire.parse(dump(KEY, KEPT))["kept"]["run"]["history"]["loss"] == [0.5, None]
