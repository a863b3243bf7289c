"""What a report says and draws."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import expect as on_page

from grader.checks import CheckFailed, expect
from grader.domain.course import Role
from grader.domain.graph import Graph
from grader.domain.layers import Activation, Add, Conv2D, Dense, Dropout, Flatten, MaxPooling2D
from grader.domain.model_spec import chain
from grader.domain.report import (
    CheckResult,
    LayerRow,
    ModelTable,
    Outcome,
    PartReport,
    Report,
    Verdict,
    feedback_of,
)
from grader.domain.training import SeededRun, TrainingRun
from tests.browser.reports import SOURCE, failed_report, passed_report

pytestmark = pytest.mark.browser


def test_a_failed_report_says_what_to_change_first(page, site, shot):
    submission = site.hand_in(SOURCE)
    site.grade(submission, failed_report())
    site.sign_in(page, "student")
    page.goto(f"{site.address}/submissions/{submission}")
    on_page(page.locator(".feedback")).to_contain_text(
        "A layer is missing: Activation('softmax') should come after Dense(5)."
    )
    on_page(page.locator(".diff .missing")).to_have_count(1)
    shot(page, "report-failed")
    page.set_viewport_size({"width": 390, "height": 800})
    shot(page, "report-failed-phone")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_borderline_report_shows_every_training_and_why(page, site, shot):
    history = passed_report().parts[0].training.runs[0].history
    runs = tuple(
        SeededRun(
            seed,
            3,
            {
                name: (*curve[:-1], accuracy) if name == "accuracy" else curve
                for name, curve in history.items()
            },
        )
        for seed, accuracy in enumerate((0.4875, 0.6, 0.65))
    )
    training = TrainingRun(runs, threshold=0.5, borderline=True)
    report = replace(passed_report(), parts=(replace(passed_report().parts[0], training=training),))
    submission = site.hand_in(SOURCE)
    site.grade(submission, report)
    site.sign_in(page, "student")
    for language in ("en", "zh"):
        page.goto(f"{site.address}/submissions/{submission}?lang={language}")
        on_page(page.locator("section.card:has(.charts)")).to_have_count(3)
        on_page(page.locator("p.card")).to_contain_text("48.8%, 60.0%, 65.0%")
        shot(page, f"report-borderline-{language}")
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def compared(model, asked, check=expect.layer_order):
    """The report of a model that is not the asked one, with the comparison as the checks make it."""
    with pytest.raises(CheckFailed) as caught:
        check(model, asked)
    told = CheckResult(
        "order", "model", "layers come in the asked order", Outcome.FAILED, 0.0, 3.0,
        message=caught.value.message, expected=caught.value.expected, actual=caught.value.actual,
    )  # fmt: skip
    part = PartReport("model", "build_model", model.table(), diff=caught.value.diff)
    return Report(
        "traffic-dense", "sha256:0", Verdict.FAILED, 10.0, 1.0, feedback_of({"order": told}),
        checks=(told,), parts=(part,),
    )  # fmt: skip


CONV = Conv2D(filters=32, kernel_size=(3, 3))
HEAD = (Flatten(), Dense(128), Activation("relu"), Dense(5), Activation("softmax"))
ASKED = (CONV, MaxPooling2D(), Dropout(0.5), Activation("relu"), *HEAD)


def shortcut(*, around=True, units=64):
    graph = Graph()
    start = graph.input((32,))
    hidden = graph.add(start, Dense(units), Activation("relu"))
    second = graph.add(hidden, Dense(units), Activation("relu"))
    return graph.model(graph.add(graph.merge(Add(), second, hidden if around else second), Dense(5)))


@pytest.mark.parametrize(
    ("name", "model", "asked", "rows", "words"),
    [
        (
            "silent",
            chain((32, 32, 3), CONV, MaxPooling2D(), Dropout(0.0), Activation("relu"), *HEAD),
            ASKED,
            1,
            "has Dropout rate 0, which does nothing.",
        ),
        (
            "swapped",
            chain((32, 32, 3), CONV, Dropout(0.5), MaxPooling2D(), Activation("relu"), *HEAD),
            ASKED,
            2,
            "MaxPooling2D() should come before Dropout(0.5).",
        ),
        (
            "missing",
            chain((32, 32, 3), CONV, Activation("relu"), Flatten(), Dense(100), *HEAD[2:]),
            ASKED,
            3,
            "A layer is missing: MaxPooling2D() should come after Conv2D(32, (3, 3)).",
        ),
        ("branches", shortcut(around=False), shortcut(), 1, "Add() gets its numbers from other layers."),
    ],
)
def test_the_comparison_shows_what_to_change_first(page, site, shot, name, model, asked, rows, words):
    submission = site.hand_in(SOURCE)
    site.grade(submission, compared(model, asked))
    site.sign_in(page, "student")
    page.goto(f"{site.address}/submissions/{submission}")
    on_page(page.locator(".feedback")).to_contain_text(words)
    on_page(page.locator(".diff tbody tr:not(.same)")).to_have_count(rows)
    on_page(page.locator(".diff tr.first")).to_have_count(1)
    on_page(page.locator(".diff tr.first")).to_contain_text("change this first")
    on_page(page.locator(".diff tr.first")).to_contain_text("The shape there")
    shot(page, f"comparison-{name}")
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(
        "(box => box.scrollWidth <= box.clientWidth)(document.querySelector('.scroll:has(.diff)'))"
    )
    shot(page, f"comparison-{name}-phone")
    assert site.problems == []


def test_a_network_with_a_shortcut_is_drawn_beside_the_classs_median(site, page, shot):
    names = [("digits", "InputLayer", ()), ("conv", "Conv2D", ("digits",)), ("bn", "BatchNormalization", ("conv",)),
             ("relu", "Activation", ("bn",)), ("add", "Add", ("relu", "digits")), ("fc", "Dense", ("add",))]  # fmt: skip
    rows = tuple(LayerRow(name, kind, inputs, (None, 28, 28, 8), 64) for name, kind, inputs in names)
    report = passed_report()
    report = replace(
        report, parts=(replace(report.parts[0], model=ModelTable(rows, 384, 384)), *report.parts[1:])
    )
    mine = site.hand_in(SOURCE)
    site.grade(mine, report)
    for number in range(5):
        person = site.parts.accounts.create(f"s{number}@example.edu", str(number))
        site.parts.courses.set_role(site.course, person.id, Role.STUDENT)
        site.people[person.email] = person.id
        site.grade(site.hand_in(SOURCE, who=person.email), report)
    site.sign_in(page, "student")
    page.goto(f"{site.address}/submissions/{mine}")
    on_page(page.get_by_text("class median 0.800")).to_be_visible()
    page.get_by_text("Drawing").click()
    drawing = page.get_by_role("img", name="The layers of your model")
    on_page(drawing).to_be_visible()
    assert drawing.locator("rect").count() == len(rows)
    shot(page, "drawing")
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    shot(page, "drawing-phone")
