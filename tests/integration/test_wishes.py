"""What endpoints are owed on real databases: two control workers at once, grades that change meanwhile, a big class."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from grader.db.columns import new_id, utc_now
from grader.db.migrate import differences, upgrade
from grader.db.session import Database
from grader.db.wish_tables import WishRow
from grader.domain.course import CountingRule, Role
from grader.domain.report import NICE_WORK, Report, Verdict
from grader.lms.signature import make_secret
from grader.services.ports import NewSubmission, Upload
from grader.services.webhook_ports import WebhookPatience
from grader.settings import load_settings
from grader.wiring import Wiring
from tests import old_outbox
from tests.receivers import Receiver, receiving
from tests.school import TinyShelf

pytestmark = pytest.mark.services

PATIENCE = WebhookPatience(
    delays=(0, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05, 60.0), jitter=0.0, timeout=5.0, turn=1.0
)


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path}/grader.db"


class Class:
    """A course with students; `parts` are those of as many processes as one asks for."""

    def __init__(self, address: str, folder: Path) -> None:
        self.settings = load_settings({}, data_dir=folder, database_url=address)
        self.settings = replace(self.settings, webhook_allow_private="127.0.0.0/8")
        self.all: list[Wiring] = []
        self.parts = self.process()
        upgrade(self.parts.database)
        course = self.parts.courses.add_course("c", "C", "CODE", CountingRule.BEST, ["dense", "conv"])
        assert course is not None
        self.course = course.id
        self.students = [self._student(number) for number in range(4)]

    def process(self) -> Wiring:
        made = Wiring(self.settings, TinyShelf(), webhook_patience=PATIENCE)
        self.all.append(made)
        return made

    def _student(self, number: int) -> str:
        made = self.parts.accounts.create(f"s{number}@example.edu", f"S{number}")
        self.parts.courses.set_role(self.course, made.id, Role.STUDENT)
        return made.id

    def grade(self, parts: Wiring, student: str, assignment: str, score: float) -> str:
        """One submission with its report."""
        source = f"x = '{new_id()}'\n"
        upload = Upload(student, self.course, assignment, source.encode())
        report = Report(assignment, "v", Verdict.PASSED, 10.0, score, NICE_WORK)
        return parts.store.add(NewSubmission(upload, "v", source, utc_now()), report).id

    def close(self) -> None:
        for one in self.all:
            one.database.close()


@pytest.fixture
def school(address: str, tmp_path: Path) -> Iterator[Class]:
    made = Class(address, tmp_path)
    yield made
    made.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as server:
        yield server


def newest_heard(receiver: Receiver) -> dict[tuple[str, str], tuple[int, float]]:
    """What a receiver that believes what comes last knows: sequence and score by student and exercise."""
    return {
        (told["user"]["id"], told["assignment_id"]): (told["sequence"], told["score"])
        for told in receiver.told
    }


def test_two_control_workers_tell_each_grade_in_order_while_it_changes(
    school: Class, receiver: Receiver
) -> None:
    """Four threads grade, the rule changes, the receiver fails now and then; two processes deliver as fast as they can."""
    endpoint = school.parts.endpoints.add_endpoint(school.course, receiver.url, make_secret())
    chance, over = random.Random(7), threading.Event()
    receiver.statuses = [chance.choice([200, 200, 200, 500]) for _ in range(400)] + [200]
    receiver.meanwhile = lambda: time.sleep(0.002)

    def deliver(parts: Wiring) -> None:
        while not over.is_set():
            for one in parts.wishes.due(utc_now()):
                parts.courier.begin(one)
            over.wait(0.01)

    def grade(student: str) -> None:
        parts, own = school.process(), random.Random(student)
        for _ in range(8):
            school.grade(parts, student, own.choice(["dense", "conv"]), own.randrange(11))

    workers = [threading.Thread(target=deliver, args=(school.process(),)) for _ in range(2)]
    for worker in workers:
        worker.start()
    try:
        with ThreadPoolExecutor(5) as pool:
            graded = [pool.submit(grade, student) for student in school.students]
            for rule in (CountingRule.LAST, CountingRule.BEST, CountingRule.LAST):
                school.parts.courses.set_rule(school.course, rule, utc_now())
        for one in graded:
            one.result()
        until = time.monotonic() + 60
        while school.parts.endpoints.owed(school.course) and time.monotonic() < until:
            time.sleep(0.02)
    finally:
        over.set()
        for worker in workers:
            worker.join()
        for thread in threading.enumerate():
            if thread.name == "webhook":
                thread.join(30)
    assert school.parts.endpoints.owed(school.course) == {}
    truth = {
        (line.student, line.assignment): line.score
        for line in school.parts.queries.grades(school.course, CountingRule.LAST)
    }
    heard = newest_heard(receiver)
    assert {about: score for about, (_, score) in heard.items()} == truth
    assert receiver.overlaps == []
    sequences: dict[tuple[str, str], list[int]] = {}
    ids: dict[tuple[str, str, int], set[str]] = {}
    for told, name in zip(receiver.told, receiver.ids, strict=True):
        about = (told["user"]["id"], told["assignment_id"])
        sequences.setdefault(about, []).append(told["sequence"])
        ids.setdefault((*about, told["sequence"]), set()).add(name)
    assert all(each == sorted(each) for each in sequences.values())
    assert all(len(each) == 1 for each in ids.values())
    assert endpoint in {one.id for one in school.parts.endpoints.endpoints(utc_now())}


def test_many_processes_that_grade_enable_and_change_the_rule_at_once_wait_for_each_other(
    school: Class, receiver: Receiver
) -> None:
    """Two endpoints that stay and one that comes and goes while it is told: no deadlock, and nobody is missing in the end."""
    urls = [f"{receiver.url}/{number}" for number in range(2)]
    endpoints = [school.parts.endpoints.add_endpoint(school.course, url, make_secret()) for url in urls]

    def grade(number: int) -> None:
        parts = school.process()
        for _ in range(6):
            school.grade(parts, school.students[number % 4], ["dense", "conv"][number % 2], number)

    def enable(endpoint: str) -> None:
        for _ in range(6):
            school.parts.endpoints.enable(endpoint, utc_now(), everybody=True)

    def rule() -> None:
        for each in (CountingRule.LAST, CountingRule.BEST) * 3:
            school.parts.courses.set_rule(school.course, each, utc_now())

    def come_and_go() -> None:
        other = school.process()
        for _ in range(6):
            made = school.parts.endpoints.add_endpoint(school.course, receiver.url, make_secret())
            assert school.parts.endpoints.enable(made, utc_now(), everybody=True) is not None
            tells = [pool.submit(parts.courier.deliver, made, utc_now()) for parts in (other, school.parts)]
            assert school.parts.endpoints.remove(made)
            for tell in tells:
                tell.result(60)

    with ThreadPoolExecutor(10) as pool:
        done = [pool.submit(grade, number) for number in range(4)]
        done += [pool.submit(enable, one) for one in endpoints]
        done += [pool.submit(rule), pool.submit(come_and_go)]
        for one in done:
            one.result(60)
    owed = school.parts.endpoints.owed(school.course)
    assert owed == dict.fromkeys(endpoints, 4)


def test_a_class_of_ten_thousand_is_found_by_an_index(school: Class, receiver: Receiver) -> None:
    """Owed by an endpoint that was off; a round, a claim, and what enabling it takes."""
    endpoint = school.parts.endpoints.add_endpoint(school.course, receiver.url, make_secret())
    submission = school.grade(school.parts, school.students[0], "dense", 5.0)
    assert school.parts.endpoints.disable_endpoint(endpoint, "off") == 1
    now = utc_now()
    many = [
        {
            "receiver_kind": "webhook", "receiver_id": endpoint, "course_id": school.course,
            "student_id": school.students[0], "assignment": f"a{number}", "submission_id": submission,
            "wished_at": now, "next_try_at": None,
        }
        for number in range(10_000)
    ]  # fmt: skip
    with school.parts.database.write() as session:
        session.execute(insert(WishRow), many)
    assert school.parts.endpoints.enable(endpoint, now) == 10_001
    postgres = school.parts.database.engine.dialect.name == "postgresql"
    with school.parts.database.write() as session:
        session.execute(text("ANALYZE"))
    assert school.parts.wishes.due(utc_now()) == [endpoint]
    thread = school.parts.courier.begin(endpoint)
    assert thread is not None
    thread.join(60)
    assert receiver.got
    assert len(school.parts.wishes.wishes(school.course, utc_now())) == 200
    if postgres:
        due = (
            "EXPLAIN SELECT id FROM wishes WHERE receiver_kind = 'webhook' AND receiver_id = :e AND state = 'waiting'"
            " AND next_try_at <= now() AND (claimed_until IS NULL OR claimed_until <= now())"
            " ORDER BY next_try_at, id LIMIT 1 FOR UPDATE SKIP LOCKED"
        )
        with school.parts.database.read() as session:
            plan = "\n".join(session.scalars(text(due), {"e": endpoint}))
        assert "Index Scan using ix_wishes_due" in plan, plan
        assert "Sort" not in plan, plan


def test_what_waited_before_the_upgrade_waits_after_it(address: str) -> None:
    database = Database(address)
    old_outbox.fill(database)
    old_outbox.look(database)
    assert differences(database) == []
    old_outbox.back(database)
    database.close()


def test_a_pause_holds_for_every_process(school: Class, receiver: Receiver) -> None:
    endpoint = school.parts.endpoints.add_endpoint(school.course, receiver.url, make_secret())
    for student in school.students:
        school.grade(school.parts, student, "dense", 5.0)
    receiver.statuses, receiver.retry_after = [429], "3600"
    now = utc_now()
    assert school.parts.courier.deliver(endpoint, now) is not None
    other = school.process()
    assert other.wishes.due(now + timedelta(minutes=59)) == []
    assert other.courier.deliver(endpoint, now + timedelta(minutes=59)) is None
    receiver.statuses, receiver.retry_after = [200], ""
    assert other.courier.deliver(endpoint, now + timedelta(minutes=61)) is not None
