"""The documents keep up with the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader.checks import expect
from grader.cli import COMMANDS
from workers.cli import COMMANDS as HERE

ROOT = Path(__file__).resolve().parents[2]
PAGES = "\n".join(path.read_text("utf-8") for path in [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"])


@pytest.mark.parametrize("command", sorted({**COMMANDS, **HERE}))
def test_every_command_is_mentioned(command):
    assert re.search(rf"grader {command}\b", PAGES)


@pytest.mark.parametrize(
    "name",
    [n for n, f in vars(expect).items() if getattr(f, "__module__", "") == expect.__name__ and n[0] != "_"],
)
def test_every_expectation_is_explained(name):
    page = (ROOT / "docs" / "writing-an-assignment.md").read_text("utf-8")
    assert f"`{name}(" in page


@pytest.mark.parametrize("page", [*(ROOT / "docs").rglob("*.md"), ROOT / "README.md"], ids=lambda p: p.name)
def test_every_link_leads_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_readme_names_the_two_commands():
    readme = (ROOT / "README.md").read_text("utf-8")
    assert "make demo" in readme
    assert "make test" in readme
    assert "python3-venv" in readme.splitlines()[0]
    assert "make test" in (ROOT / ".ci" / "run").read_text("utf-8")
