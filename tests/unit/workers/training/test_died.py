"""What is told and kept of a network that was let in and ended its trainer."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from grader.domain.canonical import canonical
from grader.domain.layers import Add, Conv2D, Dense, Flatten, InputLayer, LayerNormalization
from grader.domain.model_spec import ModelSpec, NamedLayer, Node, chain
from grader.domain.training import TrainingPlan
from workers.training.death import judge
from workers.training.died import dearest, explained
from workers.training.job import TrainingJob, load_job

NORMAL = chain(
    (32, 32, 4), *[LayerNormalization()] * 9, Conv2D(filters=2, kernel_size=(1, 1)), Flatten(), Dense(1)
)
PLAN = TrainingPlan("faces", 40, 4, "adam", "binary_crossentropy", seeds=(0, 1))
JOB = TrainingJob(canonical(NORMAL), PLAN, 0, 1, inputs="/somewhere", more_seeds=(1,))
DEATH = judge(-signal.SIGXCPU)


def test_the_dearest_layers_are_told_with_their_inputs() -> None:
    told = dearest(JOB.form)
    assert told.startswith("9 LayerNormalization on few channels on (32, 32, 4), 9"), told
    assert "Dense" not in told, "less than a hundredth"


def test_a_layer_with_several_inputs_is_told_with_all() -> None:
    layers = (NamedLayer("a", InputLayer((8, 8, 2))), NamedLayer("b", Add()))
    model = ModelSpec(layers, (Node(0), Node(1, (0, 0))), (0,), (1,))
    assert dearest(canonical(model)) == "1 Add on few channels on (8, 8, 2) and (8, 8, 2), 100% of the work"


def test_the_whole_network_is_kept_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "cache" / "died"
    death = explained(DEATH, JOB, folder)
    (kept,) = folder.iterdir()
    assert f"kept in the worker's data folder as cache/died/{kept.name}: the trainer ended" in death.detail
    assert (death.cause, death.about_model) == (DEATH.cause, True)
    assert kept.stat().st_mode & 0o777 == 0o600
    told = json.loads(kept.read_text("utf-8"))
    again = load_job(told["job"])
    assert (told["cause"], again.form, again.plan, again.inputs) == ("time", JOB.form, JOB.plan, "")


def test_no_more_are_kept_than_have_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.training.died.MOST_KEPT", 2)
    names = []
    for seed in range(4):
        explained(DEATH, TrainingJob(JOB.form, PLAN, seed, 1, ""), tmp_path)
        (new,) = {path.name for path in tmp_path.iterdir()} - set(names)
        os.utime(tmp_path / new, (seed, seed))
        names.append(new)
    explained(DEATH, TrainingJob(JOB.form, PLAN, 3, 1, ""), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names[2:])


def test_a_folder_that_cannot_be_written_to_changes_no_verdict(tmp_path: Path) -> None:
    (tmp_path / "died").write_text("a file")
    assert "which could not be kept: the trainer ended" in explained(DEATH, JOB, tmp_path / "died").detail
