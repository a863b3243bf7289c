"""A notebook's code, and nothing else of it, becomes the source; errors are told by cell."""

from __future__ import annotations

import json
from typing import Any

import pytest

from grader.domain.errors import Location, Reason, StudentError
from grader.services.notebook import MAX_NOTEBOOK_BYTES, locate
from grader.services.source import MAX_CODE_BYTES, read_source

PICTURE = {"output_type": "display_data", "data": {"image/png": "A" * 400_000}}


def code(*lines: str, **more: Any) -> dict[str, Any]:
    return {"cell_type": "code", "source": list(lines), "outputs": [], "metadata": {}} | more


def book(*cells: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5, "metadata": {}} | more).encode()


def refused(data: bytes, name: str = "homework.ipynb") -> str:
    with pytest.raises(StudentError) as caught:
        read_source(data, name)
    assert caught.value.reason is Reason.BAD_UPLOAD
    return caught.value.messages[0].code


def test_code_cells_come_in_order_and_nothing_else() -> None:
    text = {"cell_type": "markdown", "source": "<script>alert(1)</script>"}
    raw = {"cell_type": "raw", "source": "not python"}
    data = book(text, code("import keras\n", "x = 1\n"), raw, code("y = 2", outputs=[PICTURE]))
    assert read_source(data, "homework.ipynb") == (
        "# %% cell 1 of the notebook\nimport keras\nx = 1\n\n# %% cell 2 of the notebook\ny = 2\n\n"
    )


@pytest.mark.parametrize("name", ["homework.ipynb", "HOMEWORK.IPYNB", "homework.py", ""])
def test_a_notebook_is_known_by_its_name_or_its_contents(name: str) -> None:
    assert "x = 1" in read_source(book(code("x = 1")), name)


def test_a_source_may_be_one_text_and_lines_may_end_as_on_windows() -> None:
    assert read_source(book({"cell_type": "code", "source": "a = 1\r\nb = 2"})).endswith("\na = 1\nb = 2\n\n")


def test_the_third_format_is_read() -> None:
    cells = [{"cell_type": "code", "input": ["x = 3\n"], "language": "python"}]
    data = json.dumps({"nbformat": 3, "metadata": {}, "worksheets": [{"cells": cells}]}).encode()
    assert "x = 3" in read_source(data, "old.ipynb")


def test_the_cap_is_on_the_code_and_not_on_the_pictures() -> None:
    outputs = [PICTURE] * 20
    assert len(book(code("x = 1", outputs=outputs))) > 30 * MAX_CODE_BYTES
    assert read_source(book(code("x = 1", outputs=outputs)), "a.ipynb")
    assert refused(book(code("x" * MAX_CODE_BYTES))) == "too_large"
    assert refused(b'{"cells": "' + b" " * MAX_NOTEBOOK_BYTES + b'"}') == "notebook_too_large"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"{}", "notebook_without_code"),
        (b"x = 1", "notebook_unreadable"),
        (b"[1, 2]", "notebook_unreadable"),
        (b'{"cells": [', "notebook_unreadable"),
        (b'{"a": ' * 100_000, "notebook_unreadable"),
        (b'{"cells": "\xff"}', "notebook_unreadable"),
        (book(), "notebook_without_code"),
        (book(code("  ", "\n")), "notebook_without_code"),
        (book({"cell_type": "markdown", "source": "x = 1"}), "notebook_without_code"),
        (book(code("x <- 1"), metadata={"kernelspec": {"language": "R"}}), "notebook_other_language"),
        (b'{"cells": 7, "worksheets": {"cells": 8}}', "notebook_without_code"),
        (book({"cell_type": "code", "source": {"a": 1}}), "notebook_without_code"),
    ],
)
def test_what_is_no_python_notebook_is_refused_in_words(data: bytes, expected: str) -> None:
    assert refused(data) == expected


def test_half_a_character_pair_becomes_a_question_mark() -> None:
    assert "x = '?'" in read_source(book(code("x = '\ud83d'")), "a.ipynb")


def test_a_line_is_found_in_its_cell() -> None:
    source = read_source(book(code("a = 1\n", "b = 2"), code("c = 3\n", "d = (")), "a.ipynb")
    lines = source.split("\n")
    assert locate(source, lines.index("d = (") + 1, 5) == Location(2, 5, 2)
    assert locate(source, lines.index("a = 1") + 1) == Location(1, None, 1)
    assert locate("a = 1\nb = (\n", 2, 3) == Location(2, 3, None)
    assert locate("# %% cell two of the notebook\nb\n", 2) == Location(2, None, None)
    # A line of a student's own: no cell has that number, and a report could not keep it.
    assert locate(f"# %% cell 1 of the notebook\n# %% cell {10**40} of the notebook\nb\n", 3) == Location(
        2, None, 1
    )
    assert locate("", None) == Location()
