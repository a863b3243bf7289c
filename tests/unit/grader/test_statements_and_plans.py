"""What the statements say of the number of trainings is what the plans do, in both languages."""

from __future__ import annotations

import re

import pytest

from grader.catalog import load_catalog
from grader.services.ports import Patience
from grader.settings import BUILT_IN_ASSIGNMENTS
from workers.training.trainer import TrainerLimits

ASSIGNMENTS = load_catalog([BUILT_IN_ASSIGNMENTS]).assignments
TRAINED = sorted(
    (slug, part.name)
    for slug, assignment in ASSIGNMENTS.items()
    for part in assignment.parts
    if part.plan is not None
)
WORDS = {"three": 3, "five": 5, "seven": 7, "nine": 9, "三": 3, "五": 5, "七": 7, "九": 9}
TIMES = {
    "statement.md": re.compile(r"\b(\w+)\s+times\b"),
    "statement.zh.md": re.compile("(?:最多共|从)(.)(?:次|个不同的起点)"),
}

OTHERWISE = {"xor": "all four|全部四个"}
"""Thresholds that are told in other words: of four points, more than three quarters are all."""


@pytest.mark.parametrize("name", TIMES)
@pytest.mark.parametrize(("slug", "part"), TRAINED)
def test_a_statement_says_how_often_a_network_may_be_trained(slug, part, name):
    [plan] = [each.plan for each in ASSIGNMENTS[slug].parts if each.name == part]
    text = (BUILT_IN_ASSIGNMENTS / slug / name).read_text("utf-8")
    told = {WORDS[word] for word in TIMES[name].findall(text) if word in WORDS}
    assert told == ({plan.most_runs} if plan.most_runs > 1 else set())


@pytest.mark.parametrize("name", TIMES)
@pytest.mark.parametrize(("slug", "part"), TRAINED)
def test_a_statement_says_what_is_asked_for(slug, part, name):
    """The threshold as a percentage, and how many epochs the class plan has."""
    [plan] = [each.plan for each in ASSIGNMENTS[slug].parts if each.name == part]
    text = (BUILT_IN_ASSIGNMENTS / slug / name).read_text("utf-8")
    assert re.search(OTHERWISE.get(slug, rf"\b{plan.threshold * 100:.0f}\s?%"), text), plan.threshold
    assert re.search(rf"(?<!\d){plan.epochs}\s?(epochs|轮)", text) or _in_words(plan.epochs, text)


def _in_words(epochs, text):
    english, chinese = {2: ("two", "两"), 3: ("three", "三"), 4: ("four", "四"), 8: ("eight", "八")}.get(
        epochs, ("-", "-")
    )
    return re.search(rf"\b{english}\s+epochs", text) or re.search(f"{chinese}轮|{chinese}个轮次", text)


def test_signs_of_life_are_believed_for_as_long_as_a_class_plan_may_take_on_half_a_core() -> None:
    runs = max(
        part.plan.most_runs
        for assignment in ASSIGNMENTS.values()
        for part in assignment.parts
        if part.plan is not None and not part.plan.long
    )
    assert Patience().longest_run >= 2 * runs * TrainerLimits().cpu_seconds
