"""The table of true causes has each wrong answer once; what is graded anyway is held to it where it is graded."""

from __future__ import annotations

import re

from grader.domain.errors import Reason, StudentError
from grader.domain.message import message
from grader.domain.report import Report
from tests.causes.truth import KINDS, REFERENCES, TABLE, Truth, truths
from tests.students.expected import students


def test_every_wrong_answer_has_its_truth_and_every_truth_its_file():
    references = {
        path.relative_to(REFERENCES).as_posix()
        for folder in ("failed", "invalid")
        for path in REFERENCES.glob(f"*/{folder}/*.*")
    }
    wrong = {one.name for one in students() if one.verdict != "passed"}
    assert truths().keys() == references | wrong
    names = [line.split("\t")[0] for line in TABLE.read_text("utf-8").splitlines() if line[0] != "#"]
    assert len(names) == len(truths()) >= 300


def test_every_truth_says_something_of_a_known_kind():
    for truth in truths().values():
        assert truth.kind in KINDS, truth.name
        assert truth.says, truth.name
        assert all(re.compile(one) for one in (*truth.says, *truth.never))
    assert KINDS.keys() == {it.kind for it in truths().values()}


def test_a_report_that_says_something_else_does_not_tell_the_truth():
    truth = Truth("xor/invalid/x.py", "exception", (r"K is not imported", r"line 18"), (r"Did you mean",))
    error = StudentError(Reason.BAD_CODE, message("slip_name", name="K", near="k"))
    report = Report.invalid("xor", "v", 10.0, error)
    assert truth.untold(report) == [
        "does not say K is not imported",
        "does not say line 18",
        "says Did you mean",
    ]
