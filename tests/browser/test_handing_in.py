"""A student hands in and sees what comes of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect as on_page

from tests.browser.reports import SOURCE, passed_report

pytestmark = pytest.mark.browser


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


def test_nothing_handed_in_is_explained(page, site):
    site.sign_in(page, "student")
    page.goto(f"{site.address}/courses/demo/traffic-dense")
    page.click("button:has-text('Hand in')")
    on_page(page.locator("[role=alert]")).to_have_text("Choose a file, or paste your code.")


def _mine(site):
    from grader.db.queries import Filter

    return Filter(student=site.people["student"])
