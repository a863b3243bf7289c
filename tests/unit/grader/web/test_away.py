"""A database that is held by another's lock, in front of the real site."""

from __future__ import annotations

import io
import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from grader.db.patience import DatabasePatience
from grader.language import catalogue
from grader.web.away import LONGEST_SHOWN, WORDS
from grader.web.current import EXTENSION
from grader.wiring import Wiring
from tests.school import TinyShelf
from tests.visitors import Browser, Caller, token_in

PATH = "/courses/keras/dense"


@pytest.fixture
def person(app: Flask, school: Any) -> Iterator[Browser]:
    """Ada, signed in at a site that does not wait for a lock."""
    parts = Wiring(school.parts.settings, TinyShelf(), database_patience=DatabasePatience(lock=0))
    app.extensions[EXTENSION] = parts
    browser = Browser(app.test_client())
    browser.sign_in("ada")
    yield browser
    parts.database.close()


class Lock:
    """SQLite's one lock, as a backup or a stuck process holds it: nobody else writes."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)

    def take(self) -> None:
        self.connection.execute("BEGIN IMMEDIATE")

    def release(self) -> None:
        self.connection.execute("ROLLBACK")


@pytest.fixture
def lock(tmp_path: Path) -> Iterator[Lock]:
    made = Lock(tmp_path / "grader.db")
    yield made
    made.connection.close()


def hand_in(person: Browser, lock: Lock, **fields: Any) -> Any:
    form = person.client.get(PATH)
    lock.take()
    data = {"csrf_token": token_in(form.text), "once": "the one key", **fields}
    return person.client.post(PATH, data=data, content_type="multipart/form-data")


def test_pasted_code_is_kept_and_told_in_one_line(
    person: Browser, lock: Lock, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        answer = hand_in(person, lock, source="x = '</textarea><b>'\n")
    assert (answer.status_code, answer.headers["Retry-After"], answer.mimetype) == (503, "5", "text/html")
    assert "x = &#39;&lt;/textarea&gt;&lt;b&gt;&#39;" in answer.text
    assert 'name="once" value="the one key"' in answer.text
    assert WORDS in answer.text
    (line,) = [record.getMessage() for record in caplog.records if record.name.startswith("grader")]
    assert line == f"away at POST {PATH}: OperationalError: database is locked"
    assert not any(record.exc_info for record in caplog.records)


def test_what_the_page_kept_can_be_handed_in_when_it_is_over(
    person: Browser, lock: Lock, school: Any
) -> None:
    kept = hand_in(person, lock, source="kept = 1\n")
    lock.release()
    data = {"csrf_token": token_in(kept.text), "once": "the one key", "source": "kept = 1\n"}
    answers = [person.client.post(PATH, data=data).headers["Location"] for _ in range(2)]
    assert answers[0] == answers[1], "one key, one submission"
    assert school.parts.store.get(answers[0].rpartition("/")[2]).source == "kept = 1\n"


FILES = {
    "a script is shown": ("s.py", b"from_file = 1\n", True),
    "a long one is not": ("s.py", b"#" * (LONGEST_SHOWN + 1), False),
    "a notebook is asked for again": ("s.ipynb", b'{"cells": []}', False),
    "so is one by another name": ("s.py", b'\xef\xbb\xbf {"cells": []}', False),
    "so is what is no text": ("s.py", b"\xff\xfe\x00", False),
}


@pytest.mark.parametrize(("name", "data", "shown"), FILES.values(), ids=FILES)
def test_a_chosen_file(person: Browser, lock: Lock, name: str, data: bytes, shown: bool) -> None:
    answer = hand_in(person, lock, source="", file=(io.BytesIO(data), name))
    assert answer.status_code == 503
    assert ("from_file = 1" in answer.text) is shown
    assert ("choose it again" in answer.text) is not shown


def test_who_was_never_signed_in_gets_nothing_back(person: Browser, lock: Lock) -> None:
    form = person.client.get(PATH)
    person.client.delete_cookie("grader")
    lock.take()
    data = {"csrf_token": token_in(form.text), "source": "foreign = 1"}
    answer = person.client.post(PATH, data=data)
    assert answer.status_code in (302, 400)
    assert "foreign" not in answer.text


def test_a_page_asks_again_by_itself_in_the_readers_language(person: Browser, tmp_path: Path) -> None:
    (tmp_path / "grader.db").rename(tmp_path / "aside.db")
    (tmp_path / "grader.db").mkdir()
    person.client.application.extensions[EXTENSION].database.close()
    answer = person.client.get("/", headers={"Accept-Language": "zh-CN"})
    assert (answer.status_code, answer.headers["Refresh"]) == (503, "5")
    assert catalogue("zh").gettext(WORDS) in answer.text
    assert catalogue("zh").gettext(WORDS) != WORDS


def test_a_program_gets_a_problem(person: Browser, lock: Lock, school: Any, now: Any) -> None:
    token = school.parts.accounts.issue_token(school.ids["ada"], "t", now)[0]
    lock.take()
    answer = Caller(person.client, token).post(
        "/submissions", json={"assignment": "dense", "source": "x = 1"}
    )
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["detail"] == f"{WORDS} Try again in a few seconds."


def test_another_form_says_to_go_back(person: Browser, lock: Lock) -> None:
    token = token_in(person.client.get("/").text)
    lock.take()
    answer = person.client.post("/join", data={"csrf_token": token, "code": "joincode"})
    assert answer.status_code == 503
    assert "Go back" in answer.text
    assert "textarea" not in answer.text
