from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from grader.domain.compiled import EQUAL_NUMBERS, Setting, loss, metric, optimizer, own
from grader.domain.compiled_description import read_compiled
from grader.domain.errors import Reason, StudentError

SCHEDULE = {
    "class": "InverseTimeDecay",
    "options": {
        "initial_learning_rate": 0.01,
        "decay_steps": 1000,
        "decay_rate": 0.001,
        "staircase": False,
        "name": "InverseTimeDecay",
    },
}
SGD = {
    "class": "SGD",
    "options": {"learning_rate": SCHEDULE, "momentum": 0.9, "nesterov": True, "name": "sgd_1"},
}
CLAIM = {
    "optimizer": SGD,
    "loss": {"name": "mse"},
    "metrics": [
        {"name": "acc"},
        {"class": "Accuracy", "options": {}},
        {"own": "mean_pred", "gives": "a tensor"},
    ],
}


def test_nothing_was_compiled():
    assert read_compiled(None) is None


def test_every_kind_of_setting_is_read():
    settings = read_compiled(CLAIM)
    assert settings.optimizer == optimizer("sgd", learning_rate=0.01, decay=1e-6, momentum=0.9, nesterov=True)
    assert settings.loss == loss("mean_squared_error")
    assert settings.metrics == (
        metric("accuracy"),
        Setting(EQUAL_NUMBERS),
        Setting("mean_pred", {"gives": "a tensor"}, own=True),
    )


def test_other_schedules_are_known_by_their_name():
    steps = {**SCHEDULE, "options": {**SCHEDULE["options"], "staircase": True}}
    claim = {**CLAIM, "optimizer": {"class": "Adam", "options": {"learning_rate": steps}}}
    assert read_compiled(claim).optimizer == optimizer("adam", learning_rate="InverseTimeDecay")


def test_options_that_nobody_asks_for_are_dropped():
    claim = {**CLAIM, "optimizer": {"class": "Adam", "options": {"surprise": [1, {"x": 2}], "name": "a"}}}
    assert read_compiled(claim).optimizer == optimizer("adam")


def test_a_students_words_are_made_safe():
    claim = {**CLAIM, "loss": {"own": "a\u202eb\n" * 100}}
    settings = read_compiled(claim)
    assert settings.loss == own(settings.loss.name)
    assert len(settings.loss.name) <= 64
    assert "\u202e" not in settings.loss.name


def test_several_losses_are_none_that_is_asked():
    assert read_compiled({**CLAIM, "loss": {"several": 2}}).loss == Setting("2 losses")


@pytest.mark.parametrize(
    "claim",
    [
        [],
        "adam",
        {**CLAIM, "optimizer": None},
        {**CLAIM, "optimizer": {"class": "SGD"}},
        {**CLAIM, "optimizer": {"class": "SGD", "options": {f"o{n}": n for n in range(50)}}},
        {**CLAIM, "optimizer": {"class": "SGD", "options": {"momentum": [0.9]}}},
        {**CLAIM, "optimizer": {"class": "SGD", "options": {"momentum": float("inf")}}},
        {**CLAIM, "optimizer": {"class": "SGD", "options": {"learning_rate": {"class": 3}}}},
        {**CLAIM, "loss": 3},
        {**CLAIM, "loss": {"several": "two"}},
        {**CLAIM, "metrics": None},
        {**CLAIM, "metrics": [{"name": "acc"}] * 17},
        {**CLAIM, "metrics": [None]},
    ],
)
def test_what_is_no_description_is_refused(claim):
    with pytest.raises(StudentError) as caught:
        read_compiled(claim)
    assert caught.value.reason is Reason.BAD_MODEL


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**19), 10**19) | st.floats() | st.text(max_size=8),
    lambda inside: (
        st.lists(inside, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["class", "options", "name", "own", "gives", "several", "learning_rate", "momentum"]
            ),
            inside,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@examples(max_examples=40)
@given(JSON, JSON, st.lists(JSON, max_size=3))
def test_any_json_is_read_or_refused(optimizer_claim, loss_claim, metrics):
    try:
        settings = read_compiled({"optimizer": optimizer_claim, "loss": loss_claim, "metrics": metrics})
    except StudentError:
        return
    assert settings.optimizer.notation()
    assert len(settings.metrics) == len(metrics)
