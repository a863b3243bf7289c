"""What the guest says of today's spellings: all that is no code is a phrase, which every language has."""

from __future__ import annotations

import ast
from pathlib import Path

from grader.domain.message import Message, message
from grader.messages import render
from tests.chinese import is_prose
from workers.today import in_words

TABLES = {"names", "extras"}
NAMED = {"today", "_NO_SESSION"}
CODE = {"import tensorflow as tf"}
COMPAT = Path(__file__).resolve().parents[3] / "workers" / "guest" / "compat"


def texts():
    """Every text of the guest's that can be today's spelling: in its tables, given to `old`, or called `today`."""
    for path in sorted(COMPAT.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            found = [*_given(node), *(_values(node) if path.stem in TABLES else ())]
            yield from (each for each in found if isinstance(each, str))


def _given(node):
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "old":
        yield from (each.value for each in node.args[1:2] if isinstance(each, ast.Constant))
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
        yield from (node.value.value for name in node.targets if getattr(name, "id", "") in NAMED)


def _values(node):
    if isinstance(node, ast.Dict):
        for value in node.values:
            first = value.elts[0] if isinstance(value, ast.Tuple) and value.elts else value
            yield from (each.value for each in [first] if isinstance(each, ast.Constant))


def test_what_is_no_code_is_a_phrase():
    prose = {text for text in texts() if is_prose(text)} - CODE
    assert len(prose) >= 8
    assert [text for text in prose if not isinstance(in_words(text), Message)] == []


def test_a_call_without_an_argument_is_a_phrase():
    assert in_words("Dense() without init") == message("today_without", call="Dense()", name="init")
    assert render(in_words("compile() without mode"), "zh") == "compile()，不带 mode"
    assert in_words("keras.layers") == "keras.layers"
