"""Rows of every kind that is kept for a time only, long past it and just within it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import event, select, update

from grader.db.access_tables import LoginAttemptRow, OneTimeLinkRow, SignInRow
from grader.db.columns import new_id
from grader.db.guard_tables import TallyRow
from grader.db.owed import debt
from grader.db.tables import SubmissionRow, WorkerRow
from grader.db.webhook_tables import InboundDeliveryRow, WebhookSourceRow
from grader.db.wish_tables import WishMessageRow, WishRow, WishTryRow
from grader.services.ports import NewSubmission, Upload
from grader.services.webhook_ports import After, Progress, Try
from grader.wiring import Wiring
from tests.forgotten import NOW, People

LONG_AFTER = NOW + timedelta(days=200)


def told(found: People, now: datetime) -> int:
    """Tell the endpoint all that it is owed; how many messages that were."""
    count = 0
    while (one := found.parts.wishes.claim(found.endpoint, now, now, lambda _: {"told": True})) is not None:
        assert found.parts.wishes.note_try(one, Try(now, 200, None), After(Progress.DELIVERED))
        count += 1
    return count


def fill(found: People) -> None:
    """What ran out, beside the rows of `people`, all of which are as old."""
    parts = found.parts
    upload = Upload(found.bob, found.course, "dense", b"x = 1\n", idempotency_key="his own")
    saved = parts.store.add(NewSubmission(upload, "v", "x = 1\n", NOW), None)
    with parts.database.write() as session:
        session.execute(update(SubmissionRow).where(SubmissionRow.id == saved.id).values(state="done"))
        source = session.scalar(select(WebhookSourceRow.id))
        for number in range(3):
            session.add(
                InboundDeliveryRow(
                    source_id=source, delivery_id=new_id(), event="x", body_sha256="0", received_at=NOW
                )
            )
            session.add(SignInRow(hash=f"old{number}", user_id=found.bob, expires_at=NOW))
        session.add(OneTimeLinkRow(hash="old", user_id=found.bob, purpose="reset", expires_at=NOW))
        session.add(LoginAttemptRow(account="x", address="x", tried_at=NOW))
        session.add(TallyRow(name="x", since=NOW, count=1, expires_at=NOW))
        session.add(WorkerRow(name="old", queues="", seen_at=NOW, idle_since=None))
        session.add(WorkerRow(name="new", queues="", seen_at=LONG_AFTER, idle_since=None))
        # A message of before, in whose place another came.
        wish = session.scalars(select(WishRow).where(WishRow.student_id == found.bob)).one()
        session.execute(update(WishMessageRow).values(created_at=NOW))
        session.execute(update(WishTryRow).values(tried_at=NOW))
        assert wish.message_id is not None


def plans(parts: Wiring, now: datetime) -> list[str]:
    """How the database finds what is owed: the plan of each question that the sweep and the health pages ask."""
    asked: list[tuple[str, Any]] = []

    def listen(_c: Any, _u: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if statement.startswith("SELECT"):
            asked.append((statement, parameters))

    event.listen(parts.database.engine, "before_cursor_execute", listen)
    parts.wishes.due(now)
    debt(parts.database, now)
    event.remove(parts.database.engine, "before_cursor_execute", listen)
    words = "EXPLAIN QUERY PLAN" if parts.database.engine.dialect.name == "sqlite" else "EXPLAIN"
    with parts.database.engine.connect() as connection:
        return [
            "\n".join(str(row[-1]) for row in connection.exec_driver_sql(f"{words} {statement}", parameters))
            for statement, parameters in asked
        ]
