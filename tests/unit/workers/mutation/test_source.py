from __future__ import annotations

import ast

import pytest

from workers.mutation import source
from workers.mutation.mutant import Aspect

LOSS = '''
import tensorflow as tf

def untouched(x):
    return tf.square(x) * 2.0

def loss(y_true, y_pred):
    """The mean of the squares."""
    return tf.reduce_mean(tf.square(y_true - y_pred))
'''
LAYER = """
class Logging(layers.Layer):
    def __init__(self, factor=0.5, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor
        self.mean = keras.metrics.Mean(name="deviation")

    def call(self, inputs):
        self.add_loss(self.factor * tf.reduce_sum(inputs))
        self.mean.update_state(ops.std(inputs))
        return inputs
"""


def made(text, name):
    return {(mutant.operator, mutant.change): mutant for mutant in source.mutants(text, name)}


def test_slips_of_a_function():
    found = made(LOSS, "loss")
    assert found["other sign", "y_true - y_pred → y_true + y_pred"].subject.count("y_true + y_pred") == 1
    assert {operator for operator, _ in found} == {
        "other sign", "other function", "function lost", "over one axis", "other result", "gradient stopped",
        "numpy inside",
    }  # fmt: skip
    assert found["numpy inside", next(c for o, c in found if o == "numpy inside")].aspect is Aspect.GRAPH


@pytest.mark.parametrize(("text", "name"), [(LOSS, "loss"), (LAYER, "Logging")])
def test_every_mutant_is_another_program_and_leaves_the_rest_alone(text, name):
    whole = ast.unparse(ast.parse(text))
    for mutant in [*source.mutants(text, name), *source.rewritings(text, name)]:
        assert mutant.subject != whole
        compile(mutant.subject, "mutant", "exec")
        assert ("tf.square(x) * 2.0" in mutant.subject) == ("untouched" in text)
    assert ast.unparse(ast.parse(text)) == whole


def test_the_place_says_what_is_broken():
    found = made(LAYER, "Logging")
    aspects = {
        (operator, change.partition(" →")[0]): mutant.aspect for (operator, change), mutant in found.items()
    }
    assert aspects["other function", "tf.reduce_sum(inputs)"] is Aspect.ADDED_LOSS
    assert (
        aspects["statement lost", "self.add_loss(self.factor * tf.reduce_sum(inputs))"] is Aspect.ADDED_LOSS
    )
    assert aspects["other function", "ops.std(inputs)"] is Aspect.LAYER_METRIC
    assert aspects["other name", "name='deviation'"] is Aspect.LAYER_METRIC
    assert aspects["option ignored", "self.factor"] is Aspect.ADDED_LOSS
    assert aspects["gradient stopped", "return inputs"] is Aspect.GRADIENT


def test_a_name_that_is_not_there():
    with pytest.raises(ValueError, match="no nothing"):
        list(source.mutants(LOSS, "nothing"))
