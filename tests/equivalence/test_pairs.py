"""Keras itself is the judge of which models are one architecture; `canonical` is what is judged."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from grader.domain.canonical import canonical
from grader.domain.description import read_model

SPEC = importlib.util.spec_from_file_location("pairs", Path(__file__).with_name("pairs.py"))
pairs = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(pairs)

pytestmark = pytest.mark.training


@pytest.fixture(scope="module")
def keras():
    import keras

    return keras


def form(model, shape=pairs.PICTURE):
    from workers.guest.describe import describe

    return canonical(read_model(describe(model, shape)))


@pytest.mark.parametrize("name", pairs.EQUAL)
def test_equal_pairs_have_one_form_and_keras_agrees(keras, name):
    first, second = (build(keras, keras.layers) for build in pairs.EQUAL[name])
    assert form(first) == form(second)
    assert form(first).digest == form(second).digest
    assert_keras_sees_one_function(first, second)


@pytest.mark.parametrize("name", pairs.DIFFERENT)
def test_different_pairs_have_two_forms(keras, name):
    first, second = (build(keras, keras.layers) for build in pairs.DIFFERENT[name])
    assert form(first) != form(second)


def test_the_oracle_can_say_no(keras):
    first, second = (build(keras, keras.layers) for build in pairs.DIFFERENT["relu is not leaky relu"])
    with pytest.raises(AssertionError):
        assert_keras_sees_one_function(first, second)


def assert_keras_sees_one_function(first, second):
    """Equal outputs and gradients, to inputs and to weights, on random inputs and random weights."""
    import tensorflow as tf

    random = np.random.default_rng(7)
    x = tf.constant(random.normal(size=(4, *first.inputs[0].shape[1:])).astype("float32"))
    if not second.built:
        second.build((None, *x.shape[1:]))
    for variable in first.weights:
        drawn = random.normal(0, 0.3, variable.shape)
        variable.assign(np.abs(drawn) if "variance" in variable.path else drawn)
    mapping = list(zip(held_by(first), held_by(second), strict=True))
    for source, target in mapping:
        target.assign(source)
    results = [
        outputs_and_gradients(model, x, [pair[side] for pair in mapping])
        for side, model in enumerate((first, second))
    ]
    for one, other in zip(*results, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def held_by(model):
    """The model's variables, sorted by layer name where the pair names its layers."""
    named = all(layer.name in ("left", "right", "last") for layer in model.layers if layer.weights)
    layers = sorted(model.layers, key=lambda layer: layer.name) if named else model.layers
    return [variable for layer in layers for variable in layer.weights]


def outputs_and_gradients(model, x, variables):
    import tensorflow as tf

    trained = [variable.value for variable in variables if variable.trainable]
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = model(x, training=False)
        pull = tf.reduce_sum(y * tf.cos(tf.reshape(tf.range(tf.size(y), dtype=tf.float32), tf.shape(y))))
    return [y, *tape.gradient(pull, [x, *trained])]
