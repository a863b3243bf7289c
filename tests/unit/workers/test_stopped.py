"""Notes about what stopped are strangers' words: known codes, places that are counted, nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from grader import messages
from grader.domain.message import message
from workers import stopped

BOOK = "# %% cell 1 of the notebook\na = 1\n\n# %% cell 2 of the notebook\nb = 2\nc = 3\n"
ERROR = {"reason": "bad_code", "code": "file_not_found", "params": {"name": "x.csv"}, "location": {"line": 1}}


def words(*notes: Any, source: str = "a\nb\n", limit: Any = None, language: str = "en") -> list[str]:
    return [messages.render(note, language) for note in stopped.told(list(notes), source, limit)]


def note(**params: str) -> dict[str, Any]:
    return {"code": "stopped", "params": {"lines": "1", "more": "0", **params}, "error": ERROR}


def test_the_place_and_the_reason_are_told() -> None:
    (told,) = words(note(lines="1, 2, 2", more="3"))
    assert told.startswith("Stopped here: line 1; line 2 and 3 more. ")
    assert "x.csv" in told


def test_in_a_notebook_a_place_is_a_cell_and_a_line_of_it_in_every_language() -> None:
    assert "cell 1, line 1; cell 2, line 2" in words(note(lines="2, 6"), source=BOOK)[0]
    assert "第 2 个单元格第 2 行" in words(note(lines="6"), source=BOOK, language="zh")[0]


@pytest.mark.parametrize(
    ("source", "is_missed"),
    [
        ("for n in sizes:\n    block(model, n)\nmodel.add(x)\n", True),
        ("block( model )\n", True),
        ("block(other)\nblock(model)\n", False),
        ("model = block(old_model)\n", False),
        ("", False),
    ],
)
def test_lines_that_stopped_and_were_given_a_model_are_told_by_it(source: str, is_missed: bool) -> None:
    error = {"reason": "bad_code", "code": "missing_module", "params": {"module": "utils"}}
    told = stopped.missed([note() | {"error": error}, 5, {}], source, "model")
    assert (told is not None) == is_missed
    if told is not None:
        text = messages.render(told)
        assert "line 1" in text
        assert "Put what you use of utils into this file" in text


def test_what_a_limit_cut_off_is_told_with_the_limit() -> None:
    cut = {"code": "cut_off", "params": {"lines": "2"}}
    limit = message("time_limit_cpu", seconds=10)
    assert words(cut, limit=limit)[0].startswith("Cut off here: line 2. ")
    assert "10 seconds" in words(cut, limit=limit)[0]
    assert words(cut) == [], "there was no limit"


def test_a_name_that_moved_on_is_told() -> None:
    assert "model" in words({"code": "name_moved_on", "params": {"name": "model", "lines": "2"}})[0]


@pytest.mark.parametrize(
    "wrong",
    [
        5,
        {"code": "stopped"},
        {"code": "stopped", "params": 5},
        {"code": "other", "params": {"lines": "1"}},
        {"code": ["stopped"], "params": {"lines": "1"}},
        note(lines=""),
        note(lines="x"),
        note(lines="-1"),
        note(lines="0"),
        note(lines="9" * 20),
        note(lines="٣"),
    ],
)
def test_what_is_no_note_is_left_out(wrong: Any) -> None:
    assert words(wrong) == []


@pytest.mark.parametrize("wrong", [5, {"code": "x"}, {**ERROR, "params": {}}])
def test_a_reason_that_is_none_is_told_as_a_disturbed_one(wrong: Any) -> None:
    assert "disturbed" in words({**note(), "error": wrong})[0]


def test_there_are_not_more_than_twenty() -> None:
    assert len(words(*[note()] * 100)) == 20
    assert words(*["x"] * 100) == stopped.told("text", "") == []
