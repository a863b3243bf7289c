"""Reports of several parts: a model with an output for each layer, and a function that was run and is no model."""

from __future__ import annotations

from dataclasses import replace
from html import unescape
from typing import Any

import pytest

from grader.domain.layers import Dense, Flatten
from grader.domain.model_spec import chain
from grader.domain.report import DiffLine, PartReport, Provenance
from grader.domain.training import ByAverages, SeededRun, TrainingRun

SEED = 81_619_720_041


@pytest.fixture
def saved(school: Any, make_report: Any) -> str:
    """A report with both parts, saved for Ada."""
    model = replace(chain((4, 2), Flatten(), Dense(3)), outputs=(1, 2))
    parts = (PartReport("extractor", "build_extractor", model.table()), PartReport("function", "custom_loss"))
    provenance = Provenance("0", "3", "2", "bubblewrap", probe_seed=SEED)
    submission = school.hand_in("ada")
    school.grade(submission, replace(make_report(), parts=parts, provenance=provenance))
    return str(submission.id)


def test_a_page_of_several_parts(browser: Any, saved: str) -> None:
    browser.sign_in("ada")
    page = browser.client.get(f"/submissions/{saved}")
    assert page.status_code == 200
    assert "Your model extractor" in page.text
    assert "(None, 8)" in page.text
    assert "Your model function" not in page.text


def test_the_seed_of_a_probe_is_for_staff_alone(callers: Any, saved: str) -> None:
    answers = {who: callers[who].get(f"/submissions/{saved}") for who in ("ada", "tess")}
    assert answers["ada"].status_code == 200
    assert str(SEED) not in answers["ada"].text
    assert answers["tess"].get_json()["report"]["provenance"]["probe_seed"] == SEED
    shown = answers["ada"].get_json()["report"]["parts"]
    assert [(part["name"], part["model"] is None) for part in shown] == [
        ("extractor", False),
        ("function", True),
    ]


def test_the_comparison_shows_what_to_change_first_and_where_branches_meet(
    browser: Any, school: Any, make_report: Any
) -> None:
    diff = (
        DiffLine("same", "Dense(4)", "Dense(4)", expected_inputs=(-1,), actual_inputs=(-1,)),
        DiffLine(
            "joined", "Add()", "Add()", layer="add", first=True, expected_shape=(None, 4), actual_shape=(None, 4),
            expected_inputs=(0, -1), actual_inputs=(0, 0),
        ),
    )  # fmt: skip
    submission = school.hand_in("ada")
    school.grade(submission, replace(make_report(), parts=(PartReport("model", "build_model", diff=diff),)))
    browser.sign_in("ada")
    page = " ".join(browser.client.get(f"/submissions/{submission.id}").text.split())
    assert "from 1, the input" in page
    assert "from 1, 1" in page
    assert "<strong>change this first</strong>: gets other numbers" in page
    assert "The shape there is (None, 4)." in page


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "(by Keras's own moving averages: 44.0 %)"), ("zh", "（按 Keras 自己的移动平均值：44.0 %）")],
)
def test_keras_own_figure_stands_beside_what_counts(
    browser: Any, school: Any, make_report: Any, language: str, told: str
) -> None:
    both = SeededRun(0, 1, {"accuracy": (1.0,)}, 0.88, ByAverages(0.44, 280))
    alone = replace(both, seed=1, by_averages=None)
    part = PartReport("model", "HappyModel", training=TrainingRun((both, alone)))
    submission = school.hand_in("ada")
    school.grade(submission, replace(make_report(), parts=(part,)))
    browser.sign_in("ada")
    page = unescape(browser.client.get(f"/submissions/{submission.id}?lang={language}").text)
    assert page.count("88.0 %") == 2
    assert page.count(told) == 1
