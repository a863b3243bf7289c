"""A small school on a real SQLite database and the real embedded broker."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import event

from grader.db.migrate import upgrade
from grader.db.session import Database
from grader.domain.assignment import Assignment, EntryPoint, Part
from grader.domain.course import CountingRule, Role
from grader.domain.errors import Reason
from grader.domain.message import message
from grader.domain.report import NICE_WORK, CheckResult, Outcome, Report, Verdict, Visibility
from grader.services.ports import Submission, Upload
from grader.services.submit import submit
from grader.settings import load_settings
from grader.wiring import Wiring

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
PASSWORD = "a long enough password"


@dataclass(frozen=True)
class TinyShelf:
    """Two assignments without any file."""

    assignments: Mapping[str, Assignment] = field(
        default_factory=lambda: {
            slug: Assignment(
                slug=slug,
                title=slug.title(),
                version=f"sha256:{slug}",
                statement="Build a model.",
                starter="def build_model(): ...\n",
                parts=(Part("model", EntryPoint("build_model"), (4,)),),
            )
            for slug in ("dense", "conv")
        }
    )

    def max_score(self, slug: str) -> float:
        """Ten points each."""
        assert slug in self.assignments
        return 10.0

    def points(self, slug: str) -> Mapping[str, float]:
        """Of the checks of `report_of`."""
        assert slug in self.assignments
        return {"model/order": 2.0, "model/secret": 8.0}


@dataclass
class School:
    """People and their course: `ids` are users by first name."""

    parts: Wiring
    course: str
    ids: dict[str, str]

    def hand_in(
        self, who: str = "ada", source: str = "x = 1\n", at: datetime = NOW, **more: object
    ) -> Submission:
        """One submission by somebody, in the queue."""
        words: dict[str, object] = {"assignment": "dense", "data": source.encode()} | more
        upload = Upload(student=self.ids[who], course=self.course, **words)  # type: ignore[arg-type]
        return submit(upload, self.parts.dispatcher, at)

    def grade(self, submission: Submission, report: Report, at: datetime = NOW) -> None:
        """Save a report for the current attempt."""
        current = self.parts.store.get(submission.id)
        assert current is not None
        assert self.parts.recorder.save(
            submission.id, current.attempt, report, at + timedelta(seconds=1), has_run=True
        )


def report_of(
    verdict: Verdict = Verdict.PASSED, score: float | None = 10.0, reason: Reason | None = None
) -> Report:
    """A report with one visible and one hidden check."""
    checks = (
        CheckResult("order", "model", "layers in order", Outcome.PASSED, 2.0, 2.0),
        CheckResult("secret", "model", "a secret", Outcome.PASSED, 8.0, 8.0, Visibility.HIDDEN),
    )
    words = NICE_WORK if verdict is Verdict.PASSED else (message("not_yet"), message("wrong_output_shape"))
    return Report("dense", "sha256:dense", verdict, 10.0, score, words, reason, checks=checks)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty database to copy."""
    path = tmp_path_factory.mktemp("template") / "grader.db"
    database = Database(f"sqlite:///{path}")
    upgrade(database)
    database.close()
    return path


def waits_for_no_disk(connection: Any, _record: object) -> None:
    """No database of a test outlives a failure of power: SQLite need not wait until the disk has what it was given."""
    connection.execute("PRAGMA synchronous = OFF")


class Elsewhere(Database):
    """A database whose file is another one for each test: an engine that stays has compiled its statements already."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"sqlite:///{path}")
        self.path = path
        event.listen(self.engine, "do_connect", self._at_its_place)
        event.listen(self.engine, "connect", waits_for_no_disk)

    def _at_its_place(self, _dialect: object, _record: object, arguments: list[str], _named: object) -> None:
        arguments[0] = str(self.path)


@pytest.fixture(scope="session")
def database(template: Path) -> Elsewhere:
    """The engine of all tests."""
    return Elsewhere(template)


@pytest.fixture
def parts(template: Path, database: Elsewhere, tmp_path: Path) -> Iterator[Wiring]:
    """Everything but web and workers."""
    database.path = tmp_path / "grader.db"
    shutil.copy(template, database.path)
    made = Wiring(load_settings({}, data_dir=tmp_path), TinyShelf())
    made.__dict__["database"] = database
    yield made
    database.close()


@pytest.fixture
def now() -> datetime:
    """The moment at which these tests happen."""
    return NOW


@pytest.fixture
def make_report() -> Callable[..., Report]:
    """`report_of`."""
    return report_of


@pytest.fixture(scope="session")
def school_template(
    template: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str, Mapping[str, str]]:
    """The school's database to copy, its course, its people; everybody's password is PASSWORD, cheaply hashed."""
    folder = tmp_path_factory.mktemp("school")
    shutil.copy(template, folder / "grader.db")
    parts = Wiring(load_settings({}, data_dir=folder), TinyShelf())
    courses, accounts = parts.courses, parts.accounts
    course = courses.add_course("keras", "Keras", "JOINCODE", CountingRule.BEST, ["dense", "conv"])
    other = courses.add_course("other", "Other", "OTHERCODE", CountingRule.LAST, ["dense"])
    assert course is not None
    assert other is not None
    hashed = CHEAP.hash(PASSWORD)
    ids = {
        name: accounts.store.add_user(f"{name}@example.edu", name.title(), hashed, is_admin=name == "root").id  # type: ignore[union-attr]
        for name in ("ada", "bob", "tess", "otto", "root")
    }
    for name, role in (("ada", Role.STUDENT), ("bob", Role.STUDENT), ("tess", Role.TA)):
        courses.set_role(course.id, ids[name], role)
    courses.set_role(other.id, ids["otto"], Role.TA)
    parts.database.close()
    return folder / "grader.db", course.id, ids


@pytest.fixture
def school(parts: Wiring, school_template: tuple[Path, str, Mapping[str, str]]) -> School:
    """Ada and Bob are students of course `keras`, Tess its TA, Otto is TA of another course, Root administers."""
    path, course, ids = school_template
    shutil.copy(path, parts.settings.data_dir / "grader.db")
    parts.accounts.__dict__["_hasher"] = CHEAP
    return School(parts, course, dict(ids))
