"""Keras itself is the judge of which models are one architecture; `canonical` is what is judged."""

from __future__ import annotations

import pytest

from grader.domain.canonical import canonical
from grader.domain.description import read_model
from tests.equivalence.judge import difference
from tests.equivalence.pairs import DIFFERENT, EQUAL
from tests.equivalence.spelling import PICTURE

pytestmark = pytest.mark.training


@pytest.fixture(scope="module")
def keras():
    import keras

    return keras


def built(keras, pair):
    return [build(keras, keras.layers) for build in pair]


def form(model):
    from workers.guest.describe import describe

    return canonical(read_model(describe(model, PICTURE)))


@pytest.mark.parametrize("name", EQUAL)
def test_equal_pairs_have_one_form_and_keras_agrees(keras, name):
    first, second = built(keras, EQUAL[name])
    assert form(first) == form(second)
    assert form(first).digest == form(second).digest
    assert difference(first, second) == ""


@pytest.mark.parametrize("name", DIFFERENT)
def test_different_pairs_have_two_forms_and_keras_agrees(keras, name):
    first, second = built(keras, DIFFERENT[name])
    assert form(first) != form(second)
    assert form(first).digest != form(second).digest
    assert difference(first, second) != ""


def test_there_are_enough_pairs():
    assert len(EQUAL) + len(DIFFERENT) >= 80


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("relu is not leaky relu", "outputs"),
        ("widened", "weights"),
        ("a frozen Dense", "what is trained"),
        ("an activity regularizer before the activation", "losses"),
        ("dropout does not commute with elu", "draws"),
    ],
)
def test_the_judge_can_say_no(keras, name, told):
    assert difference(*built(keras, DIFFERENT[name])) == told
