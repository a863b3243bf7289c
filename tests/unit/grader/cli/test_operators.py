"""`user`, `course`, `db` and `regrade` against a real folder."""

from __future__ import annotations

import re
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from grader.cli import cli
from grader.db.columns import utc_now
from grader.db.tables import CourseDataRow
from grader.domain.course import CountingRule
from grader.services.accounts import Purpose
from grader.wiring import Wiring


@pytest.fixture
def run(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`grader …` on one data folder."""
    shutil.copy(template, tmp_path / "grader.db")
    for name in ("GRADER_DATABASE_URL", "GRADER_BROKER_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GRADER_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("GRADER_PUBLIC_URL", "https://grader.example.edu/")

    def call(*arguments: str) -> Result:
        return CliRunner().invoke(cli, list(arguments))

    return call


@pytest.fixture
def own_parts(tmp_path: Path) -> Any:
    from grader.settings import load_settings

    parts = Wiring(load_settings({}, data_dir=tmp_path))
    yield parts
    parts.database.close()


def secret_in(text: str) -> str:
    found = re.search(r"https://grader\.example\.edu/link/(\S+)", text)
    assert found is not None, text
    return found[1]


def test_the_first_administrator(run: Any, own_parts: Wiring) -> None:
    result = run("user", "add", "Root@Example.edu", "--admin")
    assert result.exit_code == 0, result.output
    user, purpose = own_parts.accounts.use_link(secret_in(result.output), utc_now())
    assert (user.email, user.is_admin, purpose) == ("root@example.edu", True, Purpose.SIGN_IN)
    assert "root@example.edu" in run("user", "list").output
    assert run("user", "add", "root@example.edu").exit_code == 2
    assert run("user", "add", "nonsense").exit_code == 2


def test_a_reset_link(run: Any, own_parts: Wiring) -> None:
    run("user", "add", "ada@example.edu")
    found = own_parts.accounts.use_link(secret_in(run("user", "reset", "ada@example.edu").output), utc_now())
    assert found[1] is Purpose.RESET
    assert run("user", "reset", "nobody@example.edu").exit_code == 2


def test_a_course_and_its_people(run: Any, own_parts: Wiring, tmp_path: Path) -> None:
    own_parts.courses.add_course("keras", "Keras", "CODE", CountingRule.BEST, [])
    roster = tmp_path / "roster.csv"
    roster.write_text("email,name,role\nada@x.edu,Ada,\ntess@x.edu,Tess,ta\n")
    assert "2 people" in run("course", "import", "keras", str(roster), "--dry-run").output
    assert own_parts.accounts.store.users() == []
    result = run("course", "import", "keras", str(roster))
    assert result.exit_code == 0
    assert own_parts.accounts.use_link(secret_in(result.output), utc_now())[0].email == "ada@x.edu"
    assert run("course", "member", "keras", "ada@x.edu", "--role", "teacher").exit_code == 0
    course, ada = own_parts.courses.course("keras"), own_parts.accounts.store.user_by_email("ada@x.edu")
    assert own_parts.courses.role(course.id, ada.id) == "teacher"
    assert "CODE" in run("course", "list").output
    assert secret_in(run("course", "link", "ada@x.edu").output)


def test_a_roster_with_faults_changes_nothing(run: Any, own_parts: Wiring, tmp_path: Path) -> None:
    run("course", "create", "keras")
    roster = tmp_path / "roster.csv"
    roster.write_text("email,name,role\nada@x.edu,Ada,\nnonsense,N,\n")
    result = run("course", "import", "keras", str(roster))
    assert result.exit_code == 1
    assert f"{roster}:3:" in result.output
    assert own_parts.accounts.store.users() == []
    assert run("course", "import", "nonsense", str(roster)).exit_code == 2


def test_a_course_chooses_a_plan(run: Any) -> None:
    run("course", "create", "keras", "--assignment", "mnist-dense", "--assignment", "traffic-dense")
    assert run("course", "plan", "keras", "mnist-dense", "document").exit_code == 0
    assert run("course", "plan", "keras").output == "mnist-dense\tdocument\ntraffic-dense\tclass\n"
    for wrong in (
        ("traffic-dense", "document"),
        ("xor", "class"),
        ("mnist-dense", "long"),
        ("mnist-dense",),
    ):
        assert run("course", "plan", "keras", *wrong).exit_code == 2


def test_another_attempt_counts_from_now_on(run: Any, own_parts: Wiring) -> None:
    own_parts.courses.add_course("keras", "Keras", "CODE", CountingRule.BEST, [])
    result = run("course", "rule", "keras", "last")
    assert result.output == "In keras the last attempt counts. Grades of another attempt than before: 0.\n"
    assert own_parts.courses.course("keras").rule is CountingRule.LAST
    for wrong in (("keras", "first"), ("nonsense", "last")):
        assert run("course", "rule", *wrong).exit_code == 2


def test_a_course_is_opened_with_known_assignments_only(run: Any) -> None:
    assert "Join code" in run("course", "create", "keras").output
    assert run("course", "create", "keras").exit_code == 2
    assert run("course", "create", "other", "--assignment", "nonsense").exit_code == 2


def test_db_upgrade_twice(run: Any) -> None:
    for _ in range(2):
        result = run("db", "upgrade")
        assert (result.exit_code, "up to date" in result.output) == (0, True)


def test_regrade_wants_to_know_who_and_what(run: Any, own_parts: Wiring) -> None:
    own_parts.accounts.create("tess@x.edu", "Tess")
    assert run("regrade", "x", "--by", "nobody@x.edu").exit_code == 2
    assert run("regrade", "--by", "tess@x.edu").exit_code == 2
    result = run("regrade", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "--by", "tess@x.edu")
    assert (result.exit_code, "0 of 1" in result.output) == (1, True)


def test_the_data_of_a_course_is_shown_and_released(run: Any, own_parts: Wiring) -> None:
    run("course", "create", "keras")
    course = own_parts.courses.course("keras")
    row = CourseDataRow(course_id=course.id, slug="happy-house", dataset="happy-house", since=utc_now())
    row.origin, row.sha256 = "synthetic", "sha256:abc"
    with own_parts.database.write() as session:
        session.add(row)
    assert "happy-house\tsynthetic\tsha256:abc" in run("course", "data", "keras").output
    released = run("course", "data", "keras", "--release", "happy-house")
    assert "grader regrade --course keras --assignment happy-house" in released.output
    assert run("course", "data", "keras").output == ""
    assert run("course", "data", "keras", "--release", "happy-house").exit_code == 2


def test_pruning_says_first_what_would_go(run: Any, own_parts: Wiring) -> None:
    now = utc_now()
    own_parts.tallies.add("over", now - timedelta(days=1), timedelta(minutes=1))
    dry = run("prune", "--dry-run")
    assert (dry.exit_code, dry.output.splitlines()[-1]) == (0, "Nothing was changed.")
    assert "1\tcounts that ran out" in dry.output
    done = run("prune")
    assert (done.exit_code, done.output.splitlines()[-1]) == (0, "1 rows were removed or emptied.")
    assert own_parts.tallies.total("over") == 0
