"""Every fenced block of the five documents is run as it is printed, alone and put together, and as a notebook."""

from __future__ import annotations

import json

import pytest

from grader.domain.report import Outcome, Report
from grader.messages import render_report
from grader.settings import load_settings
from tests.documents.seeds import SEEDS, blocks, table
from tests.documents.wholes import NOTEBOOKS, WHOLES
from workers.pipeline import open_pipeline

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.training,
    pytest.mark.skipif(not SEEDS.is_dir(), reason=f"the documents are not there: {SEEDS}"),
]


@pytest.fixture(scope="module")
def pipeline(data_of_all):
    """The real pipeline."""
    opened = open_pipeline(load_settings(data_dir=data_of_all))
    yield opened
    opened.close()


def told(report: Report) -> str:
    """The reason and the message's code, or the check that failed first."""
    if report.reason:
        return f"{report.reason.value} {report.feedback[1].code}"
    return next((check.id for check in report.checks if check.outcome is Outcome.FAILED), "")


def assert_is(report: Report, verdict: str, words: str) -> None:
    public = render_report(report)
    assert (report.verdict.value, told(report)) == (verdict, words), public["feedback"]
    assert "Traceback" not in public["feedback"]


def test_every_block_is_in_the_table_and_is_the_one_that_is_meant():
    assert {key: block.sha256 for key, block in blocks().items()} == {
        key: listing.sha256 for key, listing in table().items()
    }
    assert len(blocks()) > 60


def test_what_is_called_output_is_not_python_or_is_no_code():
    for key, listing in table().items():
        if listing.role == "output" and blocks()[key].language == "python":
            with pytest.raises(SyntaxError):
                compile(blocks()[key].text, "block", "exec")


@pytest.mark.parametrize(
    "listing",
    [row for row in table().values() if row.verdict],
    ids=lambda row: f"{row.document}-{row.ordinal}",
)
def test_a_block_alone(pipeline, listing):
    block = blocks()[listing.document, listing.ordinal]
    assert_is(pipeline.grade_file(listing.slug, block.text.encode()), listing.verdict, listing.told)


@pytest.mark.parametrize("whole", WHOLES, ids=lambda whole: whole.name)
def test_blocks_put_together(pipeline, whole):
    report = pipeline.grade_file(whole.slug, whole.source().encode())
    assert_is(report, whole.verdict, whole.told)
    assert set(whole.notes) <= {note.code for note in report.notes}


@pytest.mark.parametrize(("document", "slug", "verdict", "words"), NOTEBOOKS)
def test_a_document_as_one_notebook(pipeline, document, slug, verdict, words):
    cells = [
        {"cell_type": "code", "source": block.text} for block in blocks().values()
        if block.document == document and block.language == "python"
    ]  # fmt: skip
    data = json.dumps({"nbformat": 4, "cells": cells}).encode()
    assert_is(pipeline.grade_file(slug, data, f"{document}.ipynb"), verdict, words)
