"""docs/documents.md names only what is there, and every listing of the documents has its row."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from grader.settings import BUILT_IN_ASSIGNMENTS
from tests import built_in

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "documents.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^## (\d{3}): .*?$(.*?)(?=^## )", PAGE, re.DOTALL | re.MULTILINE))


def listings(section: str) -> Counter[int]:
    """The numbers in the last column, ranges spelled out."""
    found: Counter[int] = Counter()
    for row in re.findall(r"^\|.*\|([^|]*)\|$", section, re.MULTILINE):
        for first, last in re.findall(r"(\d+)(?:–(\d+))?", row):
            found.update(range(int(first), int(last or first) + 1))
    return found


@pytest.mark.parametrize("document", ["000", "001", "002", "003", "004"])
def test_every_listing_has_its_row_once(document: str) -> None:
    with (ROOT / "tests" / "documents" / "listings.tsv").open(encoding="utf-8", newline="") as file:
        known = [
            int(row["ordinal"]) for row in csv.DictReader(file, delimiter="\t") if row["document"] == document
        ]
    assert listings(SECTIONS[document]) == Counter(known)


def test_every_assignment_is_named_and_every_name_is_known() -> None:
    catalog = built_in.catalog()
    checks = {
        check.id for parts in catalog.rubrics.values() for rubric in parts.values() for check in rubric.checks
    }
    parts = {part.name for found in catalog.assignments.values() for part in found.parts}
    named = set(re.findall(r"`([a-z0-9_-]+)`", PAGE))
    assert set(catalog.assignments) <= named
    in_tables = {
        word
        for row in re.findall(r"^\|[^|]*\|[^|]*\|([^|]*)\|", PAGE, re.MULTILINE)
        for word in re.findall(r"`([a-z0-9_-]+)`", row)
    }
    ordinary = {"choice", "document", "model_to_dot", "plot_model", "xor", "model"}
    assert in_tables <= set(catalog.assignments) | checks | parts | ordinary


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("happy-house", 'metrics=["accuracy"]'),
        ("mnist-functional", "64 digits at a time, not 64 batches"),
        ("max-pooling", "`pool_size=1`"),
        ("xor", "added to `model`"),
        ("mnist-conv", "1.0"),
        ("custom-layers", "no\n`add_metric` any more"),
        ("compile-settings", "has no `decay`"),
    ],
)
def test_a_statement_corrects_its_documents_fault(slug: str, words: str) -> None:
    assert words in (BUILT_IN_ASSIGNMENTS / slug / "statement.md").read_text("utf-8")
