"""The comparison of layers as a terminal shows it."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from grader.checks import CheckFailed, expect
from grader.cli.comparison import side_by_side
from grader.domain.graph import Graph
from grader.domain.layers import Activation, Add, Conv2D, Dense, Dropout, Flatten, MaxPooling2D
from grader.domain.model_spec import chain
from grader.domain.report import PartReport, Report, Verdict
from grader.messages import render_report

SHAPE = (32, 32, 3)
CONV = Conv2D(filters=32, kernel_size=(3, 3))
ASKED = (CONV, MaxPooling2D(), Dropout(0.5), Flatten(), Dense(5))


def shown(model, asked=ASKED, width=110):
    with pytest.raises(CheckFailed) as caught:
        expect.layer_order(model, asked)
    part = PartReport("model", "build_model", diff=caught.value.diff)
    public = render_report(Report("a", "v", Verdict.FAILED, 10, 3, (), parts=(part,)))
    out = io.StringIO()
    Console(file=out, width=width).print(side_by_side(public["parts"][0]["diff"]))
    return out.getvalue()


def row(text, *words):
    return next(line for line in text.splitlines() if all(word in line for word in words))


def test_an_arrow_stands_at_what_to_change_first_with_the_shape_there():
    text = shown(chain(SHAPE, CONV, Dropout(0.5), Flatten(), Dense(6)))
    assert "→" in row(text, "MaxPooling2D()", "missing")
    assert "different: units" in row(text, "Dense(5)", "Dense(6)")
    assert text.count("→") == 2
    assert "→ The shape there should be (None, 15, 15, 32); it is (None, 30, 30, 32)." in text


def test_a_layer_that_does_nothing_is_shown_beside_the_asked_one():
    text = shown(chain(SHAPE, CONV, MaxPooling2D(), Dropout(0.0), Flatten(), Dense(5)))
    assert row(text, "Dropout(0.5)", "Dropout(0)", "does nothing")
    assert "→ The shape there is (None, 15, 15, 32)." in text


def test_swapped_layers_stand_in_two_rows():
    text = shown(chain(SHAPE, CONV, Dropout(0.5), MaxPooling2D(), Flatten(), Dense(5)))
    assert text.count("swapped") == 2


def test_branches_have_numbered_lines_and_say_where_their_numbers_come_from():
    def block(*, around):
        graph = Graph()
        start = graph.input((4,))
        hidden = graph.add(start, Dense(4), Activation("relu"))
        second = graph.add(hidden, Dense(4))
        return graph.model(graph.merge(Add(), second, hidden if around else start))

    text = shown(block(around=False), block(around=True))
    assert row(text, "Add()", "gets other numbers")
    assert "from 2 and 3" in text or "from 3 and 2" in text
    assert "from the input" in text


def test_markup_of_a_student_is_text():
    lines = [{"kind": "extra", "expected": None, "actual": "[red]x[/]", "message": "too many"}]
    out = io.StringIO()
    Console(file=out, width=80).print(side_by_side(lines))
    assert "[red]x[/]" in out.getvalue()
