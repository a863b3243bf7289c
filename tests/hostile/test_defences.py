"""The table of defences is made of the rows, the rows name what is there, and each can still be switched off."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.hostile.cases import load_cases
from tests.hostile.defence import Defence
from tests.hostile.defences import ALL, PLACE, document
from tests.hostile.switching import ROOT, Change, switched_off


def test_the_page_is_what_the_rows_say():
    assert PLACE.read_text("utf-8") == document(), "run python -m tests.hostile.defences"


def test_there_are_enough():
    assert len(ALL) >= 95


def test_every_row_has_a_name_of_its_own():
    assert max(Counter(defence.name for defence in ALL).values()) == 1


@pytest.mark.parametrize("defence", ALL, ids=lambda defence: defence.name)
def test_what_a_row_switches_off_is_there(defence: Defence):
    texts: dict[str, str] = {}
    for change in defence.off:
        texts[change.file] = change.apply(texts.get(change.file) or (ROOT / change.file).read_text("utf-8"))
    assert all(compile(text, file, "exec") for file, text in texts.items())


def test_every_row_names_a_case():
    assert {defence.case for defence in ALL} <= {case.name for case in load_cases()}


def test_two_that_stand_for_each_other_are_explained():
    for defence in ALL:
        assert not defence.together or len(defence.off) > 1, defence.name


def test_a_change_that_no_longer_fits_is_an_error(tmp_path: Path):
    change = Change("grader/visible.py", "return nothing that is there", "")
    with pytest.raises(AssertionError, match="holds 0 times"), switched_off([change]):
        pass


def test_a_function_runs_its_changed_code_until_the_end():
    from grader.visible import visible

    with switched_off([Change("grader/visible.py", "return _TRICKS.sub(_picture, text)", "return text")]):
        assert visible("\x1b") == "\x1b"
    assert visible("\x1b") == "␛"
