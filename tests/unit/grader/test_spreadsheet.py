from __future__ import annotations

from grader.spreadsheet import safe_cell


def test_what_a_spreadsheet_drops_hides_no_formula():
    assert safe_cell(" =1") == "' =1"
    assert safe_cell("\ufeff=1") == "'\ufffd=1"
    assert safe_cell("\x1b[1m\u202ex") == "␛[1m\ufffdx"


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
