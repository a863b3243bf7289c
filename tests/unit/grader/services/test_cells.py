"""What is cut out of a notebook changes nothing of what is read, and what is too much is counted before it is made."""

from __future__ import annotations

import json
import tracemalloc
from typing import Any

import pytest

from grader.services import cells
from grader.services.cells import Sprawling, read_cells

CELL = {"cell_type": "code", "source": ["a = '[{'\n", 'b = "}\\"]"']}


def book(outputs: Any) -> dict[str, Any]:
    named = {"kernelspec": {"name": "python3", "language": "python"}, "other": {"name": [1]}}
    return {"metadata": named, "cells": [CELL | {"outputs": outputs, "id": "x"}, CELL], "nbformat": 4}


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize(
    "outputs", [[], {}, "text", 7, None, [{"cells": ["]"]}], [["\\", '"', "a\\"]], {"source": {"x": ["}"]}}]
)
def test_only_what_is_not_read_is_missing(outputs: Any, indent: int | None) -> None:
    data = json.dumps(book(outputs), indent=indent).encode()
    expected = book(None if isinstance(outputs, list | dict) else outputs)
    expected["metadata"]["other"] = None
    assert read_cells(data) == expected


def test_a_key_in_another_spelling_is_the_same_key() -> None:
    assert read_cells(b'{"cells": [{"so\\u0075rce": ["x = 1"]}]}') == {"cells": [{"source": ["x = 1"]}]}


@pytest.mark.parametrize(
    "data",
    [b'{"outputs": [', b'{"outputs": [}', b'{"outputs": []', b'{"a": [[}', b'{"a": "', b"]" * 9, b'{"cells": "\xff"}', b""],
)  # fmt: skip
def test_what_is_no_json_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"JSON|Expecting|ends|codec|char") as caught:
        read_cells(data)
    assert not isinstance(caught.value, Sprawling)


@pytest.mark.parametrize(
    "data",
    [
        b'{"outputs": [' + b"[[]]," * 400,
        b'{"outputs": [' + b'"",' * 1200,
        b'{"cells": [' + b"1," * 400 + b"1]}",
        b'{"cells": ' + b"[" * 20 + b"]" * 20 + b"}",
        b'{"cells": [' + b"]" * 1200,
    ],
    ids=["lists", "texts", "numbers", "levels", "ends"],
)
def test_too_much_is_counted_before_it_is_made(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "MOST_MARKS", 1000)
    monkeypatch.setattr(cells, "MOST_VALUES", 300)
    with pytest.raises(Sprawling):
        read_cells(data)


def test_numbers_of_a_plot_cost_nothing() -> None:
    data = json.dumps(book(None)).encode().replace(b"null", b"[" + b"1.5," * 200_000 + b"1]", 1)
    tracemalloc.start()
    try:
        assert read_cells(data)["cells"][1] == CELL
        assert tracemalloc.get_traced_memory()[1] < len(data) / 2
    finally:
        tracemalloc.stop()
