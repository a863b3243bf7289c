from __future__ import annotations

from dataclasses import replace

from grader.domain import edit
from grader.domain.layers import Add, Conv2D, Dense, Flatten, MaxPooling2D
from grader.domain.model_spec import ModelSpec, NamedLayer, chain

PICTURES = chain((8, 8, 1), Conv2D(filters=2, kernel_size=(3, 3)), MaxPooling2D(), Flatten(), Dense(3))


def every_output(model: ModelSpec) -> ModelSpec:
    return replace(model, outputs=tuple(range(1, len(model.nodes))))


def listed(model):
    return [model.layer_of(place).layer.kind for place in range(len(model.nodes))]


def test_a_layer_left_out_hands_its_input_on():
    fewer = edit.without(PICTURES, 2)
    assert listed(fewer) == ["InputLayer", "Conv2D", "Flatten", "Dense"]
    assert fewer.shapes == ((8, 8, 1), (6, 6, 2), (72,), (3,))
    assert [named.name for named in fewer.layers] == ["input", "conv2d", "flatten", "dense"]


def test_the_last_layer_left_out_ends_the_model_before_it():
    assert edit.without(PICTURES, 4).output_shapes == ((18,),)


def test_of_several_outputs_the_one_of_a_layer_goes_with_it():
    fewer = edit.without(every_output(PICTURES), 2)
    assert fewer.outputs == (1, 2, 3)


def test_a_layer_put_in_takes_over():
    more = edit.inserted(PICTURES, 1, NamedLayer("again", Conv2D(filters=5, kernel_size=(3, 3))))
    assert more.shapes == ((8, 8, 1), (6, 6, 2), (4, 4, 5), (2, 2, 5), (20,), (3,))
    assert more.outputs == (5,)
    assert edit.inserted(PICTURES, 4, NamedLayer("again", Dense(7))).output_shapes == ((7,),)


def test_of_several_outputs_a_layer_put_in_gives_one_more():
    more = edit.inserted(
        every_output(PICTURES), 1, NamedLayer("again", Conv2D(filters=5, kernel_size=(3, 3)))
    )
    assert more.outputs == (1, 2, 3, 4, 5)


def test_a_layer_put_in_may_take_more_than_what_it_follows():
    squares = chain((4,), Dense(4), Dense(3))
    around = edit.inserted(squares, 1, NamedLayer("sum", Add()), (0,))
    assert around.nodes[2].inputs == (1, 0)
    assert around.nodes[3].inputs == (2,)
    assert around.output_shapes == ((3,),)


def test_neighbours_change_places():
    assert list(edit.neighbours(PICTURES)) == [(1, 2), (2, 3), (3, 4)]
    assert listed(edit.swapped(PICTURES, 2, 3)) == [
        "InputLayer",
        "Conv2D",
        "Flatten",
        "MaxPooling2D",
        "Dense",
    ]


def test_two_branches_are_no_neighbours():
    around = edit.inserted(chain((4,), Dense(4), Dense(4)), 1, NamedLayer("sum", Add()), (0,))
    assert (0, 1) not in list(edit.neighbours(around))


def test_a_layer_used_again_replaces_one_with_all_its_weights():
    twice = chain((4,), Dense(4), Dense(4))
    assert edit.used_again(twice, 1, 2).params == 20
    assert len(edit.used_again(twice, 1, 2).layers) == 2


def test_another_input():
    assert edit.with_input(PICTURES, (9, 8, 1)).input_shapes == ((9, 8, 1),)
