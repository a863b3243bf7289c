"""What teaching assistants see and do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import expect as on_page

from grader.domain.errors import Reason, StudentError
from grader.domain.message import message
from grader.domain.report import DiffLine, PartReport, Report
from tests.browser.reports import SOURCE, failed_report, passed_report

pytestmark = pytest.mark.browser

MARKUP = "<img src=x onerror=alert(1)><script>alert(2)</script>\"'{{7*7}}"


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
