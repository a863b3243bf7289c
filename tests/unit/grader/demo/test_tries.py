from __future__ import annotations

from collections import Counter

import pytest

from grader.demo.tries import SOLUTIONS, VERDICTS, chosen, reference_solutions


def test_all_of_them() -> None:
    tries = reference_solutions()
    assert {each.path for each in tries} == {
        path for path in SOLUTIONS.glob("*/*/*.py") if path.parent.name in VERDICTS
    }
    assert chosen(tries, "all") == tries


def test_a_sample_has_one_of_each_exercise_and_verdict() -> None:
    tries = reference_solutions()
    sample = chosen(tries, "sample")
    everything = {(each.slug, each.expected) for each in tries}
    assert Counter((each.slug, each.expected) for each in sample) == Counter(everything)
    assert {each.expected for each in sample} == set(VERDICTS.values())
    assert [each for each in tries if each in sample] == sample


def test_some_exercises() -> None:
    tries = chosen(reference_solutions(), "xor, traffic-dense")
    assert {each.slug for each in tries} == {"xor", "traffic-dense"}


def test_an_exercise_that_there_is_not() -> None:
    with pytest.raises(ValueError, match=r"no exercise is called nonsense.*traffic-dense"):
        chosen(reference_solutions(), "xor nonsense")
