from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.domain.description import Bounds, clean, read_model
from grader.domain.errors import Reason, StudentError


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
        (Bounds(activations=6), "too_large_activations"),
        (Bounds(operations=5), "too_many_operations"),
    ],
)
def test_a_model_over_its_bounds_is_too_big(bounds, code):
    assert refusal(described(), bounds=bounds) == (Reason.TOO_BIG, code)


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
