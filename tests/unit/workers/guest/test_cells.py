"""What only a notebook understands is put out of Python's way, line for line, and nothing else is."""

from __future__ import annotations

import ast

import pytest

from workers.guest.cells import place, split, without_magics


@pytest.mark.parametrize(
    "line",
    [
        "%matplotlib inline",
        "!pip install keras",
        "  %load_ext tensorboard",
        "?model",
        "model.fit?",
        "model??",
        "%cd /content",
        "!ls -l \\\n  *.p",
        "%%time",
        "%timeit -n 3 f()",
    ],
)
def test_a_magic_does_nothing_and_moves_no_line(line: str) -> None:
    indent = line[: len(line) - len(line.lstrip())]
    source = f"import keras\nif True:\n    x = 1\n{'if x:' if indent else 'y = 2'}\n{line}\nz = 3"
    plain, dropped = without_magics(source)
    assert len(dropped) == 1
    assert plain.count("\n") == source.count("\n")
    namespace: dict[str, object] = {"keras": None}
    exec(plain.replace("import keras", ""), namespace)
    assert namespace["z"] == 3


def test_what_a_magic_gave_is_nothing() -> None:
    plain, dropped = without_magics("files = !ls\nn = 1\n")
    assert (plain, dropped) == ("files = None  # files = !ls\nn = 1\n", ["files = !ls"])


def test_a_timed_line_still_runs() -> None:
    assert without_magics("%time model = build()\n") == ("model = build()\n", ["%time model = build()"])


@pytest.mark.parametrize(
    "source", ["x = (5\n% 2)\n", "s = '''\n%matplotlib inline\n'''\n", "a = 7 % 3\n", "# !ls\n"]
)
def test_python_is_left_alone(source: str) -> None:
    assert without_magics(source) == (source, [])


def test_a_real_mistake_stays_where_it_is() -> None:
    plain, dropped = without_magics("%matplotlib inline\nx = (\n")
    assert dropped == ["%matplotlib inline"]
    with pytest.raises(SyntaxError) as caught:
        ast.parse(plain)
    assert caught.value.lineno == 2


def test_a_cell_in_another_language_is_left_out_whole() -> None:
    source = "\n# %% cell 1 of the notebook\n%%bash\necho $HOME\nls\n"
    plain, dropped = without_magics(source)
    assert dropped == ["%%bash"]
    assert ast.parse(plain).body == []
    assert plain.count("\n") == source.count("\n")


def test_a_timed_cell_still_runs() -> None:
    plain, _ = without_magics("# %% cell 1 of the notebook\n%%time\nx = 1\n")
    assert "x = 1" in ast.unparse(ast.parse(plain))


def test_cells_keep_the_lines_of_the_whole() -> None:
    source = "# %% cell 1 of the notebook\na\n\n# %% cell 2 of the notebook\nb\n"
    assert list(split(source)) == [
        (1, "# %% cell 1 of the notebook\na\n"),
        (2, "\n\n\n# %% cell 2 of the notebook\nb\n"),
    ]
    assert list(split("# 50 %%\nb\n")) == [(None, "# 50 %%\nb\n")]


def test_a_line_is_told_by_its_cell() -> None:
    lines = ["# %% cell 4 of the notebook\n", "a\n", "b\n"]
    assert place(lines, 3) == "cell 4, line 2"
    assert place(["a\n", "b\n"], 2) == "line 2"
