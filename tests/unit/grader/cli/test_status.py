"""`grader status --service` on a real folder."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from grader.cli import cli
from grader.db.columns import utc_now
from grader.db.session import Database
from grader.db.webhook_tables import WebhookEndpointRow
from grader.db.wish_tables import WEBHOOK, WishRow
from grader.services.ports import Sign

School = Any


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`grader …` in this process."""
    for name in ("GRADER_DATABASE_URL", "GRADER_BROKER_URL", "GRADER_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)

    def call(*arguments: str) -> Result:
        return CliRunner().invoke(cli, ["status", *arguments], catch_exceptions=False)

    return call


def service(run: Any, folder: Path, *more: str) -> Result:
    return run("--service", "--data-dir", str(folder), *more)


def test_all_is_well(run: Any, school: School, make_report: Any) -> None:
    now = utc_now()
    school.parts.workers.seen(Sign("w-1", "grading", True), now)
    school.parts.workers.seen(Sign("w-2", "grading,slow", False), now)
    school.hand_in(at=now)
    done = service(run, school.parts.settings.data_dir)
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith(
        "Uploads are taken.\nEvery lane drains.\n  quick waiting: 1, the oldest for"
    )
    assert "Workers alive: 2\n  w-1: quick, at work\n  w-2: quick and slow, idle for" in done.stdout
    assert "Last hour: 0 attempts ended in our fault" in done.stdout
    assert "GiB for the database" in done.stdout


def test_a_standstill_is_told_with_what_to_do_and_a_status(run: Any, school: School) -> None:
    since = utc_now() - timedelta(minutes=7)
    saved = school.hand_in(at=since)
    school.parts.recorder.fault(saved.id, 1, "no sandbox", utc_now() - timedelta(minutes=6))
    school.parts.workers.seen(Sign("w", "grading", False), utc_now())
    done = service(run, school.parts.settings.data_dir)
    assert done.exit_code == 1
    assert "NOT every lane drains:" in done.stdout
    assert "What waits is not put in line." in done.stdout
    assert "Stopped since 20" in done.stdout
    assert "No worker that takes this lane" in done.stdout
    assert "Last hour: 1 attempt ended in our fault, 0 attempts lost" in done.stdout


def test_programs_get_the_same_as_json(run: Any, school: School) -> None:
    database, due = school.parts.database, utc_now() - timedelta(minutes=3)
    saved = school.hand_in()
    with database.write() as session:
        heard, off = (
            WebhookEndpointRow(
                course_id=school.course, url=f"https://{name}", secret="s", enabled=name == "x"
            )
            for name in "xy"
        )
        session.add_all((heard, off))
        session.flush()
        owed = [
            ("ada", "waiting", due, heard),
            ("bob", "waiting", utc_now(), heard),
            ("tess", "delivered", due, heard),
        ]
        owed += [("ada", "waiting", due - timedelta(hours=1), off)]
        for who, state, when, to in owed:
            words = {"receiver_kind": WEBHOOK, "receiver_id": to.id, "student_id": school.ids[who]}
            session.add(
                WishRow(
                    **words, course_id=school.course, assignment="dense", submission_id=saved.id,
                    wished_at=due, state=state, next_try_at=when,
                )
            )  # fmt: skip
    done = service(run, school.parts.settings.data_dir, "--json")
    told = json.loads(done.stdout)
    assert done.exit_code == 1
    assert (told["ready"], told["grading"], told["broker"], told["workers"]) == (True, False, True, [])
    assert [lane["cause"] for lane in told["lanes"].values()] == ["no_worker", "no_worker"]
    assert told["deliveries_owed"] == 3
    assert told["outgoing_held_since"] is None
    school.parts.outgoing.hold(utc_now())
    told = json.loads(service(run, school.parts.settings.data_dir, "--json").stdout)
    assert told["outgoing_held_since"].endswith("Z")
    assert 180 <= told["delivery_overdue_s"] < 400
    assert (
        "3 messages to be delivered, the most overdue by"
        in service(run, school.parts.settings.data_dir).stdout
    )


def test_where_there_is_no_service_nothing_is_made(run: Any, tmp_path: Path) -> None:
    done = service(run, tmp_path / "nowhere")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "There is no service in" in done.stderr
    assert not (tmp_path / "nowhere").exists()


def test_an_old_database_is_not_changed(run: Any, tmp_path: Path) -> None:
    from grader.db.migrate import upgrade

    database = Database(f"sqlite:///{tmp_path / 'grader.db'}")
    upgrade(database, "0009")
    database.close()
    done = service(run, tmp_path)
    assert done.exit_code == 3
    assert "grader db upgrade" in done.stderr


def test_a_database_that_does_not_answer(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADER_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:9/nothing")
    done = service(run, tmp_path)
    assert (done.exit_code, done.stdout) == (5, "")
    assert "Try again when it is back." in done.stderr


@pytest.mark.parametrize(
    "words", [(), ("--service", "ID"), ("--service", "--wait"), ("ID", "--data-dir", ".")], ids=str
)
def test_one_submission_or_the_service(run: Any, words: tuple[str, ...]) -> None:
    assert run(*words).exit_code == 2
