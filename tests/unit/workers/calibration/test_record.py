from __future__ import annotations

import json
from dataclasses import replace

import pytest

from grader.domain.assignment import Assignment, EntryPoint, Part
from grader.domain.errors import AuthorError
from grader.domain.report import DatasetStamp
from grader.domain.training import PlanName, TrainingPlan
from workers.calibration.plot import draw
from workers.calibration.record import (
    FILE,
    Measured,
    Record,
    objections,
    plan_sha256,
    read_record,
    tally,
    write_record,
)
from workers.calibration.tail import Estimate

PLAN = TrainingPlan("signs", 3, 32, "adam", "x", threshold=0.5)
FULL = replace(PLAN, epochs=20, long=True)
ASSIGNMENT = Assignment(
    "mine", "Mine", "v", "", "", (Part("model", EntryPoint("f"), (4,), PLAN, full_plan=FULL),)
)
RIGHT = Measured(
    "model", PlanName.CLASS, plan_sha256(PLAN), DatasetStamp("signs", "synthetic", "sha256:0"), "accepted/a.py",
    is_right=True, seeds=4, epochs=3.0, accuracies=tally([0.75, 0.8125, 0.75, 0.7]), wrong=Estimate(0, 0, 1e-5),
)  # fmt: skip


def test_a_record_is_read_as_it_was_written(tmp_path):
    record = Record((RIGHT,), {"keras": "3"})
    write_record(tmp_path, record)
    assert read_record(tmp_path) == record
    assert sorted(RIGHT.sample.accuracies) == [0.7, 0.75, 0.75, 0.8125]
    assert list(tmp_path.iterdir()) == [tmp_path / FILE]


def test_without_a_file_there_is_no_record(tmp_path):
    assert read_record(tmp_path) is None


@pytest.mark.parametrize("text", ["", "{}", '{"format": 1, "measured": 5, "versions": {}}'])
def test_a_damaged_file_is_told(tmp_path, text):
    (tmp_path / FILE).write_text(text)
    with pytest.raises(AuthorError, match="grader calibrate"):
        read_record(tmp_path)


def test_a_record_that_is_older_than_a_key_is_read(tmp_path):
    write_record(tmp_path, Record((RIGHT,)))
    old = json.loads((tmp_path / FILE).read_text("utf-8"))
    del old["measured"][0]["ceiling"]
    (tmp_path / FILE).write_text(json.dumps(old), "utf-8")
    assert read_record(tmp_path) == Record((RIGHT,))


def test_new_figures_take_the_place_of_old_ones_for_the_same_data_and_plan():
    real = replace(RIGHT, data=DatasetStamp("signs", "real", "sha256:1"))
    full = replace(RIGHT, plan_name=PlanName.DOCUMENT)
    again = replace(RIGHT, seeds=650)
    assert Record((RIGHT, real, full)).renewed(Record((again,))).measured == (real, full, again)


def test_what_is_true_of_some_pictures_is_not_of_others():
    few = replace(RIGHT, data=DatasetStamp("signs", "real", "sha256:few"), wrong=Estimate(0.1, 0, 0.2))
    record = Record((RIGHT, few))
    assert record.on([RIGHT.data]) == Record((RIGHT,))
    assert objections(ASSIGNMENT, record.on([RIGHT.data])) == []
    assert "on the real data" in objections(ASSIGNMENT, record.on([few.data]))[0]
    assert record.on([DatasetStamp("signs", "real", "sha256:many")]).measured == ()


def test_nothing_to_object_to():
    assert objections(ASSIGNMENT, Record((RIGHT,))) == []


@pytest.mark.parametrize(
    ("measured", "words"),
    [
        ((), "never calibrated"),
        ((replace(RIGHT, wrong=Estimate(1e-4, 0, 2e-3)),), "fails with a probability of up to 0.002"),
        (
            (RIGHT, replace(RIGHT, is_right=False, name="mutant: all zeros", wrong=Estimate(0.1, 0, 0.2))),
            "passes",
        ),
        ((replace(RIGHT, plan=plan_sha256(replace(PLAN, epochs=4))),), "another one than was calibrated"),
        (
            (RIGHT, replace(RIGHT, plan_name=PlanName.DOCUMENT)),
            "its document plan is another one than was calibrated",
        ),
    ],
)
def test_what_there_is_to_object_to(measured, words):
    (told,) = objections(ASSIGNMENT, Record(measured))
    assert words in told


def test_the_margin_is_no_part_of_what_was_measured():
    assert plan_sha256(PLAN) == plan_sha256(replace(PLAN, margin=0.1))
    assert plan_sha256(PLAN) != plan_sha256(replace(PLAN, threshold=0.51))


def test_the_plot_is_the_same_for_the_same_samples(tmp_path):
    wrong = replace(RIGHT, name="mutant: all zeros", is_right=False, accuracies=tally([0.2, 0.21]))
    for name in ("a.svg", "b.svg"):
        draw(tmp_path / name, "mine", [RIGHT, wrong], PLAN)
    drawn = (tmp_path / "a.svg").read_text("utf-8")
    assert drawn == (tmp_path / "b.svg").read_text("utf-8")
    assert "accepted/a.py (4)" in drawn
    assert "share of seeds, synthetic" in drawn
