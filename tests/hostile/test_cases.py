"""The side-cars are read strictly, there are enough cases, and nothing takes the folder for an exercise."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader.domain.errors import AuthorError, Reason
from grader.settings import load_settings
from tests.hostile.cases import CANARIES, CASES, is_its_turn, load_cases
from workers.pipeline import dataset_folders
from workers.references import FOLDERS, reference_solutions

ALL = list(load_cases())
GOOD = "format: 1\ncatalogue: [A05]\ntries: Leaves.\nallowed: [{verdict: invalid, reason: bad_result}]\n"


def test_there_are_enough():
    assert len(ALL) >= 200


def test_every_family_of_the_catalogue_is_tried():
    families = {entry[0] for case in ALL for entry in case.side_car.catalogue}
    assert families >= set("ABCDEFGI")


def test_every_reason_of_a_limit_is_reached():
    reasons = {allowed.reason for case in ALL for allowed in case.side_car.allowed}
    assert reasons >= set(Reason)


def test_every_canary_is_looked_for():
    assert {name for case in ALL for name in case.side_car.canaries} == set(CANARIES)


def test_some_are_tried_beside_honest_work():
    assert 4 <= sum(case.side_car.beside for case in ALL) <= 12


def test_each_is_tried_somewhere_and_most_everywhere():
    backends = ["a", "b", "c", "d"]
    for case in ALL:
        places = [backend for backend in backends if is_its_turn(case, backend, backends, ALL)]
        assert len(places) == (1 if case.side_car.in_turn else 4), case.name
        assert not case.side_car.in_turn or case.name.startswith(("forged_claim/", "lies/", "patches/"))
    assert sum(case.side_car.in_turn for case in ALL) < len(ALL) / 4


def test_the_folder_is_no_exercise():
    assert list(reference_solutions(CASES.parent, CASES.name)) == []
    assert not {path.name for path in CASES.rglob("*")} & set(FOLDERS)
    assert not list(CASES.rglob("assignment.yaml"))
    assert CASES.name not in dataset_folders(load_settings({}).assignments_dirs)


def test_every_place_that_a_case_knows_is_filled_in():
    places = {"TCP_PORT", "UDP_PORT", "ABSTRACT", "PROJECT", "ASSIGNMENTS", "DATA_DIR", "HOME", "TEMP", "CANARY_FILE", "PID", "HOST_NAME"}  # fmt: skip
    for case in ALL:
        asked = set(re.findall(rb"__([A-Z_]+[A-Z])__", case.template[:100_000]))
        assert {word.decode() for word in asked} <= places, case.name


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ("alowed: []\n", "did you mean 'allowed'"),
        ("format: 2\n", "this is format 2, known is 1"),
        ("canaries: [keys]\n", "known are"),
        ("allowed: [{verdict: invalid}]\n", "invalid has a reason"),
        ("allowed: [{verdict: grader_error}]\n", "nothing else has a reason"),
        ("same_as: wrong\n", "known are"),
    ],
)
def test_a_slip_is_refused(tmp_path: Path, change: str, detail: str):
    key = change.partition(":")[0]
    kept = [line for line in GOOD.splitlines() if not line.startswith(f"{key}:")]
    (tmp_path / "x.yaml").write_text("\n".join([*kept, change]))
    (tmp_path / "x.py").write_text("pass")
    with pytest.raises(AuthorError, match=re.escape(detail)):
        list(load_cases(tmp_path))


def test_a_file_and_its_side_car_belong_together(tmp_path: Path):
    (tmp_path / "x.py").write_text("pass")
    with pytest.raises(AuthorError, match="no side-car"):
        list(load_cases(tmp_path))
    (tmp_path / "x.yaml").write_text(GOOD)
    (tmp_path / "y.yaml").write_text(GOOD)
    with pytest.raises(AuthorError, match="either a file or"):
        list(load_cases(tmp_path))


def test_content_is_made_of_its_pieces(tmp_path: Path):
    (tmp_path / "x.yaml").write_text(GOOD + 'content: [{text: "a", times: 3}, {hex: "00ff"}]\n')
    (case,) = load_cases(tmp_path)
    assert case.template == b"aaa\x00\xff"
