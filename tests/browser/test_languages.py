"""Three reports as a student sees them, in both languages, on a desk and on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect as on_page

from grader.checks.run import run_checks
from grader.domain.layers import Activation, Dense, Flatten
from grader.domain.model_spec import chain
from grader.domain.report import DatasetStamp, PartReport, Provenance, Report, feedback_of, verdict_of
from grader.domain.training import SeededRun, TrainingRun
from tests.built_in import catalog

pytestmark = pytest.mark.browser

SLUG = "traffic-dense"
SOURCE = "import keras\n\n\ndef build_model():\n    return keras.Sequential()\n"
RIGHT = (Flatten(), Dense(128), Activation("relu"), Dense(5), Activation("softmax"))


@pytest.fixture(scope="module")
def rubric():
    return catalog().rubrics[SLUG]["model"]


def graded(rubric, layers, accuracy):
    """A report as the exercise's own checks make it, on a training of our own invention."""
    spec, diffs = chain((32, 32, 3), *layers), []
    results = run_checks(rubric.architecture, lambda: spec, {}, diffs)
    history = {"loss": (1.5, 1.2, 1.0), "accuracy": (0.2, 0.3, accuracy), "val_accuracy": (0.2, 0.3, 0.4)}
    run = TrainingRun((SeededRun(0, 3, history),), threshold=0.5)
    results = run_checks(rubric.training, lambda: run, results)
    trained = results["accurate"].outcome.value != "skipped"
    part = PartReport(
        "model", "build_model", spec.table(), run if trained else None, diffs[0] if diffs else None
    )
    points = sum(result.points for result in results.values())
    stamp = DatasetStamp("traffic-signs", "synthetic", "sha256:0")
    return Report(
        SLUG, "sha256:0", verdict_of(results.values()), 10.0, points, feedback_of(results),
        checks=tuple(results.values()), parts=(part,),
        provenance=Provenance("0.1.0", "3.15.1", "2.21.0", "bubblewrap", stamp),
    )  # fmt: skip


REPORTS = {
    "right": (RIGHT, 0.8, ["Nice work!", "Looks good!"], ["做得好！", "看起来很棒！"]),
    "one-layer": (
        RIGHT[:-1],
        0.0,
        [
            "Not yet, but 1 of 4 checks is right. One thing to change first:",
            "A layer is missing: Activation('softmax') should come after Dense(5).",
            "Expected: Activation('softmax'). Got: the end of the model.",
        ],
        [
            "还没通过，不过 4 项检查中已有 1 项正确。请先改这一处：",
            "少了一层：Dense(5) 之后应该是 Activation('softmax')。",
            "期望：Activation('softmax')。实际：模型到此结束。",
        ],
    ),
    "below": (
        RIGHT,
        0.45,
        [
            "Not yet, but 3 of 4 checks are right. One thing to change first:",
            "After 3 epochs the training accuracy is 45.0%; it should be above 50%.",
            "Expected: above 50%. Got: 45.0%.",
            (
                "The grader trains every model from new weights for 3 epochs. If the layers are as asked, look at what "
                "their weights start from: kernel_initializer and bias_initializer."
            ),
        ],
        [
            "还没通过，不过 4 项检查中已有 3 项正确。请先改这一处：",
            "训练 3 轮之后，训练集准确率是 45.0%，应该高于 50%。",
            "期望：高于 50%。实际：45.0%。",
            "评分系统用新的权重把每个模型训练 3 轮。如果各层都符合要求，请看看它们的权重从什么值开始：kernel_initializer 和 bias_initializer。",
        ],
    ),
}


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_in_both_languages(page, site, rubric, name, shot):
    layers, accuracy, *told = REPORTS[name]
    submission = site.hand_in(SOURCE)
    site.grade(submission, graded(rubric, layers, accuracy))
    site.sign_in(page, "student")
    for language, tag, lines in zip(("en", "zh"), ("en", "zh-Hans"), told, strict=True):
        page.goto(f"{site.address}/account")
        page.select_option("[name=language]", language)
        page.locator("form:has([name=language]) button").click()
        page.goto(f"{site.address}/submissions/{submission}")
        assert page.locator("html").get_attribute("lang") == tag
        on_page(page.locator(".feedback p")).to_have_text(lines)
        shot(page, f"{name}-{language}")
        page.set_viewport_size({"width": 390, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        shot(page, f"{name}-{language}-phone")
        page.set_viewport_size({"width": 1280, "height": 900})
    assert site.problems == []


def test_a_browser_that_asks_for_chinese_gets_it_before_signing_in(chromium, site, shot):
    with chromium.new_context(locale="zh-CN", viewport={"width": 390, "height": 800}) as context:
        page = context.new_page()
        page.goto(f"{site.address}/sign-in")
        on_page(page.locator("h1")).to_have_text("登录")
        shot(page, "sign-in-zh-phone")
        page.fill("[name=email]", "student@example.edu")
        page.fill("[name=password]", "a long enough password")
        page.click("button:has-text('登录')")
        page.click(f"a[href$='{SLUG}']")
        on_page(page.locator("h1").first).to_have_text("交通标志：全连接网络")
        shot(page, "exercise-zh-phone")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.set_viewport_size({"width": 1280, "height": 900})
        shot(page, "exercise-zh")
