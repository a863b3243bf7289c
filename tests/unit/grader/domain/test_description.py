from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.domain.description import Bounds, clean, plain_model, read_model
from grader.domain.errors import Reason, StudentError
from grader.domain.layers import ADVICE
from grader.domain.message import message
from grader.messages import render


def described():
    return {
        "layers": [
            {"kind": "InputLayer", "name": "in", "trainable": True, "options": {"shape": [4]}},
            {"kind": "Dense", "name": "d", "trainable": True, "options": {"units": 3}},
        ],
        "nodes": [{"layer": 0, "inputs": []}, {"layer": 1, "inputs": [0]}],
        "inputs": [0],
        "outputs": [1],
        "built_for_you": False,
    }


def refusal(description, **options):
    with pytest.raises(StudentError) as caught:
        read_model(description, **options)
    return caught.value.reason, caught.value.messages[0].code


def test_a_model_is_read():
    model = read_model(described())
    assert model.output_shapes == ((3,),)
    assert (model.params, model.trainable_params) == (15, 15)


def test_a_frozen_layer_counts_and_is_not_trained():
    description = described()
    description["layers"][1]["trainable"] = False
    model = read_model(description)
    assert (model.params, model.trainable_params) == (15, 0)


def test_a_shared_layer_counts_once():
    description = described()
    description["layers"][1]["options"]["units"] = 4
    description["nodes"].append({"layer": 1, "inputs": [1]})
    description["outputs"] = [2]
    assert read_model(description).params == 20


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        (("layers", 1, "kind"), "Lambda", "refused_layer"),
        (("layers", 1, "kind"), "Nonsense", "unknown_layer"),
        (("layers", 1, "options", "units"), -1, "refused_option"),
        (("layers", 1, "options", "activation"), {"function": "mine"}, "custom_function"),
        (("layers", 1, "options"), {}, "bad_claim"),
        (("layers", 1, "options"), [], "bad_claim"),
        (("layers", 1, "trainable"), 1, "bad_claim"),
        (("layers",), 7, "bad_claim"),
        (("nodes",), [], "bad_claim"),
        (("nodes", 1, "inputs"), [1], "bad_claim"),
        (("nodes", 1, "inputs"), [True], "bad_claim"),
        (("nodes", 1, "layer"), 99, "bad_claim"),
        (("nodes", 1, "inputs"), [0, 0], "wrong_inputs"),
        (("outputs",), [0], "not_connected"),
        (("inputs",), [1], "not_connected"),
    ],
)
def test_what_no_keras_model_says_is_refused(path, value, code):
    description = described()
    target = description
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    assert refusal(description) == (Reason.BAD_MODEL, code)


@pytest.mark.parametrize(
    ("bounds", "code"),
    [
        (Bounds(params=14), "too_many_params"),
        (Bounds(layers=1), "too_many_layers"),
        (Bounds(activations=3), "too_large_activations"),
        (Bounds(activations=6), "too_many_activations"),
        (Bounds(operations=5), "too_much_work"),
    ],
)
def test_a_model_over_its_bounds_is_too_big(bounds, code):
    assert refusal(described(), bounds=bounds) == (Reason.TOO_BIG, code)


@pytest.mark.parametrize(
    ("bounds", "layer"),
    [
        (Bounds(params=15), None),
        (Bounds(params=14), "d"),
        (Bounds(layers=2), None),
        (Bounds(activations=7), None),
        (Bounds(activations=6), "in"),
        (Bounds(activations=3), "in"),
        (Bounds(operations=16), None),
        (Bounds(operations=15), "d"),
    ],
)
def test_bounds_have_an_edge_and_name_the_layer(bounds, layer):
    if layer is None:
        assert read_model(described(), bounds).nodes
        return
    with pytest.raises(StudentError) as caught:
        read_model(described(), bounds)
    told = caught.value.messages[0]
    assert told.params["layer"] == layer
    assert layer in render(told)


def chained(shape, *layers):
    """A description of layers that follow each other."""
    start = {"kind": "InputLayer", "options": {"shape": list(shape)}}
    described = [
        {"name": f"l{place}", "trainable": True, **layer} for place, layer in enumerate((start, *layers))
    ]
    nodes = [{"layer": place, "inputs": [place - 1] if place else []} for place in range(len(described))]
    return {"layers": described, "nodes": nodes, "inputs": [0], "outputs": [len(nodes) - 1], "name": "m"}


def test_sizes_stop_growing_where_they_are_too_large():
    """Or the numbers in a message would have hundreds of digits."""
    larger = {"kind": "UpSampling2D", "options": {"size": [32, 32]}}
    with pytest.raises(StudentError) as caught:
        read_model(chained((8, 8, 3), *[larger] * 190))
    told = caught.value.messages[0]
    assert (told.code, told.params["layer"], told.params["size"]) == (
        "too_large_activations",
        "l2",
        192 * 1024**2,
    )


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"kernel_initializer": {"class": "Orthogonal", "options": {"gain": 1.0}}}, None),
        ({"kernel_initializer": {"class": "Identity", "options": {}}}, None),
        ({"bias_initializer": {"class": "Orthogonal", "options": {}}}, "refused_option"),
        ({"bias_initializer": {"class": "Identity", "options": {}}}, "refused_option"),
        ({"bias_initializer": {"class": "Constant", "options": [1]}}, "refused_option"),
        ({"kernel_initializer": {"class": "Constant", "options": {"value": 10**400}}}, "refused_option"),
        ({"kernel_constraint": {"class": "UnitNorm", "options": {"axis": [1]}}}, None),
        ({"kernel_constraint": {"class": "UnitNorm", "options": {"axis": -2}}}, None),
        ({"kernel_constraint": {"class": "UnitNorm", "options": {"axis": 2}}}, "refused_option"),
        ({"bias_constraint": {"class": "MaxNorm", "options": {"axis": 1}}}, "refused_option"),
        ({"units": 10**400}, "refused_option"),
        (dict.fromkeys(map(str, range(100))), "bad_claim"),
    ],
)
def test_options_that_keras_could_not_build_or_train_with(options, code):
    dense = {"kind": "Dense", "options": {"units": 3} | options}
    if code is None:
        assert read_model(chained((4,), dense)).params == 15
    else:
        assert refusal(chained((4,), dense)) == (Reason.BAD_MODEL, code)


def test_a_layer_used_again_must_hold_the_same_tensors():
    """PReLU on (2, 3) and on (3, 2) has six slopes both times, and Keras cannot use the one for the other."""
    twice = chained(
        (2, 3), {"kind": "PReLU", "options": {}}, {"kind": "Permute", "options": {"dims": [2, 1]}}
    )
    twice["nodes"].append({"layer": 1, "inputs": [2]})
    twice["outputs"] = [3]
    assert refusal(twice) == (Reason.BAD_MODEL, "bad_shape")


@pytest.mark.parametrize("kind", sorted(ADVICE))
def test_what_is_refused_by_name_says_what_to_use(kind):
    description = chained((4,), {"kind": kind, "options": {}})
    with pytest.raises(StudentError) as caught:
        read_model(description)
    assert kind in render(caught.value.messages[0])
    assert render(message(ADVICE[kind])) in render(caught.value.messages[0])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_anything_at_all_is_read_or_refused(value):
    try:
        read_model(value)
    except StudentError:
        pass


@given(st.data())
def test_one_changed_place_is_read_or_refused(data):
    description = copy.deepcopy(described())
    places = list(_places(description))
    container, key = data.draw(st.sampled_from(places))
    container[key] = data.draw(JSON)
    try:
        model = read_model(description)
    except StudentError:
        return
    assert model.table().params >= 0


def _places(value):
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield value, key
        yield from _places(inner)


def test_names_are_made_safe_to_show():
    assert clean("a\x1b[31mb\u202ec\nd") == "a[31mbcd"
    assert clean("x" * 500) == "x" * 64
    assert clean("\0") == "?"


def test_a_model_is_written_as_it_is_read():
    description = described()
    description["layers"][1] |= {"trainable": False, "options": {"units": 3, "activation": "relu"}}
    description["name"] = "small"
    assert plain_model(read_model(description)) == description
