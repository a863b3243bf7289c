from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from grader.domain.layers import Activation, Dense, Flatten
from grader.domain.message import message
from grader.domain.model_spec import chain
from grader.domain.report import NICE_WORK, CheckResult, Outcome, PartReport, Report, Verdict
from grader.domain.training import SeededRun, TrainingRun
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


def test_several_trainings_say_why() -> None:
    runs = tuple(SeededRun(seed, 1, {"loss": (1.0,)}, value) for seed, value in enumerate((0.79, 0.82, 0.81)))
    told = []
    for borderline in (True, False):
        training = TrainingRun(runs, threshold=0.8, borderline=borderline)
        report = replace(REPORT, parts=(PartReport("model", "build_model", TABLE, training),))
        out = io.StringIO()
        show(report, Console(file=out, width=400), "en")
        told.append(out.getvalue())
    assert (
        "The first accuracy was close to 80%, where chance decides. So your network was trained 3 times"
        in told[0]
    )
    assert "79.0%, 82.0%, 81.0%. Their median counts: 81.0%." in told[0]
    assert "Your network was trained 3 times, from fixed starting numbers: 79.0%, 82.0%, 81.0%." in told[1]
    assert "trained" not in shown("en")


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
