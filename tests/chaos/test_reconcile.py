"""What reconciles is itself able to find fault."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.db.columns import utc_now
from grader.db.migrate import upgrade
from grader.db.tables import SubmissionRow
from grader.domain.course import CountingRule, Role
from grader.domain.report import NICE_WORK, Report, Verdict
from grader.services.ports import Origin, Upload
from grader.services.submit import submit
from grader.settings import load_settings
from grader.wiring import Wiring
from tests.chaos import family
from tests.chaos.client import Handed
from tests.chaos.deployment import ASSIGNMENTS
from tests.chaos.receiver import Receiver
from tests.chaos.reconcile import Outcome, await_ends, judge
from tests.chaos.work import TINY, piece

RIGHT = 3


class Found:
    """A database with one submission of which everything is as it must be."""

    def __init__(self, folder: Path) -> None:
        self.parts = Wiring(load_settings({}, data_dir=folder, assignments_dir=(ASSIGNMENTS,)))
        course = self.parts.courses.add_course("c", "C", "CODE", CountingRule.BEST, [TINY])
        assert course is not None
        student = self.parts.accounts.create("ada@example.edu", "Ada")
        self.parts.courses.set_role(course.id, student.id, Role.STUDENT)
        self.one = Handed(piece(RIGHT))
        upload = Upload(
            student=student.id,
            course=course.id,
            assignment=TINY,
            data=self.one.piece.source.encode(),
            origin=Origin.API,
            idempotency_key=self.one.key,
        )
        self.one.submission = submit(upload, self.parts.dispatcher, utc_now()).id
        self.receiver = Receiver()
        self.receiver.ids[self.one.submission].add("m1")
        self.receiver.scores[self.one.submission] = 10.0

    def end(self, score: float = 10.0) -> None:
        """A report comes."""
        row = self.parts.store.get(self.one.submission)
        assert row is not None
        verdict = Verdict.PASSED if score else Verdict.FAILED
        report = Report(
            TINY, row.assignment_version, verdict, score=score, max_score=10.0, feedback=NICE_WORK
        )
        assert self.parts.store.save_report(row.id, row.attempt, report, utc_now())

    def problems(self) -> list[str]:
        """What is found."""
        outcome = await_ends(self.parts, [self.one], 0.3)
        judge(self.parts, [self.one], self.receiver, outcome, 0.3)
        assert isinstance(outcome, Outcome)
        return outcome.problems

    def close(self) -> None:
        """Let go."""
        self.receiver.server_close()
        self.parts.database.close()


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that is up to date and has nobody in it."""
    folder = tmp_path_factory.mktemp("empty")
    database = Wiring(load_settings({}, data_dir=folder)).database
    upgrade(database)
    database.close()
    return folder / "grader.db"


@pytest.fixture
def found(empty: Path, tmp_path: Path) -> Iterator[Found]:
    shutil.copy(empty, tmp_path)
    made = Found(tmp_path)
    yield made
    made.close()


def test_nothing_where_all_is_well(found: Found) -> None:
    found.end()
    assert found.problems() == []


def lost(found: Found) -> None:
    found.end()
    with found.parts.database.write() as session:
        row = session.get(SubmissionRow, found.one.submission)
        assert row is not None
        row.idempotency_key = "another"


def told_twice(found: Found) -> None:
    found.end()
    found.receiver.ids[found.one.submission].add("m2")


def told_wrongly(found: Found) -> None:
    found.end()
    found.receiver.scores[found.one.submission] = 9.0


def not_told(found: Found) -> None:
    found.end()
    found.receiver.ids.clear()


@pytest.mark.parametrize(
    ("break_it", "says"),
    [
        (lambda found: None, "not final"),
        (lambda found: found.end(0.0), "failed 0.0 instead of passed 10.0"),
        (lost, "rows: []"),
        (told_twice, "messages: ['m1', 'm2']"),
        (told_wrongly, "the LMS was told 9.0"),
        (not_told, "messages: []"),
    ],
)
def test_whatever_is_wrong_is_found(found: Found, break_it: Callable[[Found], None], says: str) -> None:
    break_it(found)
    problems = found.problems()
    assert any(says in problem for problem in problems), problems


def test_who_was_never_acknowledged_is_told(found: Found) -> None:
    found.end()
    found.one.submission = ""
    assert found.problems() == ["never acknowledged"]


def test_a_process_that_nobody_ended_is_found_and_ended() -> None:
    beside = subprocess.Popen(["sleep", "600"])  # as a server that other tests of this process share
    with family.taking_in_orphans():
        known = family.children()
        script = "import subprocess; subprocess.Popen(['sleep', '600'])"
        subprocess.run([sys.executable, "-c", script], check=True)
        assert family.left_behind(known, 0.5) == ["sleep 600"]
        assert family.left_behind(known, 5) == []
    assert beside.poll() is None
    beside.kill()
    beside.wait()
