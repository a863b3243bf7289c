"""The drawing of a model: every box and every connection, nothing over anything else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from grader.domain.report import LayerRow
from grader.web.graph import BOX_HEIGHT, BOX_WIDTH, MOST_LAYERS, MOST_PIECES, Drawing, draw


def row(name: str, *inputs: str) -> LayerRow:
    return LayerRow(name, "Dense", inputs, (None, 4, 2), 0)


def ends(drawing: Drawing) -> list[list[tuple[float, float]]]:
    return [[tuple(map(float, point.split(","))) for point in line.split()] for line in drawing.lines]  # type: ignore[misc]


def test_a_chain_is_one_column() -> None:
    drawing = draw([row("a"), row("b", "a"), row("c", "b")])
    assert drawing is not None
    assert {box.x for box in drawing.boxes} == {0.0}
    assert [box.y for box in drawing.boxes] == sorted(box.y for box in drawing.boxes)
    assert len(drawing.lines) == 2
    assert drawing.boxes[0].shape == "4 × 2"


def test_branches_stand_beside_each_other_and_meet() -> None:
    drawing = draw([row("in"), row("left", "in"), row("right", "in"), row("add", "left", "right")])
    assert drawing is not None
    left, right = drawing.boxes[1:3]
    assert left.y == right.y
    assert abs(left.x - right.x) >= BOX_WIDTH
    assert len(drawing.lines) == 4


def test_a_line_past_a_layer_goes_around_its_box() -> None:
    drawing = draw([row("in"), row("inside", "in"), row("add", "inside", "in")])
    assert drawing is not None
    inside = drawing.boxes[1]
    passing = [x for line in ends(drawing) for x, y in line if inside.y < y < inside.y + BOX_HEIGHT]
    assert all(not inside.x <= x <= inside.x + BOX_WIDTH for x in passing)
    # in→inside, inside→add, and two pieces for in→add
    assert len(drawing.lines) == 4


def test_a_layer_used_twice_is_drawn_twice() -> None:
    drawing = draw([row("in"), row("shared", "in"), row("shared", "shared")])
    assert drawing is not None
    assert [box.name for box in drawing.boxes] == ["in", "shared", "shared"]
    assert len(drawing.lines) == 2


def test_nothing_and_far_too_much_are_not_drawn() -> None:
    assert draw([]) is None
    assert draw([row(str(place)) for place in range(MOST_LAYERS + 1)]) is None


@given(st.lists(st.lists(st.integers(0, 10**6), max_size=3), min_size=1, max_size=25))
def test_no_two_boxes_overlap_and_every_line_stays_inside(graph: list[list[int]]) -> None:
    layers = [
        row(str(place), *sorted({str(one % place) for one in inputs} if place else set()))
        for place, inputs in enumerate(graph)
    ]
    drawing = draw(layers)
    assert drawing is not None
    for number, one in enumerate(drawing.boxes):
        assert 0 <= one.x <= drawing.width - BOX_WIDTH
        for other in drawing.boxes[:number]:
            assert abs(one.x - other.x) >= BOX_WIDTH or abs(one.y - other.y) >= BOX_HEIGHT
    assert all(
        0 <= x <= drawing.width and 0 <= y <= drawing.height for line in ends(drawing) for x, y in line
    )
    assert len(drawing.lines) >= sum(len(layer.inputs) for layer in layers)


def many_lines(layers: int, inputs: int) -> list[LayerRow]:
    names = [f"l{place}" for place in range(layers)]
    return [
        row(name, *dict.fromkeys((*names[: min(inputs, place)], *names[max(place - 1, 0) : place])))
        for place, name in enumerate(names)
    ]


def test_lines_are_bounded_as_layers_are() -> None:
    assert draw(many_lines(147, 31)) is None
    for inputs in range(1, 31):
        drawing = draw(many_lines(40, inputs))
        assert drawing is None or len(drawing.lines) <= MOST_PIECES
    assert draw(many_lines(40, 1)) is not None
    assert draw([row("a"), row("b", *["a"] * (MOST_PIECES + 1))]) is None


def test_a_drawing_is_made_once() -> None:
    assert draw(many_lines(20, 2)) is draw(tuple(many_lines(20, 2)))
