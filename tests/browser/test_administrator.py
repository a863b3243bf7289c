"""What an administrator sees and does in a browser: every course, and a form that opens another."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect as on_page

pytestmark = pytest.mark.browser
PASSWORD = "a long enough password"


def test_an_administrator_opens_a_course(page, site, shot):
    site.parts.accounts.create("root@example.edu", "Root", password=PASSWORD, is_admin=True)
    site.sign_in(page, "root")
    on_page(page.locator("tbody tr")).to_have_count(1)
    shot(page, "every-course")
    page.click("summary")
    page.fill("[name=title]", "Deep learning, evening")
    page.fill("[name=slug]", "Deep Learning")
    page.click("button:has-text('Open the course')")
    assert page.evaluate("document.querySelector('[name=slug]').validity.patternMismatch")
    assert page.url == f"{site.address}/"
    page.fill("[name=slug]", "demo")
    page.click("button:has-text('Open the course')")
    on_page(page.locator("#wrong-slug")).to_have_text("There is a course demo already.")
    on_page(page.locator("[name=title]")).to_have_value("Deep learning, evening")
    on_page(page.get_by_label("Name in its addresses")).to_have_attribute("aria-invalid", "true")
    page.set_viewport_size({"width": 390, "height": 800})
    shot(page, "open-a-course-phone")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.fill("[name=slug]", "deep-evening")
    page.click("button:has-text('Open the course')")
    page.wait_for_url(f"{site.address}/courses/deep-evening/dashboard")
    on_page(page.locator("#next")).to_contain_text("grader course import deep-evening roster.csv")
    shot(page, "what-comes-next-phone")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.click("text=Courses")
    on_page(page.locator("tbody tr")).to_have_count(2)
    assert site.problems == []
