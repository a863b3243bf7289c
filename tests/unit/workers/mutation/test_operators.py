"""What the operators make of small models; the rules are those of `grader/domain/canonical.py`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.domain import compiled
from grader.domain.compiled import CompileSettings
from grader.domain.layers import Activation, Conv2D, Dense, Dropout, Flatten, MaxPooling2D, ReLU
from grader.domain.model_spec import chain
from workers.mutation import options, rewritings, starts, structure, surroundings
from workers.mutation.mutant import Aspect, View

NETWORK = chain(
    (8, 8, 1),
    Conv2D(filters=2, kernel_size=(3, 3), activation="relu"),
    MaxPooling2D(),
    Dropout(0.5),
    Flatten(),
    Dense(4, activation="relu"),
    Dense(4, activation="relu"),
    Dense(3, activation="softmax"),
)
EVERY = (*structure.OPERATORS, *options.OPERATORS, *surroundings.OPERATORS, *starts.OPERATORS)


@pytest.mark.parametrize("operator", EVERY, ids=lambda one: one.__name__)
def test_every_mutant_is_another_model(operator):
    for mutant in operator(NETWORK):
        model = mutant.model
        assert (model, model.name, model.compiled) != (NETWORK, NETWORK.name, NETWORK.compiled)


def changes(operator, model=NETWORK):
    return [mutant.change for mutant in operator(model)]


def test_options_get_other_values():
    told = changes(options.numbers)
    assert "layer 1 Conv2D: 4" in told
    assert "layer 1 Conv2D: (5, 5)" in told
    assert "layer 1 Conv2D: same" in told
    assert "layer 2 MaxPooling2D: (3, 3)" in told
    assert "layer 3 Dropout: 0.25" in told
    assert "layer 6 Dense: False" in told


def test_units_of_the_last_layer_are_classes():
    last = [mutant for mutant in options.numbers(NETWORK) if mutant.operator == "classes"]
    assert {mutant.aspect for mutant in last} == {Aspect.OUTPUT}
    assert len(last) == 2


def test_pooling_changes_its_kind_and_its_step():
    assert changes(options.pooling_kind) == ["layer 2 MaxPooling2D: AveragePooling2D"]
    assert changes(options.pooling_strides) == ["layer 2 MaxPooling2D"]


def test_the_last_activation_is_the_head():
    told = {mutant.change: mutant.aspect for mutant in options.activations(NETWORK)}
    assert told["layer 7 Dense: linear"] is Aspect.HEAD
    assert told["layer 1 Conv2D: tanh"] is Aspect.LAYERS
    assert next(iter(options.activations(chain((2,), ReLU())))).model.layers[1].layer == Activation("tanh")


def test_each_layer_that_learns_is_frozen_once_and_then_all():
    assert len(list(structure.frozen(NETWORK))) == 5


def test_equal_layers_are_shared():
    assert changes(structure.shared) == []
    assert changes(structure.shared, chain((4,), Dense(4), Dense(4))) == ["1. Dense also as 2. Dense"]


def test_compile_settings():
    sgd = compiled.optimizer("sgd", momentum=0.9)
    settings = CompileSettings(sgd, compiled.loss("mse"), (compiled.own("mine"),))
    model = replace(NETWORK, compiled=settings)
    assert "sgd" in changes(surroundings.optimizer, model)
    assert "mean_squared_error(from_logits=True)" in changes(surroundings.loss, model)
    assert "mine(gives='NoneType')" in changes(surroundings.metrics, model)
    assert len(changes(surroundings.not_compiled, model)) == 1
    for operator in surroundings.OPERATORS:
        assert all(mutant.operator not in ("loss", "optimizer") for mutant in operator(NETWORK))


def test_outputs_of_a_model_that_has_several():
    assert changes(surroundings.outputs) == []
    three = replace(NETWORK, outputs=(1, 2, 3))
    assert [mutant.model.outputs for mutant in surroundings.outputs(three)] == [
        (2, 3), (1, 3), (3, 2, 1), (2, 1, 3), (3,)
    ]  # fmt: skip


def test_starts_leave_the_architecture_alone():
    (zeros,), (shut,) = starts.all_zeros(NETWORK), starts.shut(NETWORK)
    assert View(zeros.model).form == View(shut.model).form == View(NETWORK).form
    assert all("Constant" in str(shut.model.layers[place].layer) for place in (1, 5, 6))
    assert "Constant" not in str(shut.model.layers[7].layer)


@pytest.mark.parametrize("operator", [*rewritings.IN_PLACE, *rewritings.OTHERS], ids=lambda one: one.__name__)
def test_rewritings_have_one_form(operator):
    spelled = chain((8, 8, 1), Flatten(), Dense(4), Activation("relu"), Dense(3), Activation("softmax"))
    found = [rewriting for model in (NETWORK, spelled) for rewriting in operator(model)]
    assert found
    for rewriting in found:
        model = (
            NETWORK
            if rewriting.model.input_shapes == NETWORK.input_shapes and "Conv2D" in str(rewriting.model)
            else spelled
        )
        assert rewriting.model != model
        assert View(rewriting.model).form == View(model).form, rewriting.change


def test_kinds_and_head():
    assert View(chain((2,), Dense(4, activation="relu"))).kinds == ("Dense", "relu")
    assert View(NETWORK).head == "softmax"
    assert View(chain((2,), Dense(1))).head == "Dense"
    assert View(chain((2,), Dense(1), Flatten(), Dropout(0.1))).head == "other"
