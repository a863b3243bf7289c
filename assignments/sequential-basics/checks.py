"""What sequential-basics asks for. Every function gives a Sequential; most of them the same three layers."""

from __future__ import annotations

from grader.checks import architecture_check, expect
from grader.domain.layers import Activation, Dense, Layer
from grader.domain.model_spec import ModelSpec

TWO = (Dense(units=2), Activation("relu"), Dense(units=3), Activation("relu"))
THREE = (*TWO, Dense(units=4))


def network(model: ModelSpec, *layers: Layer) -> None:
    expect.input_shape(model, (4,))
    expect.layer_order(model, layers)
    expect.layer_settings(model, layers)


@architecture_check(points=2, part="from_list")
def from_list(model: ModelSpec) -> None:
    """from_list gives Dense 2, Dense 3 and Dense 4"""
    network(model, *THREE)


@architecture_check(points=2, part="with_add")
def with_add(model: ModelSpec) -> None:
    """with_add gives the same three layers"""
    network(model, *THREE)


@architecture_check(points=2, part="popped")
def popped(model: ModelSpec) -> None:
    """popped has lost the last layer"""
    network(model, *TWO)


@architecture_check(points=1, part="named")
def layer_names(model: ModelSpec) -> None:
    """the layers of named are called layer1, layer2 and layer3"""
    network(model, *THREE)
    expect.layer_names(model, ["layer1", "layer2", "layer3"])


@architecture_check(points=1, part="named", needs=layer_names)
def model_name(model: ModelSpec) -> None:
    """the model itself is called my_sequential"""
    expect.model_name(model, "my_sequential")


@architecture_check(points=1, part="unbuilt")
def not_built(model: ModelSpec) -> None:
    """unbuilt gives a model that does not know its input yet"""
    expect.not_built(model)


@architecture_check(points=1, part="unbuilt", needs=not_built)
def six_weights(model: ModelSpec) -> None:
    """its first call, on 4 numbers, makes 6 weights with 35 numbers"""
    network(model, *THREE)
    expect.params_equal(model, 35)
