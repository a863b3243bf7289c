"""A loop that waits for a training that never happens here, through the whole pipeline."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.domain.message import message
from grader.domain.report import Verdict
from grader.settings import load_settings
from workers.pipeline import Pipeline, open_pipeline

pytestmark = [pytest.mark.sandbox, pytest.mark.training]

SOURCE = """
import numpy as np
from keras.models import Sequential
from keras.layers import Dense, Flatten

model = Sequential([Flatten(input_shape=(32, 32, 3)), Dense(128, activation="relu"), Dense(5, activation="softmax")])
model.compile("adam", "categorical_crossentropy", ["accuracy"])
acc = 0
while {condition}:
    acc = model.fit(np.zeros((100, 32, 32, 3)), np.zeros((100, 5))).history["acc"][-1]
"""


@pytest.fixture(scope="module")
def pipeline(data_of_all: Path) -> Iterator[Pipeline]:
    opened = open_pipeline(load_settings({}, data_dir=data_of_all, sandbox="bubblewrap"))
    yield opened
    opened.close()


def test_a_loop_that_waits_for_an_accuracy_ends_as_it_does_at_home(pipeline: Pipeline) -> None:
    report = pipeline.grade_file("traffic-dense", SOURCE.format(condition="not acc > .99").encode())
    assert report.verdict is Verdict.PASSED
    assert "note_not_trained_here" in {note.code for note in report.notes}


def test_a_loop_that_waits_for_what_is_never_learnt_takes_nothing_from_the_model_above_it(
    pipeline: Pipeline,
) -> None:
    report = pipeline.grade_file("traffic-dense", SOURCE.format(condition="not acc > 1").encode())
    assert report.verdict is Verdict.PASSED
    (note,) = [note for note in report.notes if note.code == "note_cut_off"]
    assert note.params["place"] == message("at_line", line=9)
