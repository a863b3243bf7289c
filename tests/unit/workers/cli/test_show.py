from __future__ import annotations

import io

import pytest
from rich.console import Console

from grader.domain.layers import Activation, Dense, Flatten
from grader.domain.message import message
from grader.domain.model_spec import chain
from grader.domain.report import NICE_WORK, CheckResult, Outcome, PartReport, Report, Verdict
from workers.cli.show import show, standing

TABLE = chain((4, 4, 1), Flatten(), Dense(2), Activation("softmax")).table()
REPORT = Report(
    "a", "v", Verdict.PASSED, 10, 10, NICE_WORK,
    checks=(CheckResult("order", "model", "layers in order", Outcome.PASSED, 10, 10),),
    parts=(PartReport("model", "build_model", TABLE),),
    notes=(message("note_built_for_you", shape="[bold](4, 4, 1)"),),
)  # fmt: skip


def shown(language: str) -> str:
    out = io.StringIO()
    show(REPORT, Console(file=out, width=100), language, {"layers in order": "各层按顺序排列"})
    return out.getvalue()


def test_a_report_in_chinese() -> None:
    text = shown("zh")
    assert text.startswith("做得好！\n看起来很棒！\n\n通过 · 10 分（满分 10 分）\n  ✓ 各层按顺序排列 10/10")
    assert "共 34 个参数" in text
    assert "输出形状" in text
    assert "提示：模型没有输入形状，评分时用 [bold](4, 4, 1) 构建。" in text


@pytest.mark.parametrize(
    ("score", "words"), [(2.5, "failed · 2.5 of 10 points"), (None, "grader error · no score")]
)
def test_the_verdict_and_the_score(score: float | None, words: str) -> None:
    report = (
        Report.fault("a", "v", 10)
        if score is None
        else Report("a", "v", Verdict.FAILED, 10, score, (message("not_yet"),))
    )
    assert standing(report, "en") == words
