"""Pages and answers in the reader's language: who chooses it, and that nothing of ours stays English in Chinese."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask

from grader.checks.run import run_checks
from grader.domain.errors import Location, Reason, StudentError
from grader.domain.layers import Activation, Dense, Flatten
from grader.domain.message import message
from grader.domain.model_spec import chain
from grader.domain.report import (
    NICE_WORK,
    DatasetStamp,
    PartReport,
    Provenance,
    Report,
    Timings,
    Verdict,
    feedback_of,
)
from grader.domain.training import SeededRun, TrainingRun
from grader.messages import render_report
from grader.web import create_app
from tests.built_in import catalog

School = Any
Browser = Any
SLUG = "traffic-dense"
CATALOG = catalog()
ZH = {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.5"}
SENTENCE = re.compile(r"[A-Za-z]{2,}(?: [A-Za-z]+){2,}")
"""Three words in a row: no name, no notation."""

CODE = {"code", "pre", "style", "script", "textarea"}


@pytest.fixture
def school(school: School) -> School:
    """The small school with real exercises and one submission of every kind."""
    school.parts._shelf = CATALOG
    school.parts.courses.set_assignments(school.course, [SLUG, "custom-loss"])
    for report in (passed(), failed(), invalid(), Report.fault(SLUG, "sha256:0", 10.0)):
        school.grade(school.hand_in(assignment=SLUG), report)
    school.hand_in(assignment=SLUG)
    return school


@pytest.fixture
def app(school: School) -> Flask:
    return create_app(school.parts.settings, school.parts)


def graded(*layers: Any) -> Report:
    """What the architecture checks say about a chain of layers."""
    spec = chain((32, 32, 3), *layers)
    diffs: list[Any] = []
    results = run_checks(CATALOG.rubrics[SLUG]["model"].architecture, lambda: spec, {}, diffs)
    part = PartReport("model", "build_model", spec.table(), diff=diffs[0] if diffs else None)
    return Report(
        SLUG, "sha256:0", Verdict.FAILED, 10.0, 1.0, feedback_of(results), checks=tuple(results.values()), parts=(part,),
        notes=(message("note_built_for_you", shape="(None, 32, 32, 3)"),),
    )  # fmt: skip


def failed() -> Report:
    return graded(Flatten(), Dense(128), Activation("relu"), Dense(5))


def passed() -> Report:
    found = graded(Flatten(), Dense(128), Activation("relu"), Dense(5), Activation("softmax"))
    history = {"loss": (1.5, 0.8), "accuracy": (0.5, 0.7), "val_loss": (0.8, 0.4), "val_accuracy": (0.8, 0.9)}
    run = TrainingRun((SeededRun(0, 2, history, 0.95), SeededRun(1, 2, history, 0.9)))
    stamp = DatasetStamp("traffic-signs", "synthetic", "sha256:0")
    return replace(
        found, verdict=Verdict.PASSED, score=10.0, feedback=NICE_WORK, parts=(replace(found.parts[0], training=run),),
        provenance=Provenance("0.1.0", "3.15.1", "2.21.0", "bubblewrap", stamp), timings=Timings(0.1, 0.2, 0.3, 0.6),
    )  # fmt: skip


def invalid() -> Report:
    error = StudentError(
        Reason.BAD_CODE,
        message("slip_no_name", name="tf"),
        location=Location(3, 5, 2),
        stdout="x",
    )
    return Report.invalid(SLUG, "sha256:0", 10.0, error)


class Texts(HTMLParser):
    """Everything that somebody reads or hears, but code; and where links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.links: list[str] = []
        self.code = 0
        self.language = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if tag in CODE:
            self.code += 1
        self.language = known["lang"] if tag == "html" else self.language
        self.said += [
            known[name] for name in ("placeholder", "aria-label", "title", "data-label") if name in known
        ]
        if tag == "a":
            self.links.append(known.get("href", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in CODE:
            self.code -= 1

    def handle_data(self, data: str) -> None:
        if not self.code and data.strip():
            self.said.append(" ".join(data.split()))


def read(answer: Any) -> Texts:
    texts = Texts()
    texts.feed(answer.text)
    return texts


def english_sentences() -> set[str]:
    from grader.locale import renew

    found = set()
    for one in renew.wanted():
        if one.id:
            found |= {one.id} if isinstance(one.id, str) else set(one.id)
    return found


def names_of(school: School) -> set[str]:
    return {name.title() for name in school.ids} | {"Keras", "Other"}


def read_in_chinese(browser: Browser, path: str, known: set[str]) -> Texts:
    """A page for who asks for Chinese, of which nothing is one of the known English sentences or looks like one."""
    answer = browser.client.get(path, headers=ZH)
    page = read(answer)
    assert page.language == "zh-Hans", path
    assert answer.headers["Content-Language"] == "zh-Hans"
    for text in page.said:
        assert text not in known, f"{path}: {text}"
        assert not SENTENCE.search(text), f"{path}: {text}"
    return page


@pytest.mark.parametrize("who", ["ada", "tess"])
def test_no_page_of_a_student_or_a_ta_says_anything_in_english(
    browser: Browser, school: School, who: str
) -> None:
    browser.sign_in(who)
    known = english_sentences() - {"Accuracy"} - names_of(school)
    waiting, seen = ["/", "/account", "/submissions/nothing", "/courses/keras/nothing"], set()
    while waiting:
        path = waiting.pop()
        if (
            path in seen
            or not path.startswith("/")
            or "grades.csv" in path
            or path.endswith((".py", "/source"))
        ):
            continue
        seen.add(path)
        waiting += read_in_chinese(browser, path, known).links
    assert sum(path.startswith("/submissions/") for path in seen) >= 5
    assert len(seen) >= 11


def test_an_administrator_reads_chinese_too(browser: Browser, school: School) -> None:
    """The list of courses with its form, and what comes next in a course without students."""
    courses = school.parts.courses
    courses.set_assignments(courses.course("other").id, [SLUG])
    browser.sign_in("root")
    known = english_sentences() - names_of(school)
    assert "/courses/other/dashboard" in read_in_chinese(browser, "/", known).links
    next_steps = read_in_chinese(browser, "/courses/other/dashboard", known)
    assert f"/courses/other/{SLUG}" in next_steps.links


def test_strangers_read_chinese_too(client: Any) -> None:
    for path in ("/sign-in", "/link/none", "/nothing"):
        page = read(client.get(path, headers=ZH))
        assert page.language == "zh-Hans"
        assert not [text for text in page.said if SENTENCE.search(text)]


def test_the_choice_of_a_person_comes_before_the_browsers(browser: Browser) -> None:
    browser.sign_in("ada")
    assert read(browser.client.get("/", headers=ZH)).language == "zh-Hans"
    browser.post("/account/language", form_at="/account", language="en")
    assert read(browser.client.get("/", headers=ZH)).language == "en"
    browser.post("/account/language", form_at="/account", language="zh")
    assert read(browser.client.get("/")).language == "zh-Hans"
    assert 'value="zh" lang="zh-Hans" selected' in browser.client.get("/account").text
    browser.post("/account/language", form_at="/account", language="")
    assert read(browser.client.get("/")).language == "en"
    assert read(browser.client.get("/?lang=zh")).language == "zh-Hans"


def test_a_language_without_words_is_refused(browser: Browser) -> None:
    browser.sign_in("ada")
    assert browser.post("/account/language", form_at="/account", language="tlh").status_code == 422
    assert read(browser.client.get("/", headers={"Accept-Language": "tlh, fr"})).language == "en"


def test_the_api_takes_lang_or_accept_language(callers: dict[str, Any], school: School, client: Any) -> None:
    ada = callers["ada"]
    english = ada.get(f"/assignments/{SLUG}").json
    chinese = ada.get(f"/assignments/{SLUG}?lang=zh").json
    assert english["title"] == "Traffic signs: a fully connected network"
    assert chinese["title"] == "交通标志：全连接网络"
    assert chinese["statement"].startswith("# 交通标志")
    refused = client.get("/api/v1/assignments", headers=ZH)
    assert refused.json["detail"] == "请先登录：发送 Bearer 令牌。"
    assert refused.headers["Content-Language"] == "zh-Hans"
    assert ada.get("/submissions/nothing?lang=zh").json["detail"] == "没有这个提交。"
    school.parts.accounts.store.set_language(school.ids["ada"], "zh")
    assert ada.get(f"/assignments/{SLUG}").json["title"] == chinese["title"]


def test_a_stored_report_is_read_in_both_languages(callers: dict[str, Any], school: School) -> None:
    items = callers["ada"].get("/submissions?verdict=failed").json["items"]
    told = {
        lang: callers["ada"].get(f"/submissions/{items[0]['id']}?lang={lang}").json["report"]
        for lang in ("en", "zh")
    }
    assert told["en"]["feedback"].splitlines()[:2] == [
        "Not yet, but 1 of 3 checks is right. One thing to change first:",
        "A layer is missing: Activation('softmax') should come after Dense(5).",
    ]
    assert told["zh"]["feedback"].splitlines() == [
        "还没通过，不过 3 项检查中已有 1 项正确。请先改这一处：",
        "少了一层：Dense(5) 之后应该是 Activation('softmax')。",
        "期望：Activation('softmax')。实际：模型到此结束。",
    ]
    assert told["zh"]["checks"][0]["title"] == "接收 32 × 32 像素、3 种颜色的图片"
    assert told["zh"]["checks"][1]["actual"] == "模型到此结束"
    assert told["zh"]["checks"][1]["message_code"] == told["en"]["checks"][1]["message_code"]


def test_why_a_network_was_trained_again_is_told_once(browser: Browser, school: School) -> None:
    """On the page and in the JSON, in both languages; a single training needs no words."""
    close = tuple(
        SeededRun(seed, 1, {"loss": (1.0,), "accuracy": (value,)})
        for seed, value in enumerate((0.49, 0.55, 0.6))
    )
    training = TrainingRun(close, threshold=0.5, borderline=True)
    report = replace(passed(), parts=(replace(passed().parts[0], training=training),))
    submission = school.hand_in(assignment=SLUG)
    school.grade(submission, report)
    words = {
        "en": "The first accuracy was close to 50%, where chance decides.",
        "zh": "第一次的准确率离 50% 太近",
    }
    browser.sign_in("ada")
    for language, told in words.items():
        assert browser.client.get(f"/submissions/{submission.id}?lang={language}").text.count(told) == 1
        public = render_report(report, language)["parts"][0]["training"]
        assert public["message"].startswith(told)
        assert public["message_code"] == "runs_borderline"
    single = replace(report, parts=(replace(passed().parts[0], training=TrainingRun(close[:1])),))
    assert render_report(single)["parts"][0]["training"]["message"] is None


def test_a_parameter_becomes_no_markup_and_plays_no_tricks(app: Flask) -> None:
    page = '{{ _("Welcome, %(name)s", name=name) }}{{ ngettext("%(num)s submission", "%(num)s submissions", 2) }}'
    with app.test_request_context("/?lang=zh"):
        shown = app.jinja_env.from_string(page).render(name="<b>\u202e\x1b")
    assert shown == "欢迎，&lt;b&gt;\ufffd␛2 个提交"
