"""What `make families` keeps outlives a kill, and is forgotten when what it depends on has changed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.domain.layers import Dense, Flatten
from grader.domain.model_spec import chain
from grader.domain.report import DatasetStamp
from grader.domain.training import Borderline, Stopping, TrainingPlan
from tests.training.families.__main__ import Family, line
from tests.training.families.rows import FILE, InUse, Row, alone, append, key_of, read

ROW = Row("small", "real", 0, "a" * 16, 40, 1.0, 0.88, 0.44, 969, 1.5)
MODEL = chain((8, 8, 3), Flatten(), Dense(1))
PLAN = TrainingPlan("faces", 40, 16, "adam", "binary_crossentropy", evaluate_test=True, threshold=0.8)
DATA = DatasetStamp("faces", "real", "sha256:1")


def test_a_line_that_was_cut_is_trained_again_and_hides_no_other(tmp_path):
    rows = [replace(ROW, seed=seed) for seed in range(3)]
    append(tmp_path, rows[:2])
    path = tmp_path / FILE
    path.write_bytes(path.read_bytes()[:-20])
    assert read(tmp_path) == rows[:1]
    append(tmp_path, rows[1:])
    assert read(tmp_path) == [rows[0], rows[1], rows[2]]


def test_nothing_is_known_at_first(tmp_path):
    assert read(tmp_path / "none") == []


def test_one_at_a_time(tmp_path):
    with alone(tmp_path / "new"), pytest.raises(InUse), alone(tmp_path / "new"):
        pass
    with alone(tmp_path / "new"):
        pass


BANDED = replace(PLAN, borderline=Borderline(0.2, 0.0, 5), seeds=(0, 1, 2, 3, 4))
FAMILY = Family("small", MODEL, BANDED, DATA, ROW.key)


def rows_of(*tests):
    return [replace(ROW, seed=seed, test=test) for seed, test in enumerate(tests)]


@pytest.mark.parametrize(
    ("tests", "word", "is_fair"),
    [
        ((), "too few seeds yet", False),
        ((0.88,), "too few seeds yet", False),
        ((0.88, 0.9, 0.92), "too few seeds yet", False),
        ((0.86, 0.88, 0.9) * 10, "", True),
        ((0.56, 0.7, 0.9) * 10, "too often", False),
    ],
)
def test_the_table_says_what_is_known(tests, word, is_fair):
    cells, fair = line(FAMILY, rows_of(*tests))
    assert (cells[3], cells[-1], fair) == (str(len(tests)), word, is_fair)
    assert len(cells) == 10


def test_the_key_is_of_what_the_numbers_depend_on():
    key = key_of(MODEL, PLAN, DATA)
    judged_otherwise = replace(PLAN, threshold=0.7, seeds=(0, 1, 2))
    assert key_of(MODEL, judged_otherwise, DATA) == key
    others = [
        key_of(chain((8, 8, 3), Flatten(), Dense(2)), PLAN, DATA),
        key_of(MODEL, replace(PLAN, stopping=Stopping(0.85, 12, 100)), DATA),
        key_of(MODEL, PLAN, replace(DATA, sha256="sha256:2")),
    ]
    assert len({key, *others}) == 4
