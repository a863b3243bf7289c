from __future__ import annotations

from grader.spreadsheet import safe_cell


def test_a_cell_is_never_a_formula():
    assert [safe_cell(text) for text in ("=1", "+1", "-1", "@x", "\tx", "x", "")] == [
        "'=1",
        "'+1",
        "'-1",
        "'@x",
        "'\tx",
        "x",
        "",
    ]
