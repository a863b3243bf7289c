"""Forgetting a person: no word is left, no figure changes, nobody else's row does, and triggers hold whoever tries more."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError

from grader.db.erasing import UnderWay
from grader.db.erasure_tables import ErasureRow
from grader.db.tables import SubmissionRow, UserRow
from grader.db.wish_tables import WishRow
from grader.domain.course import CountingRule
from grader.domain.report import Outcome
from grader.person import everything as known
from grader.services.accounts import Purpose
from grader.services.ports import NewSubmission, Upload
from grader.services.regrade import regrade
from grader.settings import load_settings
from grader.wiring import Wiring
from tests.forgotten import (
    LATER,
    NOW,
    STRANGE,
    People,
    attacks,
    everything,
    figures_of,
    people,
    refused,
    rows_about,
    strange_reports,
)
from tests.school import TinyShelf


@pytest.fixture(scope="module")
def before(template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, People]:
    """The database to copy, and who is in it."""
    folder = tmp_path_factory.mktemp("people")
    shutil.copy(template, folder / "grader.db")
    parts = Wiring(load_settings({}, data_dir=folder), TinyShelf())
    made = people(parts)
    parts.database.close()
    return folder / "grader.db", made


@pytest.fixture
def found(parts: Wiring, before: tuple[Path, People]) -> People:
    shutil.copy(before[0], parts.settings.data_dir / "grader.db")
    return replace(before[1], parts=parts)


@pytest.fixture
def forgotten(found: People) -> People:
    assert found.parts.erasures.forget(found.ada, "root", "asked for it", LATER)
    return found


def test_no_word_is_left_and_no_figure_changes(found: People) -> None:
    assert len(rows_about(found.parts, "ada")) >= 10
    before, of_bob = figures_of(found), rows_about(found.parts, "bob")
    counted = found.parts.erasures.forget(found.ada, "root", "asked for it", LATER)
    assert counted["submissions"] == counted["reports"] == 3
    assert rows_about(found.parts, "ada") == {}
    assert figures_of(found) == before
    assert rows_about(found.parts, "bob") == of_bob


def test_rows_of_others_stay_letter_for_letter(found: People) -> None:
    bobs = {
        name: [row for row in rows if "bob" in row.casefold() or found.bob in row]
        for name, rows in everything(found.parts).items()
    }
    found.parts.erasures.forget(found.ada, "root", "why", LATER)
    after = everything(found.parts)
    assert {name: [row for row in after[name] if row in rows] for name, rows in bobs.items()} == bobs  # fmt: skip


def test_a_report_can_still_be_read_and_says_that_it_was_erased(forgotten: People) -> None:
    report = forgotten.parts.store.latest_report(forgotten.submissions["ada"][0])
    assert [(told.code, dict(told.params)) for told in report.feedback] == [("erased", {"on": "2026-11-29"})]
    assert (report.stdout, report.notes, report.location) == ("erased on 2026-11-29", (), None)
    assert [check.outcome for check in report.checks] == [Outcome.PASSED, Outcome.FAILED]
    (part,) = report.parts
    assert (part.model, part.diff, part.described, part.training.runs[0].test_accuracy) == (
        None,
        None,
        None,
        1 / 3,
    )
    row = forgotten.parts.store.get(forgotten.submissions["ada"][2])
    assert (row.source, row.file_name, row.erased_at, row.external) == (
        "erased on 2026-11-29",
        "erased.py",
        LATER,
        {},
    )


def test_the_attempt_that_counts_is_the_same_under_both_rules(found: People) -> None:
    def counts() -> list[Any]:
        return [list(found.parts.queries.grades(found.course, rule)) for rule in CountingRule]

    before = [(line.student, line.submission, line.score, line.tries) for lines in counts() for line in lines]
    found.parts.erasures.forget(found.ada, "root", "why", LATER)
    after = [(line.student, line.submission, line.score, line.tries) for lines in counts() for line in lines]
    assert sorted(after) == sorted(before)
    assert found.submissions["ada"][0] in {line[1] for line in after} or found.submissions["ada"][2] in {
        line[1] for line in after
    }


@pytest.mark.parametrize("has_erasure", [True, False])
def test_nothing_more_can_be_changed_than_an_erasure_may(found: People, *, has_erasure: bool) -> None:
    before = everything(found.parts)
    if has_erasure:
        with found.parts.database.write() as session:
            session.add(ErasureRow(user_id=found.ada, erased_at=LATER, erased_by="root", why="why"))
        before = everything(found.parts)
    tried = attacks(on_sqlite=True)
    assert len(tried) > 35
    for name, statement in tried.items():
        if has_erasure or "erasure" not in name:
            refused(found, name, statement)
    assert everything(found.parts) == before


def test_what_is_erased_is_never_changed_again(forgotten: People) -> None:
    hers = forgotten.submissions["ada"][0]
    for name, statement in {
        "words are back": "UPDATE submissions SET source = 'x' WHERE id = :lms",
        "another score": "UPDATE submissions SET score = 10 WHERE id = :lms",
        "in line again": "UPDATE submissions SET state = 'queued' WHERE id = :lms",
        "a report with words": "UPDATE reports SET first_feedback = '[]' WHERE submission_id = :lms",
        "a name is back": "UPDATE users SET display_name = 'Ada' WHERE id = :ada",
        "a password is back": "UPDATE users SET password_hash = 'x' WHERE id = :ada",
        "an administrator": "UPDATE users SET is_admin = 1 WHERE id = :ada",
    }.items():
        refused(forgotten, name, statement)
    parts = forgotten.parts
    assert not parts.store.reopen(hers, forgotten.bob, "again", "sha256:dense", LATER)
    assert not regrade(hers, forgotten.bob, "again", parts.dispatcher, LATER)


def test_who_is_forgotten_twice_is_forgotten_once(forgotten: People) -> None:
    before = everything(forgotten.parts)
    assert forgotten.parts.erasures.forget(forgotten.ada, "another", "another reason", LATER) == {}
    assert forgotten.parts.erasures.forget("NOBODY", "root", "why", LATER) == {}
    assert everything(forgotten.parts) == before
    erasure = forgotten.parts.erasures.of(forgotten.ada)
    assert (erasure.erased_by, erasure.why, erasure.erased_at) == ("root", "asked for it", LATER)
    assert forgotten.parts.erasures.of(forgotten.bob) is None


def test_who_is_forgotten_cannot_come_in(forgotten: People) -> None:
    parts, store = forgotten.parts, forgotten.parts.accounts.store
    assert store.user_by_email("ada@example.edu") is None
    address = store.user(forgotten.ada).email
    assert store.user_by_email(address) is None
    assert store.user_with_hash(address)[1] is None
    with pytest.raises(Exception, match="no e-mail address"):
        parts.accounts.create(address, "x")
    with parts.database.read() as session:
        for table in ("sign_ins", "api_tokens", "one_time_links", "lms_identities"):
            of_whom = session.scalars(text(f"SELECT user_id FROM {table}"))
            assert list(of_whom) == [forgotten.bob], table
    assert parts.accounts.issue_link(forgotten.bob, Purpose.RESET, LATER)
    upload = Upload(forgotten.ada, forgotten.course, "dense", b"x = 1\n")
    for begin in (
        lambda: parts.accounts.issue_link(forgotten.ada, Purpose.RESET, LATER),
        lambda: parts.accounts.start_session(forgotten.ada, LATER),
        lambda: parts.accounts.issue_token(forgotten.ada, "x", LATER),
        lambda: parts.store.add(NewSubmission(upload, "v", "x = 1\n", LATER), None),
    ):
        with pytest.raises(IntegrityError, match="stays erased"):
            begin()


def test_what_is_under_way_is_waited_for(found: People) -> None:
    parts = found.parts
    upload = Upload(found.ada, found.course, "dense", b"x = 1\n")
    waiting = parts.store.add(NewSubmission(upload, "sha256:dense", "x = 1\n", LATER), None)
    before = everything(parts)
    with pytest.raises(UnderWay, match=waiting.id):
        parts.erasures.forget(found.ada, "root", "why", LATER)
    assert everything(parts) == before
    other = Upload(found.bob, found.course, "dense", b"x = 1\n")
    parts.store.add(NewSubmission(other, "sha256:dense", "x = 1\n", LATER), None)
    with parts.database.write() as session:
        session.execute(update(SubmissionRow).where(SubmissionRow.id == waiting.id).values(state="done"))
        claim = update(WishRow).where(WishRow.student_id == found.ada)
        session.execute(claim.values(claim="x", claimed_until=LATER + (LATER - NOW)))
    with pytest.raises(UnderWay, match="on its way"):
        parts.erasures.forget(found.ada, "root", "why", LATER)


def test_an_lms_hears_nothing_of_who_was_forgotten(forgotten: People) -> None:
    parts = forgotten.parts
    parts.courses.set_rule(forgotten.course, CountingRule.BEST, LATER)
    parts.courses.set_rule(forgotten.course, CountingRule.LAST, LATER)
    parts.endpoints.enable(forgotten.endpoint, LATER, everybody=True)
    parts.endpoints.add_endpoint(forgotten.course, "https://other.example.edu/", "whsec_" + "b" * 32)
    with parts.database.read() as session:
        assert set(session.scalars(select(WishRow.student_id))) == {forgotten.bob}


def test_a_message_that_was_on_its_way_when_its_person_was_erased_leaves_nothing(found: People) -> None:
    from grader.services.webhook_ports import After, Progress, Try

    wishes = found.parts.wishes
    with found.parts.database.write() as session:
        session.execute(update(WishRow).where(WishRow.student_id == found.bob).values(state="delivered"))
    claimed = wishes.claim(found.endpoint, LATER, LATER, lambda _: {"x": 1})
    assert claimed is not None
    found.parts.erasures.forget(found.ada, "root", "why", LATER)
    assert not wishes.note_try(claimed, Try(LATER, 200, None), After(Progress.DELIVERED))
    assert rows_about(found.parts, "ada") == {}


def test_nothing_of_it_stays_in_the_databases_files(found: People) -> None:
    parts = found.parts
    folder = parts.settings.data_dir

    def kept() -> int:
        return sum(path.read_bytes().count(b"print('ada')") for path in folder.glob("grader.db*"))

    assert kept()
    parts.erasures.forget(found.ada, "root", "why", LATER)
    assert kept() == 0


def test_an_export_has_all_that_is_known_and_no_secret(found: People) -> None:
    person = found.parts.accounts.store.user(found.ada)
    told = known(found.parts, person, LATER)
    text_ = json.dumps(told)
    assert told["account"]["email"] == "ada@example.edu"
    assert [one["source"] for one in told["submissions"]] == ["print('ada')\n"] * 3
    assert [report["report"]["score"] for one in told["submissions"] for report in one["reports"]] == [
        3.3,
        4.3,
        5.3,
    ]
    for word in ("layer of ada", "printed by ada", "dear ada", "laptop of ada", "id of ada", "sis ada"):
        assert word in text_, word
    for word in ("hash ada", "sada", "tada", "lada", "bob", "whsec"):
        assert word not in text_, word
    found.parts.erasures.forget(found.ada, "root", "why", LATER)
    after = known(found.parts, found.parts.accounts.store.user(found.ada), LATER)
    assert "ada" not in json.dumps(after).casefold()
    assert after["erasure"] == [{"erased_at": "2026-11-29T12:00:00Z", "erased_by": "root", "why": "why"}]


def test_nobody_else_was_counted(found: People) -> None:
    with found.parts.database.read() as session:
        assert session.scalar(select(func.count()).select_from(UserRow)) == 2
    assert found.parts.erasures.what_goes(found.ada) == {
        "submissions": 3, "reports": 3, "messages to an LMS": 1, "grades owed to an LMS": 1, "names in an LMS": 1,
        "sign-ins": 1, "tokens": 1, "links": 1,
    }  # fmt: skip


def test_reports_of_no_shape_lose_their_words_as_well(found: People) -> None:
    strange_reports(found)
    assert found.parts.erasures.forget(found.ada, "root", "why", LATER)["reports"] == 3 + len(STRANGE)
    assert rows_about(found.parts, "ada") == {}
    with found.parts.database.read() as session:
        kept = (
            session.execute(text("SELECT report FROM reports WHERE id LIKE 'R%' ORDER BY attempt"))
            .scalars()
            .all()
        )
    assert '"points":340282366920938463463374607431768211456' in kept[7]
    assert '"runs":[1.10,-0.0]' in kept[8]
    assert '"score":0.1000000000000000055511151231257827' in kept[9]
