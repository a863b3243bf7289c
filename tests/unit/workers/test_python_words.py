"""Each of Python's own errors has a line of ours, and a place is told in the reader's language, once."""

from __future__ import annotations

import pytest

from grader.messages import render, render_lines
from workers import python_words


def own_words(source: str, **names: object) -> tuple[str, str]:
    """The class and the text of what a piece of code raises, by Python itself."""
    try:
        exec(source, dict(names))
    except Exception as error:
        return type(error).__name__, str(error)
    raise AssertionError(source)


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("1 / 0", "python_zero"),
        ("[1][5]", "python_index"),
        ("{}['a']", "python_key"),
        ("def f():\n x += 1\nf()", "python_before"),
        ("assert 1 == 2", "python_assert"),
        ("raise NotImplementedError", "python_no_method"),
        ("def f(): f()\nf()", "python_endless"),
        ("None.add(1)", "python_nothing"),
        ("[].appendd(1)", "python_no_attribute"),
        ("x = (1, 2)\nx(3)", "python_not_callable"),
        ("1 <= '2'", "python_text_number"),
        ("[] + 1", "python_kinds"),
        ("def f(): pass\nf(1)", "python_too_many"),
        ("a, b = 1, 2, 3", "python_unpack"),
        ("int('x')", "python_number"),
        ("from math import cosine", "python_import"),
        ("raise OSError('no')", "python_other"),
    ],
)
def test_an_error_of_pythons_own_has_a_line_of_ours(source: str, code: str) -> None:
    error, text = own_words(source)
    (told,) = python_words.of_error(error, text, "line 1")
    assert told.code == code
    assert render(told, "zh") != render(told)


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("print 1", "syntax_print"),
        ("a = [1 2]", "syntax_comma"),
        ("a = (1,", "syntax_closing"),
        ("a = 1)", "syntax_bracket"),
        ("a = 'x", "syntax_quote"),
        ("def f()\n pass", "syntax_colon"),
        ("def f():\npass", "syntax_block"),
        (" a = 1", "syntax_indent"),
        ("f(1，2)", "syntax_character"),
        ("f() = 1", "syntax_equals"),
        ("f(a=1, 2)", "syntax_argument_order"),
        ("return 1", "syntax_return"),
        ("a = 2x", "syntax_number"),
        ("class = 1", "syntax_elsewhere"),
    ],
)
def test_a_line_that_cannot_be_read_has_a_line_of_ours(source: str, code: str) -> None:
    with pytest.raises(SyntaxError) as caught:
        compile(source, "own", "exec")
    assert python_words.of_syntax(str(caught.value.msg)).code == code


@pytest.mark.parametrize("name", ['of layer "max_pooling2d"', "with name 'None' of layer 'max_pooling2d'"])
def test_keras_words_about_axes(name: str) -> None:
    words = f"Input 0 {name} is incompatible with the layer: expected ndim=4, found ndim={{}}. Full shape"
    for found, code in ((2, "python_flat"), (5, "python_batch_axis"), (3, "python_axes")):
        (told,) = python_words.of_error("ValueError", words.format(found), "")
        assert told.code == code
        assert told.params.get("layer", "max_pooling2d") == "max_pooling2d"


def test_a_trace_is_told_once_and_in_the_readers_language() -> None:
    trace = "\n".join(["cell 2, line 7: build()", *["cell 1, line 3, in build: return build()"] * 8])
    told = list(python_words.of_trace(trace))
    assert render_lines(told).split("\n") == [
        "cell 2, line 7: build()",
        "cell 1, line 3, in build: return build() (this 8 times and more)",
    ]
    assert render(told[0], "zh") == "第 2 个单元格第 7 行：build()"
    assert [render(one) for one in python_words.of_trace("something else")] == ["something else"]


def test_a_function_that_calls_itself_is_named() -> None:
    trace = "line 9: build()\nline 3, in build: return build()\nline 3, in build: return build()\nline 3, in…"
    (told,) = python_words.of_error("RecursionError", "maximum recursion depth exceeded", trace)
    assert render(told).startswith("build calls itself")
