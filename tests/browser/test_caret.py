"""The caret of a syntax error stands under its character: on a telephone, in either language, behind letters twice as wide."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect as on_page

from grader.domain.report import Report
from workers.telling import told

pytestmark = pytest.mark.browser

LINES = {'    print("a" 1)': 15, 'print("中文标签" 1)': 14, "x" * 60 + " y": 62}
FURTHEST = 2.5
"""Pixels that a caret may stand beside its character; a letter is about eight wide."""
MEASURE = """pre => {
  const text = pre.firstChild, [line, caret] = text.data.split("\\n"), at = caret.length - 1;
  const left = start => { const range = document.createRange(); range.setStart(text, start); range.setEnd(text, start + 1);
    return range.getBoundingClientRect().left; };
  return [left(at), left(line.length + 1 + at), line[at]];
}"""


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("number", range(len(LINES)))
def test_the_caret_is_under_its_character(page, site, shot, language, number):
    text, column = list(LINES.items())[number]
    error = {
        "reason": "bad_code",
        "code": "syntax_error",
        "params": {"text": text, "detail": "invalid syntax. Perhaps you forgot a comma?"},
        "location": {"line": 1, "column": column},
    }
    submission = site.hand_in(text)
    site.grade(submission, Report.invalid("traffic-dense", "sha256:0", 10.0, told(error, text)))
    site.sign_in(page, "student")
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{site.address}/submissions/{submission}?lang={language}")
    marked = page.locator(".feedback pre.marked")
    on_page(marked).to_have_count(1)
    letter, caret, which = marked.evaluate(MEASURE)
    assert abs(letter - caret) < FURTHEST
    assert which == text[column - 1]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shot(page, f"caret-{number}-{language}")
