"""Telling endpoints what they are owed, one message at a time for each student and exercise.

Implements `services.webhook_ports.OutboundStore`.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Select, or_, select, update
from sqlalchemy.orm import Session

from grader.db.columns import derived_id, new_id
from grader.db.endpoints import endpoint_of, owed_to
from grader.db.outgoing import is_held
from grader.db.session import Database, rows_changed
from grader.db.webhook_tables import WebhookEndpointRow
from grader.db.wish_tables import WEBHOOK, WishMessageRow, WishRow, WishTryRow
from grader.db.wished import listed, owed_of, wished_of
from grader.services.webhook_ports import After, Delivery, Owed, Progress, Try, Write

log = logging.getLogger(__name__)

LISTED = 200
LATER = timedelta(hours=1)
"""When a message is tried again that could not even be made."""

WAITING, DELIVERED = Progress.WAITING.value, Progress.DELIVERED.value


class OutboxRows:
    """Who is told what, on one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def due(self, now: datetime) -> Sequence[str]:
        """Endpoints to which something may be sent now."""
        to = WebhookEndpointRow
        # The first alone, by the index: EXISTS would be a join with all that is owed, in PostgreSQL's eyes.
        first = _due(select(WishRow.id).where(WishRow.receiver_id == to.id), now)
        waits = first.order_by(WishRow.next_try_at).limit(1).correlate(to).scalar_subquery()
        with self._database.read() as session:
            return list(session.scalars(select(to.id).where(_open(now), waits.is_not(None)).order_by(to.id)))

    def claim(self, endpoint: str, now: datetime, until: datetime, write: Write) -> Delivery | None:
        """Take what is due to an endpoint for longest in hand until that moment; None where nothing is.

        `write` is called where no message was made of the wish yet; a later try sends what it said then.
        """
        longest = _due(select(WishRow).where(WishRow.receiver_id == endpoint), now)
        longest = longest.order_by(WishRow.next_try_at, WishRow.id).limit(1)
        with self._database.write() as session:
            to = session.scalar(_kept(endpoint).where(_open(now)))
            row = None if to is None else session.scalar(longest.with_for_update(skip_locked=True))
            if to is None or row is None:
                return None
            payload = _message(session, row, now, write)
            if payload is None:
                return None
            row.claim, row.claimed_until, row.attempts = new_id(), until, row.attempts + 1
            message = str(row.message_id)
            return Delivery(
                id=message,
                wish=row.id,
                number=row.number,
                claim=row.claim,
                endpoint=endpoint_of(to, now),
                payload=payload,
                attempts=row.attempts,
                tried_at=_last_try(session, message),
            )

    def note_try(self, delivery: Delivery, outcome: Try, after: After) -> bool:
        """Write down how a try went and what follows, all or nothing; False where the wish moved on meanwhile."""
        with self._database.write() as session:
            if session.scalar(_kept(delivery.endpoint.id)) is None:
                return False  # removed meanwhile, with all that it was owed
            held = select(WishRow.id).where(WishRow.id == delivery.wish).with_for_update()
            if session.scalar(held) is None:
                return False  # the person was erased meanwhile, with all that was said of them
            after = _note_endpoint(session, delivery, after)
            session.add(
                WishTryRow(
                    message_id=delivery.id,
                    tried_at=outcome.tried_at,
                    status=outcome.status,
                    error=outcome.error,
                )
            )
            told = after.state is Progress.DELIVERED
            moved = _told(session, delivery, outcome) if told else _not_told(session, delivery, after)
            ours = update(WishRow).where(WishRow.id == delivery.wish, WishRow.claim == delivery.claim)
            _changed(session, ours.values(claim=None, claimed_until=None))
            return moved

    def replay(self, wish: str, course: str, now: datetime) -> bool:
        """Put what is owed to an endpoint of a course that is on in line again, with all tries ahead; False where that cannot be."""
        to = WebhookEndpointRow
        ours = select(to.id).where(to.course_id == course, to.enabled)
        change = update(WishRow).where(
            WishRow.id == wish, WishRow.receiver_kind == WEBHOOK, WishRow.receiver_id.in_(ours)
        )
        with self._database.write() as session:
            return _changed(session, change.values(state=WAITING, attempts=0, next_try_at=now))

    def wishes(self, course: str, now: datetime) -> Sequence[Owed]:
        """What a course's endpoints are owed and were told: first what they do not know, each the newest first."""
        of_course = listed().where(WishRow.course_id == course).order_by(WishRow.wished_at.desc())
        with self._database.read() as session:
            found = list(session.execute(of_course.where(WishRow.state != DELIVERED).limit(LISTED)))
            known = of_course.where(WishRow.state == DELIVERED).limit(LISTED - len(found))
            return owed_of(session, [*found, *session.execute(known)], now)

    def wish(self, wish: str, now: datetime) -> Owed | None:
        """One of them."""
        with self._database.read() as session:
            return next(
                iter(owed_of(session, session.execute(listed().where(WishRow.id == wish)), now)), None
            )


def _kept(endpoint: str) -> Select[Any]:
    """An endpoint that is not removed before this transaction is over."""
    row = select(WebhookEndpointRow).where(WebhookEndpointRow.id == endpoint)
    return row.with_for_update(read=True, key_share=True)


def _open(now: datetime) -> Any:
    """An endpoint that is on, and has not asked for silence, while messages may leave at all."""
    to = WebhookEndpointRow
    return to.enabled & or_(to.paused_until.is_(None), to.paused_until <= now) & ~is_held()


def _due(query: Select[Any], now: datetime) -> Select[Any]:
    """Of wishes, what may be sent and is in nobody's hands."""
    return query.where(
        WishRow.receiver_kind == WEBHOOK,
        WishRow.state == WAITING,
        WishRow.next_try_at <= now,
        or_(WishRow.claimed_until.is_(None), WishRow.claimed_until <= now),
    )


def _message(session: Session, row: WishRow, now: datetime, write: Write) -> Any | None:
    """What the message of a wish says, made when it is first sent; None, and a line in the log, where it cannot be made."""
    if row.message_id is not None:
        return session.get_one(WishMessageRow, row.message_id).payload
    try:
        wished = wished_of(session, row)
        payload = dict(write(wished))
    except Exception:  # whatever is wrong with one must not stand in the way of all others
        log.exception("no message can be made of wish %s", row.id)
        row.next_try_at = now + LATER
        return None
    made = WishMessageRow(
        id=_message_id(row), wish_id=row.id, number=row.number, payload=payload, created_at=now
    )
    session.add(made)
    row.message_id, row.said_at = made.id, wished.at
    return payload


def _message_id(row: WishRow) -> str:
    """The webhook-id follows from the wish, so that a database restored from before it was sent gives the same."""
    return derived_id(
        "webhook-id", row.id, str(row.number), row.submission_id, row.wished_at.astimezone(UTC).isoformat()
    )


def _last_try(session: Session, message: str) -> datetime | None:
    query = select(WishTryRow.tried_at).where(WishTryRow.message_id == message)
    return session.scalar(query.order_by(WishTryRow.tried_at.desc()).limit(1))


def _told(session: Session, delivery: Delivery, outcome: Try) -> bool:
    """The endpoint knows it; what was wished since is still owed."""
    row = WishRow
    heard = update(row).where(row.id == delivery.wish, row.told_number <= delivery.number)
    _changed(session, heard.values(told_number=delivery.number, told_at=outcome.tried_at))
    newest = update(row).where(row.id == delivery.wish, row.number == delivery.number)
    return _changed(session, newest.values(state=DELIVERED, next_try_at=None))


def _not_told(session: Session, delivery: Delivery, after: After) -> bool:
    row = WishRow
    change = update(row).where(
        row.id == delivery.wish,
        row.number == delivery.number,
        row.claim == delivery.claim,
        row.attempts == delivery.attempts,
        row.state == WAITING,
    )
    return _changed(session, change.values(state=after.state.value, next_try_at=after.next_try_at))


def _note_endpoint(session: Session, delivery: Delivery, after: After) -> After:
    """Switch the endpoint off or let it rest, where that follows; what follows for the wish: what is off stays owed."""
    to = WebhookEndpointRow
    here = update(to).where(to.id == delivery.endpoint.id)
    if after.pause_until is not None:
        _changed(session, here.values(paused_until=after.pause_until))
    if after.switch_off is None:
        return after
    if after.unless_heard_since is not None and _hears(session, delivery, after.unless_heard_since):
        return After(Progress.GIVEN_UP)
    _changed(session, here.where(to.enabled).values(enabled=False, disabled_reason=after.switch_off))
    return After(Progress.WAITING)


def _hears(session: Session, delivery: Delivery, since: datetime) -> bool:
    """Whether the endpoint has taken another message since."""
    others = select(WishRow.id).where(owed_to(delivery.endpoint.id), WishRow.id != delivery.wish)
    return bool(session.scalar(select(others.where(WishRow.told_at >= since).exists())))


def _changed(session: Session, change: Any) -> bool:
    return rows_changed(session, change) == 1
