"""Markup, formulas, escapes and direction tricks in every field; no page runs, loads, hides or breaks anything."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass, replace
from types import MappingProxyType

import pytest

from grader.db.columns import utc_now
from grader.domain.course import CountingRule, Role
from grader.domain.errors import Location, Reason
from grader.domain.message import message
from grader.domain.report import (
    CheckResult,
    DatasetStamp,
    DiffLine,
    LayerRow,
    ModelTable,
    Outcome,
    PartReport,
    Provenance,
    Report,
    Verdict,
)
from grader.domain.training import SeededRun, TrainingRun
from grader.lms.signature import make_secret
from grader.services.ports import Origin, Upload
from grader.services.regrade import regrade
from grader.services.submit import submit
from grader.web import limits

pytestmark = pytest.mark.browser

MARKUP = [
    "<img src=x onerror=alert(1)>", "<script>alert(2)</script>", "\"'><svg/onload=alert(3)>", "</textarea></pre></title><b id=planted>",
    "<iframe src=javascript:alert(4)>", "javascript:alert(5)", "<a href=javascript:alert(6)>x</a>", "{{7*7}}{%raw%}${7*7}#{7*7}",
    "<style>body{display:none}</style>", "<base href=//evil.example>", "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<form action=//evil.example><button>", "&lt;script&gt;&#x3c;img src=x onerror=alert(7)&#x3e;", "<!--", "]]><!--", "<math><mi//xlink:href='data:x,y'>",
    "<link rel=stylesheet href=//evil.example/x.css>", "![x](javascript:alert(8)) [y](data:text/html,z)", "' autofocus onfocus=alert(9) x='",
]  # fmt: skip
TRICKS = ["=1+1", "\x1b[2J\x1b[31mred\x1b]0;title\x07", "\x9b31m", "a\u202etxt.exe\u202c", "\u2066\u2067\u2069", "\u200b\u200f\ufeff", "\x00\x08\x7f", "\u2028\u2029"]  # fmt: skip
CORPUS = " ".join([*MARKUP, *TRICKS])
"""One text with all of them; where a field is short, what fits."""

INVISIBLE = "\x00\x07\x08\x1b\x7f\x9b\u202e\u202c\u2066\u2067\u2069\u200b\u200f\ufeff\u2028\u2029"


@dataclass
class Town:
    """What was planted, and where to look."""

    submissions: dict[str, str]
    pages: list[str]


def bad_report(verdict=Verdict.FAILED):
    """A report with the corpus in every text of it, hidden ones included."""
    said = message("exception_in_code", error=CORPUS, text=CORPUS)
    checks = tuple(
        CheckResult(
            CORPUS, CORPUS, CORPUS, outcome, 0.0, 1.0, message=said, expected=CORPUS, actual=CORPUS, hint=said
        )
        for outcome in Outcome
    )
    rows = (
        LayerRow(CORPUS, CORPUS, (), (None, 4), 1),
        LayerRow(MARKUP[0], CORPUS, (CORPUS,), (None, 4), 1),
    )
    training = TrainingRun(
        (
            SeededRun(
                0,
                2,
                {
                    "loss": (0.5, 0.1),
                    "accuracy": (0.5, 0.7),
                    "val_loss": (0.5, 0.2),
                    "val_accuracy": (0.1, 0.2),
                },
                0.5,
            ),
        )
    )
    part = PartReport(
        CORPUS, CORPUS, ModelTable(rows, 2, 2), training,
        tuple(
            DiffLine(kind, CORPUS, CORPUS, CORPUS, CORPUS, expected_inputs=(0, -1), actual_inputs=(-2,))
            for kind in ("same", "missing", "extra", "changed", "silent", "swapped", "moved", "joined", "shared", "own")
        ),
    )  # fmt: skip
    return Report(
        "traffic-dense", CORPUS, verdict, 10.0, None if verdict is Verdict.GRADER_ERROR else 1.0,
        (said, message("trace", trace=CORPUS)), Reason.BAD_CODE, checks=checks, parts=(part,), notes=(said,),
        location=Location(1, 1, 1), stdout=CORPUS, provenance=Provenance(
            CORPUS, CORPUS, CORPUS, CORPUS, DatasetStamp(CORPUS, CORPUS, CORPUS),
            python=CORPUS, numpy=CORPUS, cpu=CORPUS, cpu_features=CORPUS,
        ),
    )  # fmt: skip


def texts_of(value):
    """Every text in a report; codes and enums are ours."""
    if is_dataclass(value):
        for field in fields(value):
            if field.name not in {"assignment", "code", "kind"} or isinstance(value, LayerRow):
                yield from texts_of(getattr(value, field.name))
    elif isinstance(value, dict | MappingProxyType):
        for item in value.values():
            yield from texts_of(item)
    elif isinstance(value, tuple):
        for item in value:
            yield from texts_of(item)
    elif type(value) is str:
        yield value


def test_the_report_of_this_test_leaves_no_text_unplanted():
    assert set(texts_of(bad_report())) == {CORPUS, MARKUP[0]}


@pytest.fixture
def town(site):
    """The corpus in names, titles, files, reasons, ids of an LMS, addresses of webhooks, and reports."""
    parts = site.parts
    course = parts.courses.add_course(
        "evil", CORPUS[:255], "EVILCODE", CountingRule.BEST, ["traffic-dense", "traffic-conv"]
    )
    for place, name in enumerate([CORPUS[:255], *MARKUP, *TRICKS]):
        person = parts.accounts.store.add_user(f"m{place}@example.edu", name, None, is_admin=False)
        parts.courses.set_role(course.id, person.id, Role.STUDENT)
        site.people[f"m{place}"] = person.id
    for who in ("student", "ta"):
        parts.courses.set_role(
            course.id, site.people[who], Role.STUDENT if who == "student" else Role.TEACHER
        )
    assert parts.sources.add(course.id, "campus", make_secret())
    parts.endpoints.add_endpoint(
        course.id, "https://grader.example.edu/<script>alert(1)</script>", make_secret()
    )
    submissions = {}
    for name, verdict in (
        ("failed", Verdict.FAILED),
        ("fault", Verdict.GRADER_ERROR),
        ("again", Verdict.FAILED),
    ):
        upload = Upload(
            site.people["student"], course.id, "traffic-dense", CORPUS.replace("\x00", "").encode(), CORPUS[:255],
            Origin.LMS, external={"submission_id": CORPUS, "user_id": CORPUS, "source": "campus"},
        )  # fmt: skip
        submissions[name] = submit(upload, parts.dispatcher, utc_now()).id
        site.grade(submissions[name], bad_report(verdict))
    again = submissions["again"]
    regrade(again, site.people["m0"], CORPUS, parts.dispatcher, utc_now())
    site.grade(again, bad_report())
    for place in range(1, len(MARKUP) + len(TRICKS) + 1):
        each = Upload(
            site.people[f"m{place}"], course.id, "traffic-dense", b"x = 1", [CORPUS, *MARKUP, *TRICKS][place]
        )
        site.grade(submit(each, parts.dispatcher, utc_now()).id, bad_report())
    pages = [
        "/", "/account", "/nothing?<script>alert(1)</script>", "/courses/evil/traffic-dense", "/courses/evil/traffic-conv",
        *(f"/submissions/{one}" for one in submissions.values()),
        *(f"/submissions/{one}?part=1" for one in submissions.values()),
    ]  # fmt: skip
    return Town(submissions, pages)


STAFF = ["/courses/evil/dashboard", "/courses/evil/dashboard?sort=student&search=<script>alert(1)</script>", "/courses/evil/webhooks"]  # fmt: skip
HOLDERS = """letters => {
  const bad = [], walker = document.createTreeWalker(document, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode())
    if ([...letters].some(letter => node.data.includes(letter))) bad.push(node.parentElement.outerHTML.slice(0, 60));
  return bad;
}"""
LEAVES = """() => {
  const bad = [];
  for (const one of document.querySelectorAll('*')) {
    if (one.matches('img, iframe, script:not([src^="/static/"]), base, meta[http-equiv], object, embed, style, math, #planted')) bad.push(one.outerHTML.slice(0, 80));
    if (one.matches('link:not([href^="/static/"])')) bad.push(one.outerHTML.slice(0, 80));
    for (const attribute of one.attributes) {
      if (attribute.name.startsWith('on') || attribute.name === 'style') bad.push(attribute.name);
      if (['href', 'src', 'action', 'xlink:href'].includes(attribute.name) && !/^(\\/(?!\\/)|#)/.test(attribute.value)) bad.push(attribute.value.slice(0, 80));
    }
  }
  return bad;
}"""


@pytest.mark.parametrize("who", ["student", "ta"])
def test_no_page_runs_loads_or_hides_anything(page, site, town, who):
    outside = []
    page.on(
        "request",
        lambda request: None if request.url.startswith(site.address) else outside.append(request.url),
    )
    site.sign_in(page, who)
    for path in town.pages + (STAFF if who == "ta" else []):
        page.goto(site.address + path)
        page.wait_for_load_state("load")
        for details in page.locator("details").all():
            details.evaluate("one => { one.open = true }")
        text = page.locator("html").inner_text()
        assert page.evaluate(HOLDERS, INVISIBLE) == [], path
        assert page.evaluate(LEAVES) == [], path
        assert page.locator("header.top, #report, section.card").count() >= 1, (
            f"{path} is still a page of ours"
        )
        if "/submissions/" in path or path in STAFF:
            assert "<img src=x onerror=alert(1)>" in text, f"{path} shows the words themselves"
        if page.locator("svg.graph").count():
            assert page.locator("svg.graph foreignObject, svg.graph a, svg.graph script").count() == 0
    page.wait_for_timeout(300)
    assert outside == []
    assert site.problems == []
    assert site.parts.tallies.total("policy:") == 0


def test_the_report_that_appears_by_itself_is_as_harmless(page, site, town):
    """`report.js` puts the inside of a page in place."""
    waiting = submit(
        Upload(
            site.people["student"],
            site.parts.courses.course("evil").id,
            "traffic-dense",
            b"x = 1",
            CORPUS[:255],
        ),
        site.parts.dispatcher,
        utc_now(),
    )
    site.sign_in(page, "student")
    page.goto(f"{site.address}/submissions/{waiting.id}")
    site.grade(waiting.id, bad_report())
    page.wait_for_selector("#report[data-state=done]")
    assert page.evaluate(LEAVES) == []
    page.wait_for_timeout(300)
    assert site.problems == []
    assert site.parts.tallies.total("policy:") == 0


def test_the_door_for_reports_does_hear_of_a_page_that_breaks_the_policy(page, site):
    """Else the silence of the other tests would mean nothing."""
    site.sign_in(page, "student")
    page.evaluate("""() => {
        const script = document.createElement('script');
        script.textContent = 'document.title = "planted"';
        document.body.append(script);
        const picture = new Image();
        picture.src = 'http://192.0.2.1/x.png';
        document.body.append(picture);
    }""")
    for _ in range(40):
        page.wait_for_timeout(50)
        if site.parts.tallies.total("policy:") >= 2:
            break
    assert site.parts.tallies.total("policy:script-src") >= 1
    assert site.parts.tallies.total("policy:img-src") == 1
    assert page.title() != "planted"
    assert site.problems != []


def test_forms_give_their_text_back_unharmed(page, site, monkeypatch):
    """What somebody typed comes back after a refusal as they typed it, and as nothing else."""
    site.sign_in(page, "student")
    site.parts.settings = replace(site.parts.settings, uploads_per_minute=1)
    moment = limits.utc_now()
    monkeypatch.setattr(limits, "utc_now", lambda: moment)
    for after in ("#report", "[role=alert]"):
        page.goto(f"{site.address}/courses/demo/traffic-dense")
        page.fill("[name=source]", "\n" + MARKUP[3] + "\nx = 1\n")
        page.click("button:has-text('Hand in')")
        page.wait_for_selector(after)
    assert page.input_value("[name=source]") == "\n" + MARKUP[3] + "\nx = 1\n"
    assert page.evaluate(LEAVES) == []
    assert site.problems == []


def test_no_other_site_can_frame_a_page(page, site):
    """A page on another origin shows ours in a frame: the browser refuses."""
    site.sign_in(page, "student")
    page.route(
        "http://evil.test/",
        lambda route: route.fulfill(
            content_type="text/html", body=f'<iframe src="{site.address}/account"></iframe>'
        ),
    )
    page.goto("http://evil.test/")
    page.wait_for_timeout(300)
    assert not any("Ada Student" in frame.content() for frame in page.frames[1:])
