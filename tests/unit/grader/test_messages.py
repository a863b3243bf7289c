from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from grader import wire
from grader.domain.errors import Reason, StudentError
from grader.domain.message import Message, message
from grader.domain.report import NICE_WORK, Report, Verdict
from grader.language import LANGUAGES
from grader.messages import WORDS, Counted, first_line, render, render_report

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


def has_words(code):
    return code in WORDS or (code.endswith("_") and any(each.startswith(code) for each in WORDS))


def test_every_code_that_is_used_has_words():
    assert [f"{path}: {code}" for code, path in sorted(set(used_codes())) if not has_words(code)] == []


def test_the_search_for_codes_finds_them():
    assert {"nice_work", "wrong_setting", "custom_layer", "returned_nothing", "empty_file"} <= {
        c for c, _ in used_codes()
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_can_be_filled_in(language):
    for code, english in WORDS.items():
        template = english.many if isinstance(english, Counted) else english
        names = {name for _, name, _, _ in Formatter().parse(template) if name}
        assert render(message(code, **dict.fromkeys(names, 1)), language), code


def test_one_thing_is_said_in_the_singular():
    assert "1 layer of" in render(message("too_few_of_a_kind", found=1, kind="Dense", wanted=2))
    assert "0 layers of" in render(message("too_few_of_a_kind", found=0, kind="Dense", wanted=2))


def test_a_phrase_within_a_sentence_is_in_the_readers_language():
    told = message("expected_actual", expected="Dense(5)", actual=message("end_of_model"))
    assert render(told) == "Expected: Dense(5). Got: the end of the model."
    assert render(told, "zh") == "期望：Dense(5)。实际：模型到此结束。"


def test_a_phrase_travels_within_its_sentence():
    told = message("expected_actual", expected="Dense(5)", actual=message("above", threshold=0.5))
    assert wire.loads(Message, wire.dumps(told)) == told


def test_an_exercises_own_words_are_said_in_its_language():
    told = message("hint_slip", slip="the difference is not squared")
    assert render(told, "zh", {"the difference is not squared": "差没有平方"}).endswith("差没有平方。")


def test_words_of_a_student_are_never_a_template():
    told = message("exception_in_code", error="ValueError", text="{missing} {0} %s")
    assert render(told).endswith("{missing} {0} %s")


def test_a_pass_begins_with_praise():
    report = Report("a", "v", Verdict.PASSED, 10, 10, NICE_WORK)
    assert render_report(report)["feedback"] == "Nice work!\nLooks good!"
    assert first_line(report) == "Nice work! Looks good!"


def test_a_stored_report_is_read_in_both_languages():
    stored = Report(
        "a", "v", Verdict.FAILED, 10, 3, feedback=(message("not_yet"), message("wrong_output_shape"))
    )
    assert render_report(stored)["feedback"].startswith("Not yet")
    assert render_report(stored, "zh")["feedback"] == "还没通过：请先改一处。\n模型的输出形状不同。"
    assert render_report(stored, "zh")["language"] == "zh"


def test_codes_stand_beside_the_words():
    error = StudentError(Reason.BAD_UPLOAD, message("too_large", size=3, limit=2))
    public = render_report(Report.invalid("a", "v", 10, error))
    assert public["format"] == 1
    assert public["reason"] == "bad_upload"
    assert public["feedback_messages"][1] == {"code": "too_large", "params": {"size": 3, "limit": 2}}
    assert first_line(Report.invalid("a", "v", 10, error)).startswith("The file has 3 bytes")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "gives more than 9,223,372,036,854,775,807 numbers"),
        ("zh", "给出 超过 9,223,372,036,854,775,807 个数"),
    ],
)
def test_a_number_beyond_64_bits_is_told_as_that(language: str, words: str) -> None:
    told = message("too_large_activations", layer="x", size=65536**8, limit=50_000_000)
    assert words in render(told, language)


def test_what_is_no_number_is_told_as_that() -> None:
    assert render(message("must_be", wanted=float("nan"))) == "It must be not a finite number."
    assert render(message("must_be", wanted=-(2**63))) == "It must be less than -9,223,372,036,854,775,807."
