"""What a page of the documentation tells its reader to type, and what it says will be printed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_FENCED = re.compile(r"^```(\w+)(?: ([\w ]+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_TYPED = "sh"
_PRINTED = "text"


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, where it is typed (in which terminal), its text, and what it prints as the page says."""

    language: str
    where: str
    text: str
    printed: str = ""


def blocks_of(page: Path) -> list[Block]:
    """The fenced blocks of a page in their order; what is printed stands with the commands before it."""
    found: list[Block] = []
    for language, where, text in _FENCED.findall(page.read_text(encoding="utf-8")):
        if language == _PRINTED:
            typed = found.pop()
            assert typed.language == _TYPED, f"nothing is typed before {text!r}"
            found.append(Block(typed.language, typed.where, typed.text, text))
        else:
            found.append(Block(language, where, text))
    return found


def prints(block: Block, output: str) -> bool:
    """Whether the output has the lines that the page shows, in their order, others between them.

    "…" on the page stands for anything, a space for any spaces; a line of "…" alone for lines that are not shown.
    """
    lines = iter(output.splitlines())
    shown = [line for line in block.printed.splitlines() if line.strip() != "…"]
    return all(any(_pattern(line).fullmatch(each) for each in lines) for line in shown)


def _pattern(line: str) -> re.Pattern[str]:
    anything = re.escape(line.strip()).replace("…", r"\S.*")
    return re.compile(anything.replace(r"\ ", r"\s+") + r"\s*")
