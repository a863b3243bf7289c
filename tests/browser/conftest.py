"""The real site on loopback with real assignments, and Chromium from the system."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from grader.db.columns import utc_now
from grader.domain.course import CountingRule, Role
from grader.domain.report import Report
from grader.services.submit import Upload, submit
from grader.settings import load_settings
from grader.web import create_app
from grader.wiring import Wiring
from tests.built_in import catalog
from tests.school import CHEAP, template
from tests.visitors import served

__all__ = ["template"]

PASSWORD = "a long enough password"
SLUGS = ["traffic-dense", "traffic-conv", "happy-house"]
# A bound against hanging, as for pages; five seconds are few where every core is busy.
expect.set_options(timeout=30_000)


@dataclass
class Site:
    """A running site with a course of one student and one TA."""

    address: str
    parts: Wiring
    course: str
    people: dict[str, str]
    problems: list[str] = field(default_factory=list)

    def hand_in(
        self, source: str, slug: str = "traffic-dense", file_name: str = "solution.py", who: str = "student"
    ) -> str:
        upload = Upload(self.people[who], self.course, slug, source.encode(), file_name)
        return submit(upload, self.parts.dispatcher, utc_now()).id

    def grade(self, submission: str, report: Report) -> None:
        current = self.parts.store.get(submission)
        assert self.parts.recorder.save(submission, current.attempt, report, utc_now(), has_run=True)

    def sign_in(self, page: Page, who: str) -> None:
        page.goto(f"{self.address}/sign-in")
        page.fill("[name=email]", f"{who}@example.edu")
        page.fill("[name=password]", PASSWORD)
        page.click("button:has-text('Sign in')")
        page.wait_for_url(f"{self.address}/")


@pytest.fixture
def site(template: Path, tmp_path: Path) -> Iterator[Site]:
    shutil.copy(template, tmp_path / "grader.db")
    parts = Wiring(load_settings({}, data_dir=tmp_path), catalog())
    parts.accounts.__dict__["_hasher"] = CHEAP
    course = parts.courses.add_course("demo", "Deep learning 1", "JOINCODE", CountingRule.BEST, SLUGS)
    people = {}
    for role in (Role.STUDENT, Role.TA):
        user = parts.accounts.create(
            f"{role.value}@example.edu", f"Ada {role.value.title()}", password=PASSWORD
        )
        parts.courses.set_role(course.id, user.id, role)
        people[role.value] = user.id
    with served(create_app(parts.settings, parts)) as address:
        yield Site(address, parts, course.id, people)
    parts.database.close()


@pytest.fixture
def shot() -> Callable[[Page, str], None]:
    """Keep a picture when somebody wants to look: SCREENSHOTS=folder pytest -m browser."""
    folder = os.environ.get("SCREENSHOTS")

    def take(page: Page, name: str) -> None:
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=f"{folder}/{name}.png", full_page=True)

    return take


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "Chromium is not installed: run `make test`, which installs it"
    quiet = [
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu", *quiet]
        )
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser, site: Site) -> Iterator[Page]:
    """A page that remembers every script error, refused resource and dialog in `site.problems`."""
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.on("pageerror", lambda error: site.problems.append(f"error: {error}"))
    page.on("dialog", lambda dialog: (site.problems.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    page.on(
        "console",
        lambda said: site.problems.append(said.text) if "Content Security Policy" in said.text else None,
    )
    yield page
    page.close()
