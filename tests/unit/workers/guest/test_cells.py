"""A source is divided at its cells, and a line of it is told by its cell."""

from __future__ import annotations

from workers.guest.cells import lines_of, place, split


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


def test_lines_are_counted_as_python_counts_them() -> None:
    source = "a = '\x85\u2028'\x0c\nb\n"
    assert lines_of(source) == ["a = '\x85\u2028'\x0c\n", "b\n", "\n"]
    assert len(source.splitlines()) > 2
