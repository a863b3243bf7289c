"""The five documents' fenced blocks, read where they lie beside the project. Never copied, never committed."""

from __future__ import annotations

import csv
import functools
import hashlib
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

SEEDS = Path(__file__).resolve().parents[2].parent / "shared" / "seeds"
TABLE = Path(__file__).with_name("listings.tsv")


@dataclass(frozen=True)
class Block:
    """One fenced block: `ordinal` counts from 1 within its document, `language` is what stands behind the fence."""

    document: str
    ordinal: int
    language: str
    text: str

    @property
    def sha256(self) -> str:
        """Of the text, as the Markdown parser gives it."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True)
class Listing:
    """A row of the table: what a block is, and what comes of handing in this block alone.

    `role` is `whole`, `fragment` (part of a whole), `template` (cannot run as printed) or `output` (what a program
    printed); `told` begins with the reason and the message's code, or names the check that fails.
    """

    document: str
    ordinal: int
    sha256: str
    role: str
    slug: str
    verdict: str
    told: str


@functools.cache
def blocks() -> dict[tuple[str, int], Block]:
    """Every fenced block by document and ordinal."""
    found = {}
    for path in sorted(SEEDS.glob("*.txt")):
        fences = [
            token
            for token in MarkdownIt("commonmark").parse(path.read_text("utf-8"))
            if token.type == "fence"
        ]
        for ordinal, token in enumerate(fences, 1):
            block = Block(path.name[:3], ordinal, token.info.strip(), token.content)
            found[block.document, ordinal] = block
    return found


@functools.cache
def table() -> dict[tuple[str, int], Listing]:
    """`listings.tsv` by document and ordinal."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t")
        listings = [Listing(**{**row, "ordinal": int(row["ordinal"])}) for row in rows]  # type: ignore[arg-type]
    return {(listing.document, listing.ordinal): listing for listing in listings}
