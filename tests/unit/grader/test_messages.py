from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from grader.domain.errors import Reason, StudentError
from grader.domain.message import message
from grader.domain.report import NICE_WORK, Report, Verdict
from grader.messages import ENGLISH, first_line, render, render_report

ROOT = Path(__file__).resolve().parents[3]
CODE = re.compile(
    r"""(?:message|_refuse|_placed|_same_shapes|_above|Refused|NotAModel)\(\s*f?"([a-z_]+)["{]"""
)
GUEST_CODE = re.compile(r"""NoModel\(\s*"[a-z_]+",\s*"([a-z_]+)""")


def used_codes():
    for folder in ("grader", "workers"):
        for path in (ROOT / folder).rglob("*.py"):
            text = path.read_text("utf-8")
            for code in (*CODE.findall(text), *GUEST_CODE.findall(text)):
                yield code, path.relative_to(ROOT)


@pytest.mark.parametrize(("code", "path"), sorted(set(used_codes())))
def test_every_code_that_is_used_has_words(code, path):
    assert code in ENGLISH, f"{path} uses a message without words"


def test_the_search_for_codes_finds_them():
    assert {"nice_work", "wrong_setting", "custom_layer", "returned_nothing", "empty_file"} <= {
        c for c, _ in used_codes()
    }


@pytest.mark.parametrize("code", ENGLISH)
def test_every_sentence_can_be_filled_in(code):
    names = {name for _, name, _, _ in Formatter().parse(ENGLISH[code]) if name}
    assert render(message(code, **dict.fromkeys(names, 1)))


def test_words_of_a_student_are_never_a_template():
    told = message("exception_in_code", error="ValueError", text="{missing} {0} %s")
    assert render(told).endswith("{missing} {0} %s")


def test_a_pass_begins_with_praise():
    report = Report("a", "v", Verdict.PASSED, 10, 10, NICE_WORK)
    assert render_report(report)["feedback"] == "Nice work!\nLooks good!"
    assert first_line(report) == "Nice work! Looks good!"


def test_codes_stand_beside_the_words():
    error = StudentError(Reason.BAD_UPLOAD, message("too_large", size=3, limit=2))
    public = render_report(Report.invalid("a", "v", 10, error))
    assert public["format"] == 1
    assert public["reason"] == "bad_upload"
    assert public["feedback_messages"][1] == {"code": "too_large", "params": {"size": 3, "limit": 2}}
    assert first_line(Report.invalid("a", "v", 10, error)).startswith("The file has 3 bytes")
