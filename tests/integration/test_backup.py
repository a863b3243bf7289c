"""A backup under load and a restore elsewhere, as docs/operations.md has them typed: reconciled hand-in by hand-in."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from grader.backup import snapshot
from grader.db.columns import utc_now
from grader.db.migrate import differences, upgrade
from grader.db.tables import ReportRow, SubmissionRow
from grader.domain.course import CountingRule, Role
from grader.domain.submission import State
from grader.lms.signature import make_secret
from grader.settings import load_settings
from grader.wiring import Wiring
from tests.engine import PROJECT
from tests.instructions import Block, blocks_of, prints
from tests.integration.conftest import ASSIGNMENTS, GRADER, Served, Service, environment, serving, wait_until
from tests.receivers import Receiver, receiving
from tests.servers import make_database

pytestmark = pytest.mark.services

PAGE = blocks_of(PROJECT / "docs" / "operations.md")
BODY = "import keras\n\n\ndef build_model():\n    return keras.Sequential([keras.Input((4,)), keras.layers.Dense({}), keras.layers.Dense(1)])\n"
SOURCES = (BODY.format(3), BODY.format(5), "def build_model():\n    return 1 +\n")
"""A pass, a fail and an invalid one."""
OURS = "127.0.0.0/8"
SENDING = {"GRADER_WEBHOOK_ALLOW_PRIVATE": OURS}
STUDENTS = 14
LONGEST = 240
"""Seconds: a bound against hanging."""
BEFORE, AFTER = 4, 2
"""How many are acknowledged before the backup begins, and at least after it has ended."""


def typed(where: str, folder: Path, data: Path, environ: dict[str, str]) -> str:
    """Type a block of the page, with these folders in the place of its own; what it prints, as the page says."""
    (block,) = [one for one in PAGE if one.where == where]

    def here(text: str) -> str:
        return text.replace("/var/backups", str(folder)).replace("/var/lib/grader", str(data))

    environ = environ | {"PATH": f"{PROJECT / '.venv/bin'}:{environ['PATH']}", "GRADER_DATA_DIR": str(data)}
    command = ["bash", "-euo", "pipefail", "-c", here(block.text)]
    done = subprocess.run(command, env=environ, cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    shown = Block(block.language, block.where, block.text, here(block.printed))
    assert prints(shown, done.stdout), f"the page shows\n{shown.printed}\nand there was\n{done.stdout}"
    return done.stdout


@dataclass
class Class:
    """Students who hand in one after another, each once, for as long as the block runs."""

    address: str
    tokens: list[str]
    acknowledged: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    go_on: threading.Event = field(default_factory=threading.Event)
    """The first come at once, all others after this."""

    @contextmanager
    def handing_in(self) -> Iterator[None]:
        over = threading.Event()
        thread = threading.Thread(target=self._come, args=(over,))
        thread.start()
        try:
            yield
        finally:
            over.set()
            self.go_on.set()
            thread.join()
        assert self.problems == []

    def _come(self, over: threading.Event) -> None:
        for number, token in enumerate(self.tokens):
            if number == BEFORE:
                self.go_on.wait(LONGEST)
            if over.wait(0.05):
                return
            try:
                self.acknowledged.append(self._hand_in(token, SOURCES[number % len(SOURCES)]))
            except OSError as error:
                self.problems.append(str(error))
                return

    def _hand_in(self, token: str, source: str) -> str:
        words = json.dumps({"assignment": "tiny", "source": source}).encode()
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.address}/api/v1/submissions", words, headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            assert answer.status == 202
            return str(json.load(answer)["id"])


def parts_on(data: Path, **more: Any) -> Wiring:
    return Wiring(load_settings({}, data_dir=data, assignments_dir=(ASSIGNMENTS,), **more))


def enrol(parts: Wiring, receiver: Receiver) -> list[str]:
    """A course with an endpoint; the tokens of its students."""
    course = parts.courses.add_course("keras", "Keras", "CODE", CountingRule.BEST, ["tiny"])
    assert course is not None
    parts.endpoints.add_endpoint(course.id, receiver.url, make_secret())
    tokens = []
    for number in range(STUDENTS):
        student = parts.accounts.create(f"s{number}@example.edu", f"S {number}")
        parts.courses.set_role(course.id, student.id, Role.STUDENT)
        tokens.append(parts.accounts.issue_token(student.id, "t", utc_now())[0])
    return tokens


def ends(parts: Wiring) -> dict[str, tuple[str, str | None, float | None]]:
    """Of each submission: its state, its verdict and its points."""
    row = SubmissionRow
    with parts.database.read() as session:
        found = session.execute(select(row.id, row.state, row.verdict, row.score))
        return {one: (state, verdict, score) for one, state, verdict, score in found}


def reports(parts: Wiring) -> dict[str, int]:
    with parts.database.read() as session:
        query = select(ReportRow.submission_id, func.count()).group_by(ReportRow.submission_id)
        return dict(session.execute(query).all())


def all_final(parts: Wiring) -> bool:
    return {state for state, _, _ in ends(parts).values()} == {State.DONE.value}


def told_ids(receiver: Receiver) -> dict[str, list[str]]:
    """Of each submission that was told: the ids of its messages."""
    found: dict[str, list[str]] = {}
    for one, told in zip(receiver.ids, receiver.told, strict=True):
        found.setdefault(told["grader_submission_id"], []).append(one)
    return found


def all_told(parts: Wiring, receiver: Receiver) -> None:
    wait_until(
        lambda: not sum(one.count for one in parts.outgoing.waiting()), LONGEST, "every message to be told"
    )
    assert len(receiver.ids) == len(set(receiver.ids)), "each leaves once"


@pytest.mark.sandbox
def test_a_backup_under_load_comes_back_whole_and_tells_once(tmp_path: Path) -> None:
    with receiving() as receiver:
        first, again = tmp_path / "first", tmp_path / "again"
        first.mkdir()
        again.mkdir()
        words = {"assignments_dir": str(ASSIGNMENTS), "webhook_allow_private": OURS}
        for served in serving(Served(first, "--workers", "1", **words)):
            before, old = _under_load(served, receiver, tmp_path)
        in_backup = _copied(tmp_path / "grader.tar", tmp_path / "looked-at")
        assert set(before) <= set(in_backup), "whoever was told so before it began is in it"
        assert State.DONE.value in {state for state, _, _ in in_backup.values()}
        old_ids = told_ids(receiver)
        receiver.got.clear()

        environ = served.environ
        assert f"when it starts: {_unfinished(in_backup)}" in typed(
            "bring back", tmp_path, again / "data", environ
        )
        for served in serving(Served(again, "--workers", "1", **words)):
            assert _graded_and_told(served, tmp_path, receiver) == {one: old[one] for one in in_backup}
        new_ids = told_ids(receiver)
        assert {one: len(ids) for one, ids in new_ids.items()} == dict.fromkeys(in_backup, 1)
        known = {one for one, (state, _, _) in in_backup.items() if state == State.DONE.value}
        assert {one: new_ids[one] for one in known} == {one: old_ids[one] for one in known}
        assert not {new_ids[one][0] for one in set(in_backup) - known} & {ids[0] for ids in old_ids.values()}


def _graded_and_told(served: Served, folder: Path, receiver: Receiver) -> dict[str, Any]:
    """Let everything end, then let messages go: how all ended. Until then none leaves."""
    data = served.folder / "data"
    parts = parts_on(data)
    wait_until(lambda: all_final(parts), LONGEST, "everything to be graded")
    found = ends(parts)
    assert set(reports(parts).values()) == {1}
    assert "HELD" in served.operate("status", "--service").stdout
    time.sleep(2.5)  # a round of whoever sends
    assert receiver.got == []
    assert f"webhook: {len(found)} go." in typed("let go", folder, data, served.environ)
    all_told(parts, receiver)
    parts.database.close()
    return found


def _under_load(served: Served, receiver: Receiver, folder: Path) -> tuple[list[str], dict[str, Any]]:
    """Hand in, keep a copy meanwhile, let everything end: who was acknowledged before, and how all ended."""
    parts = parts_on(served.folder / "data")
    people = Class(served.address, enrol(parts, receiver))
    parts.outgoing.hold(utc_now())  # so that messages wait in the backup
    with people.handing_in():
        wait_until(
            lambda: len(people.acknowledged) >= BEFORE and reports(parts), LONGEST, "some that are graded"
        )
        before = list(people.acknowledged)
        people.go_on.set()
        typed("keep", folder, served.folder / "data", served.environ)
        acknowledged = len(people.acknowledged)
        wait_until(lambda: len(people.acknowledged) >= min(acknowledged + AFTER, STUDENTS), LONGEST, "more")
    wait_until(lambda: all_final(parts), LONGEST, "everything to be graded")
    parts.outgoing.release()
    all_told(parts, receiver)
    old = ends(parts)
    assert set(people.acknowledged) == set(old)
    parts.database.close()
    return before, old


def _copied(archive: Path, folder: Path) -> dict[str, Any]:
    """What the database in a backup says."""
    folder.mkdir()
    subprocess.run(["tar", "-xf", archive, "-C", folder, "grader.db"], check=True)
    assert snapshot.check(folder / "grader.db") == ""
    parts = parts_on(folder)
    found = ends(parts)
    parts.database.close()
    return found


def _unfinished(found: dict[str, Any]) -> int:
    return sum(state != State.DONE.value for state, _, _ in found.values())


def test_postgresql_is_kept_and_brought_back_as_the_page_says(
    postgres: str, redis_url: str, tmp_path: Path
) -> None:
    kept, again = make_database(postgres, "kept"), make_database(postgres, "again")
    data = tmp_path / "data"
    data.mkdir()
    with receiving() as receiver:
        one = Service(load_settings({}, data_dir=data, database_url=kept, broker_url=f"{redis_url[:-1]}4"))
        try:
            one.parts.endpoints.add_endpoint(one.course, receiver.url, make_secret())
            one.start("control")
            one.start("grading")
            done = one.submit("# sleep 0")
            one.await_state(done, State.DONE)
            one.parts.outgoing.hold(utc_now())
            running = one.submit("# hold")
            one.await_state(running, State.RUNNING)
            waiting = one.submit("# sleep 0")
            environ = {name: text for name, text in os.environ.items() if not name.startswith("GRADER_")}
            environ["GRADER_DATABASE_URL"] = kept
            typed("keep with PostgreSQL", tmp_path, data, environ)
        finally:
            one.stop()
        environ["GRADER_DATABASE_URL"] = again
        typed("bring back with PostgreSQL", tmp_path, tmp_path / "elsewhere", environ)
        receiver.got.clear()
        settings = load_settings(
            {}, data_dir=tmp_path / "elsewhere", database_url=again, broker_url=f"{redis_url[:-1]}5"
        )
        _go_on(Service(settings, is_new=False), [done, running, waiting], receiver)
    assert (tmp_path / "elsewhere" / "secret-key").exists()


def _go_on(two: Service, known: list[str], receiver: Receiver) -> None:
    try:
        assert differences(two.parts.database) == []
        held = two.parts.outgoing.held()
        assert held is not None
        assert held.backup_of is not None
        two.start("control", **SENDING)
        two.start("grading")
        for submission in known:
            found = two.await_state(submission, State.DONE)
            assert (found.losses, found.faults) == (0, 0)
            assert len(two.parts.queries.reports(submission)) == 1
        (owed,) = two.parts.outgoing.waiting()
        assert owed.count == 1, "the newest of one student's alone"
        assert receiver.got == []
        two.parts.outgoing.release()
        all_told(two.parts, receiver)
        assert len(receiver.got) == 1
    finally:
        two.stop()


@pytest.mark.parametrize("room", ["256k", "640k"])
def test_a_disk_that_is_full_is_said_in_words_and_keeps_no_half_a_file(tmp_path: Path, room: str) -> None:
    """It is full while the database is copied, and while the copy is put into the archive."""
    data, disk = tmp_path / "data", tmp_path / "disk"
    data.mkdir()
    disk.mkdir()
    parts = parts_on(data)
    upgrade(parts.database)
    parts.database.close()
    script = f"mount -t tmpfs -o size={room} none {disk}; {' '.join(GRADER)} backup {disk}/b.tar; echo ended $?; ls -A {disk}"
    command = ["unshare", "--mount", "--propagation", "private", "bash", "-c", script]
    done = subprocess.run(
        command,
        env=environment(tmp_path) | {"GRADER_DATA_DIR": str(data)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout == "ended 1\n", done.stdout + done.stderr
    assert "There is no room left" in done.stderr
