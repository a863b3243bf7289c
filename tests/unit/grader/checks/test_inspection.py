from __future__ import annotations

from dataclasses import replace

import pytest

from grader.checks import CheckFailed, expect
from grader.domain.layers import Conv2D, Dense, Flatten, MaxPooling2D
from grader.domain.model_spec import chain

MODEL = replace(
    chain((12, 12, 1), Conv2D(filters=4, kernel_size=(3, 3)), MaxPooling2D(), Flatten(), Dense(3)),
    name="small",
)
ALL = (1, 2, 3, 4)


def failure(check, *arguments, **options):
    with pytest.raises(CheckFailed) as caught:
        check(*arguments, **options)
    return caught.value


def test_names():
    expect.layer_names(MODEL, ["conv2d", "maxpooling2d", "flatten", "dense"])
    expect.model_name(MODEL, "small")
    assert failure(expect.layer_names, MODEL, ["one"]).message.code == "wrong_layer_names"
    assert failure(expect.model_name, MODEL, "my_sequential").actual == "small"


def test_not_built():
    expect.not_built(replace(MODEL, built_for_you=True))
    assert failure(expect.not_built, MODEL).message.code == "already_built"


def test_shapes_and_parameters_on_the_way():
    expect.shape_after(MODEL, "Conv2D", (10, 10, 4))
    expect.shape_after(MODEL, "MaxPooling2D", (5, 5, 4))
    expect.shape_after(MODEL, ("AveragePooling2D", "MaxPooling2D"), (5, 5, 4))
    expect.layer_params(MODEL, "Conv2D", 40)
    found = failure(expect.shape_after, MODEL, "Conv2D", (5, 5, 4))
    assert (found.expected, found.actual) == ("(None, 5, 5, 4)", "(None, 10, 10, 4)")
    assert failure(expect.layer_params, MODEL, "Dense", 3).actual == "303"
    assert failure(expect.shape_after, MODEL, "Conv2D", (1,), nth=1).message.params["found"] == 1


def test_every_layers_output():
    expect.every_layers_output(replace(MODEL, outputs=ALL))
    expect.every_layers_output(replace(MODEL, outputs=(0, *ALL)))
    assert failure(expect.every_layers_output, MODEL).message.params == {"layer": "conv2d"}
    assert (
        failure(expect.every_layers_output, replace(MODEL, outputs=(*ALL, 4))).message.code
        == "outputs_in_disorder"
    )
    backwards = failure(expect.every_layers_output, replace(MODEL, outputs=ALL[::-1]))
    assert backwards.actual == "dense, flatten, maxpooling2d, conv2d"


def test_a_model_of_many_outputs_is_one_network():
    spread = replace(MODEL, outputs=ALL[::-1])
    assert spread.through == MODEL
    expect.layer_order(
        spread.through, [Conv2D(filters=4, kernel_size=(3, 3)), MaxPooling2D(), Flatten(), Dense(3)]
    )
