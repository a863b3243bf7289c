"""Erasing a person's words, once: what they handed in, what it printed, what was quoted of it, and who they are.

Verdicts, scores, times and attempts stay, and so does which attempt counts. All of it is one transaction; the triggers of
migration 0013 look at each row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, literal_column, or_, select, text, update
from sqlalchemy.orm import Session

from grader.db.access_tables import ApiTokenRow, LmsIdentityRow, LoginAttemptRow, OneTimeLinkRow, SignInRow
from grader.db.columns import new_id
from grader.db.erased import (
    EXTERNAL,
    FILE_NAME,
    NAME,
    PSEUDONYM,
    feedback_on_sqlite,
    report_on_sqlite,
    source_on_sqlite,
)
from grader.db.erasure_tables import ErasureRow
from grader.db.guard_tables import TallyRow
from grader.db.session import Database
from grader.db.tables import ReportRow, SubmissionRow, UserRow
from grader.db.webhook_tables import InboundDeliveryRow
from grader.db.wish_tables import WishMessageRow, WishRow, WishTryRow
from grader.domain.submission import State
from grader.services.accounts import digest


class UnderWay(Exception):
    """Something of the person is under way; the text says what, and what to do. Nothing was changed."""


@dataclass(frozen=True)
class Erasure:
    """One person's erasure: when, by whom and why."""

    erased_at: datetime
    erased_by: str
    why: str


class Erasures:
    """Who was forgotten, and forgetting, on one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, user: str) -> Erasure | None:
        """The erasure of a person; None for one who was not forgotten."""
        with self._database.read() as session:
            row = session.scalar(select(ErasureRow).where(ErasureRow.user_id == user))
            return None if row is None else Erasure(row.erased_at, row.erased_by, row.why)

    def what_goes(self, user: str) -> Mapping[str, int]:
        """How many rows of each kind an erasure would empty or remove."""
        with self._database.read() as session:
            return {kind: session.scalar(query) or 0 for kind, query in _counted(user).items()}

    def forget(self, user: str, by: str, why: str, now: datetime) -> Mapping[str, int]:
        """Erase a person's words; how many rows of each kind were emptied or removed. UnderWay where something is under way.

        A second erasure does nothing, and has nothing to tell.
        """
        with self._database.write() as session:
            person = session.scalar(select(UserRow).where(UserRow.id == user).with_for_update())
            known = select(ErasureRow.id).where(ErasureRow.user_id == user)
            if person is None or session.scalar(known) is not None:
                return {}
            _refuse_what_is_under_way(session, user, now)
            counted = {kind: session.scalar(query) or 0 for kind, query in _counted(user).items()}
            session.add(ErasureRow(user_id=user, erased_at=now, erased_by=by[:255], why=why))
            session.flush()
            _empty_reports(session, user)
            _empty_submissions(session, user)
            _remove_messages(session, user)
            _remove_traces(session, person)
            _make_nobody(person)
        self._leave_no_copy()
        return counted

    def _leave_no_copy(self) -> None:
        """SQLite's journal still has the pages of before; where somebody reads just now, it goes with the next one."""
        if self._database.engine.dialect.name == "sqlite":
            with self._database.engine.connect() as connection:
                raw: Any = connection.connection.driver_connection
                connection.rollback()
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def not_erased(session: Session, students: Sequence[str]) -> set[str]:
    """Those of these people who were not forgotten."""
    gone: set[str] = set()
    for start in range(0, len(students), 500):
        among = ErasureRow.user_id.in_(students[start : start + 500])
        gone.update(session.scalars(select(ErasureRow.user_id).where(among)))
    return set(students) - gone


def _submissions(user: str) -> Any:
    return select(SubmissionRow.id).where(SubmissionRow.student_id == user)


def _messages(user: str) -> Any:
    wishes = select(WishRow.id).where(WishRow.student_id == user)
    return select(WishMessageRow.id).where(WishMessageRow.wish_id.in_(wishes))


def _counted(user: str) -> Mapping[str, Any]:
    def count(row: Any, condition: Any) -> Any:
        return select(func.count()).select_from(row).where(condition)

    return {
        "submissions": count(SubmissionRow, SubmissionRow.student_id == user),
        "reports": count(ReportRow, ReportRow.submission_id.in_(_submissions(user))),
        "messages to an LMS": count(WishMessageRow, WishMessageRow.id.in_(_messages(user))),
        "grades owed to an LMS": count(WishRow, WishRow.student_id == user),
        "names in an LMS": count(LmsIdentityRow, LmsIdentityRow.user_id == user),
        "sign-ins": count(SignInRow, SignInRow.user_id == user),
        "tokens": count(ApiTokenRow, ApiTokenRow.user_id == user),
        "links": count(OneTimeLinkRow, OneTimeLinkRow.user_id == user),
    }


def _refuse_what_is_under_way(session: Session, user: str, now: datetime) -> None:
    """Locked rows first: nobody begins what we have found not to be there."""
    row, wish = SubmissionRow, WishRow
    states = session.execute(select(row.id, row.state).where(row.student_id == user).with_for_update()).all()
    unfinished = [submission for submission, state in states if state != State.DONE.value]
    if unfinished:
        detail = (
            f"{len(unfinished)} of their submissions are not graded yet ({', '.join(unfinished[:3])}"
            f"{', …' if len(unfinished) > 3 else ''}). Wait until they are (grader status ID), then run it again."  # noqa: PLR2004
        )
        raise UnderWay(detail)
    claims = session.scalars(select(wish.claimed_until).where(wish.student_id == user).with_for_update())
    if any(until is not None and until > now for until in claims):
        raise UnderWay(
            "A message about them is on its way to an LMS at this moment. Run it again in a minute."
        )


def _empty_reports(session: Session, user: str) -> None:
    """The body is made by the database itself, letter for letter (see `erased.py`)."""
    moment = "(SELECT erased_at FROM erasures WHERE user_id = :user)"
    body, feedback = f"erased_report(report, {moment})", f"erased_feedback({moment})"
    if _on_sqlite(session):
        body, feedback = report_on_sqlite("report", moment), feedback_on_sqlite(moment)
    ours = "submission_id IN (SELECT id FROM submissions WHERE student_id = :user)"
    statement = f"UPDATE reports SET report = {body}, first_feedback = {feedback} WHERE {ours}"  # noqa: S608 - our own words
    session.execute(text(statement), {"user": user})


def _empty_submissions(session: Session, user: str) -> None:
    moment = f"(SELECT erased_at FROM erasures WHERE user_id = '{user}')"  # noqa: S608 - an id of ours
    on_sqlite = _on_sqlite(session)
    words = source_on_sqlite(moment) if on_sqlite else f"erased_text({moment})"
    feedback = feedback_on_sqlite(moment) if on_sqlite else f"erased_feedback({moment})"
    row, pseudonyms = SubmissionRow, dict[tuple[str, str], str]()
    found = session.execute(select(row.id, row.external, row.verdict).where(row.student_id == user)).all()
    for submission, external, verdict in found:
        change = update(row).where(row.id == submission, row.erased_at.is_(None))
        values: dict[Any, Any] = {
            row.source: literal_column(words),
            row.file_name: FILE_NAME,
            row.external: _without_ids(external or {}, pseudonyms),
            row.first_feedback: None if verdict is None else literal_column(feedback),
            row.erased_at: literal_column(moment),
            row.content_sha256: None,
            row.idempotency_key: None,
            row.fault_detail: None,
            row.cause: None,
        }
        session.execute(change.values(values).execution_options(synchronize_session=False))


def _without_ids(external: Mapping[str, Any], pseudonyms: dict[tuple[str, str], str]) -> dict[str, Any]:
    """What decides which attempt counts; the LMS's own name of the submission becomes one that says nothing."""
    kept = {name: value for name, value in external.items() if name in EXTERNAL}
    if "submission_id" in external:
        series = str(external.get("source")), str(external["submission_id"])
        kept["submission_id"] = pseudonyms.setdefault(series, PSEUDONYM + new_id())
    return kept


def _remove_messages(session: Session, user: str) -> None:
    """What an LMS was told and is owed: it keeps what it knows, and hears no more."""
    session.execute(delete(WishTryRow).where(WishTryRow.message_id.in_(_messages(user))))
    session.execute(delete(WishMessageRow).where(WishMessageRow.id.in_(_messages(user))))
    session.execute(delete(WishRow).where(WishRow.student_id == user))
    came = update(InboundDeliveryRow).where(InboundDeliveryRow.submission_id.in_(_submissions(user)))
    session.execute(came.values(external_submission=None, external_attempt=None))


def _remove_traces(session: Session, person: UserRow) -> None:
    """Whatever signs in, whom an LMS means, and what counts tries by the address."""
    for row in (SignInRow, ApiTokenRow, OneTimeLinkRow, LmsIdentityRow):
        session.execute(delete(row).where(row.user_id == person.id))
    session.execute(delete(LoginAttemptRow).where(LoginAttemptRow.account == digest(person.email)))
    named = or_(*(TallyRow.name.endswith(f" {word}", autoescape=True) for word in (person.email, person.id)))
    session.execute(delete(TallyRow).where(named).execution_options(synchronize_session=False))


def _make_nobody(person: UserRow) -> None:
    person.email = f"{PSEUDONYM}{person.id.lower()}@invalid"
    person.display_name, person.password_hash, person.language = NAME, None, ""
    person.is_admin = False


def _on_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"
