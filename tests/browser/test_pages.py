"""What people see and do, in a real browser."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import expect as on_page

from grader.checks import CheckFailed, expect
from grader.domain.course import Role
from grader.domain.errors import Reason, StudentError
from grader.domain.graph import Graph
from grader.domain.layers import Activation, Add, Conv2D, Dense, Dropout, Flatten, MaxPooling2D
from grader.domain.message import message
from grader.domain.model_spec import chain
from grader.domain.report import (
    NICE_WORK,
    CheckResult,
    DatasetStamp,
    DiffLine,
    LayerRow,
    ModelTable,
    Outcome,
    PartReport,
    Provenance,
    Report,
    Timings,
    Verdict,
    feedback_of,
)
from grader.domain.training import SeededRun, TrainingRun

pytestmark = pytest.mark.browser

MARKUP = "<img src=x onerror=alert(1)><script>alert(2)</script>\"'{{7*7}}"
SOURCE = "import keras\n\n\ndef build_model():\n    return keras.Sequential()\n"


def passed_report():
    table = chain(
        (32, 32, 3), Flatten(), Dense(128), Activation("relu"), Dense(5), Activation("softmax")
    ).table()
    history = {
        "loss": (1.55, 0.82, 0.56), "accuracy": (0.5, 0.7, 0.8),
        "val_loss": (0.83, 0.4, 0.33), "val_accuracy": (0.8, 0.85, 1.0),
    }  # fmt: skip
    titles = ["takes pictures of 32 × 32 pixels in 3 colours", "layers come in the asked order", "learns"]
    checks = tuple(
        CheckResult(f"c{i}", "model", title, Outcome.PASSED, 3.0, 3.0) for i, title in enumerate(titles)
    )
    return Report(
        "traffic-dense", "sha256:0", Verdict.PASSED, 10.0, 10.0, NICE_WORK, checks=checks,
        parts=(PartReport("model", "build_model", table, TrainingRun((SeededRun(0, 3, history, 0.95),))),),
        provenance=Provenance("0.1.0", "3.15.1", "2.21.0", "bubblewrap", DatasetStamp("traffic-signs", "synthetic", "sha256:0")),
        timings=Timings(0.1, 0.2, 0.3, 0.6),
    )  # fmt: skip


def failed_report():
    told = CheckResult(
        "order", "model", "layers come in the asked order", Outcome.FAILED, 0.0, 3.0,
        message=message("wrong_order_missing", expected="Activation('softmax')", after="Dense(5)"),
        expected="Activation('softmax')", actual="the end of the model",
    )  # fmt: skip
    waiting = CheckResult(
        "learns", "model", "more than 50 % are right", Outcome.SKIPPED, 0.0, 4.0, needs=("order",)
    )
    diff = (DiffLine("same", "Dense(5)", "Dense(5)"), DiffLine("missing", "Activation('softmax')", None))
    part = replace(passed_report().parts[0], training=None, diff=diff)
    return Report(
        "traffic-dense", "sha256:0", Verdict.FAILED, 10.0, 3.0, feedback_of({"order": told}),
        checks=(told, waiting), parts=(part,),
    )  # fmt: skip


def test_a_student_hands_in_and_the_report_appears_without_reloading(page, site, shot):
    site.sign_in(page, "student")
    shot(page, "home")
    page.click("text=Traffic signs: a fully connected network")
    shot(page, "exercise")
    page.fill("[name=source]", SOURCE)
    page.click("button:has-text('Hand in')")
    on_page(page.locator("#doing")).to_have_text("Waiting in line")
    shot(page, "waiting")
    page.evaluate("window.stayed = true")
    (item,) = site.parts.queries.submissions(_mine(site)).items
    site.grade(item.id, passed_report())
    on_page(page.locator(".feedback")).to_contain_text("Nice work!")
    on_page(page.locator(".feedback")).to_contain_text("Looks good!")
    on_page(page.locator("#report")).to_contain_text("393,989 parameters")
    on_page(page.locator("#report")).to_contain_text("synthetic")
    assert page.locator("figure polyline").count() == 4
    assert page.evaluate("window.stayed") is True
    shot(page, "report-passed")
    assert site.problems == []


def test_a_file_is_handed_in_too(page, site, tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(SOURCE, "utf-8")
    site.sign_in(page, "student")
    page.goto(f"{site.address}/courses/demo/traffic-dense")
    page.set_input_files("[name=file]", path)
    page.click("button:has-text('Hand in')")
    on_page(page.locator("#report")).to_contain_text("mine.py")
    page.goto(f"{site.address}/courses/demo/traffic-dense")
    on_page(page.locator(".tries")).to_contain_text("in line")


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


def test_nothing_handed_in_is_explained(page, site):
    site.sign_in(page, "student")
    page.goto(f"{site.address}/courses/demo/traffic-dense")
    page.click("button:has-text('Hand in')")
    on_page(page.locator("[role=alert]")).to_have_text("Choose a file, or paste your code.")


def test_the_dashboard_searches_sorts_and_grades_again(page, site, shot):
    ids = [site.hand_in(SOURCE, file_name=f"try{number}.py") for number in range(3)]
    site.grade(ids[0], passed_report())
    site.grade(ids[1], failed_report())
    site.grade(ids[2], Report.fault("traffic-dense", "sha256:0", 10.0))
    site.sign_in(page, "ta")
    page.click("text=Open dashboard")
    on_page(page.locator("tbody tr")).to_have_count(3)
    on_page(page.locator(".banner")).to_contain_text("grader error")
    shot(page, "dashboard")
    page.set_viewport_size({"width": 390, "height": 800})
    shot(page, "dashboard-phone")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("(list => list.scrollWidth <= list.clientWidth)(document.querySelector('.scroll'))")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.click("th a:has-text('Score')")
    on_page(page.locator("tbody tr").first).to_contain_text("10")
    page.select_option("[name=verdict]", "failed")
    page.click("button:has-text('Show')")
    on_page(page.locator("tbody tr")).to_have_count(1)
    page.fill("[name=search]", "nobody at all")
    page.click("button:has-text('Show')")
    on_page(page.locator("tbody")).to_contain_text("Nothing matches.")
    page.goto(f"{site.address}/submissions/{ids[1]}")
    page.fill("[name=reason]", "a better grader")
    page.click("button:has-text('Grade again')")
    on_page(page.locator("#doing")).to_have_text("Waiting in line")
    page.goto(f"{site.address}/courses/demo/dashboard")
    page.click("button:has-text('Grade them all again')")
    on_page(page.locator(".banner")).to_have_count(0)
    assert site.problems == []


def test_words_of_students_are_text_everywhere(page, site):
    user = site.parts.accounts.create("x@example.edu", MARKUP, password="a long enough password")
    site.parts.courses.set_role(
        site.course, user.id, site.parts.courses.role(site.course, site.people["student"])
    )
    site.people["x"] = user.id
    submission = site.hand_in(MARKUP, file_name=MARKUP, who="x")
    error = StudentError(Reason.BAD_CODE, message("exception_in_code", error="E", text=MARKUP), stdout=MARKUP)
    report = replace(
        Report.invalid("traffic-dense", "v", 10.0, error), notes=(message("trace", trace=MARKUP),)
    )
    table = passed_report().parts[0].model
    named = replace(table, layers=(replace(table.layers[0], name=MARKUP), *table.layers[1:]))
    site.grade(
        submission,
        replace(
            report, parts=(PartReport("model", MARKUP, named, diff=(DiffLine("extra", MARKUP, MARKUP),)),)
        ),
    )
    site.sign_in(page, "ta")
    for path in (f"/submissions/{submission}", "/courses/demo/dashboard", "/"):
        page.goto(site.address + path)
        page.wait_for_timeout(200)
    page.goto(f"{site.address}/submissions/{submission}")
    assert page.locator("img, main script").count() == 0
    assert page.locator("text=<img src=x").count() >= 4
    assert site.problems == []


def _mine(site):
    from grader.db.queries import Filter

    return Filter(student=site.people["student"])


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


def test_staff_see_what_stops_a_class_and_write_one_hint_for_all(page, site, shot):
    for name in ("build_modle", "create_model"):
        told = message("no_such_function", wanted="build_model", found=name)
        stopped = StudentError(Reason.BAD_CODE, told)
        site.grade(site.hand_in(SOURCE), Report.invalid("traffic-dense", "sha256:0", 10.0, stopped))
    site.sign_in(page, "ta")
    page.goto(f"{site.address}/courses/demo/dashboard")
    page.click("text=What stops them")
    on_page(page.locator("h2")).to_contain_text("1 student: There is no function build_model in your file.")
    page.click("summary:has-text('Write a hint')")
    page.fill("textarea", "The function is called build_model, as the exercise says.")
    page.click("text=Show it to everybody")
    on_page(page.locator(".hint")).to_contain_text("The function is called build_model")
    shot(page, "causes")
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shot(page, "causes-phone")
    page.click("text=the newest")
    on_page(page.locator(".feedback .hint")).to_contain_text("From your teachers:")
    assert site.problems == []
