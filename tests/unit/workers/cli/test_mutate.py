from __future__ import annotations

import pytest
from click.testing import CliRunner
from rich.console import Console

from grader.domain.errors import AuthorError
from grader.settings import BUILT_IN_ASSIGNMENTS
from workers.cli.mutate import COLUMNS, Examined, _reference, _show, mutate


@pytest.mark.parametrize("words", [["xor"], ["--untrained"]])
def test_the_page_shows_everything_or_is_not_written(tmp_path, words):
    page = tmp_path / "mutants.md"
    done = CliRunner().invoke(mutate, ["--page", str(page), *words])
    assert done.exit_code == 2
    assert "all assignments" in done.output
    assert not page.exists()


@pytest.fixture
def solutions(tmp_path):
    for name in ("b.py", "a.py"):
        path = tmp_path / "mine" / "accepted" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# {name}\n")
    return tmp_path


def test_the_first_accepted_solution_is_changed_or_the_one_that_is_named(solutions):
    assert _reference(solutions, "mine", None) == "# a.py\n"
    assert _reference(solutions, "mine", "b.py") == "# b.py\n"


@pytest.mark.parametrize(("slug", "name"), [("mine", "c.py"), ("other", None)])
def test_without_a_solution_there_is_nothing_to_change(solutions, slug, name):
    with pytest.raises(AuthorError, match="no accepted solution"):
        _reference(solutions, slug, name)


def test_nothing_is_cut_in_a_terminal_of_80_columns():
    console = Console(width=80, record=True)
    longest = max((path.name for path in BUILT_IN_ASSIGNMENTS.iterdir()), key=len)
    _show(console, [Examined(longest, [], [])])
    header, _, row = [line for line in console.export_text().splitlines() if line.strip()]
    assert header.split(maxsplit=1)[1].strip() == " ".join(COLUMNS)
    assert row.split() == ["✓", longest, *["0"] * len(COLUMNS)]
