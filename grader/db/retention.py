"""What the tables keep for a time only, how long, and removing it: a few rows in each transaction, found by an index.

Wishes are not among it: a row that says what an endpoint was told is what keeps it from being told again. Nor are messages
that brought a submission: they tell what an LMS sends a second time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, tuple_, update
from sqlalchemy.orm import Session

from grader.db.access_tables import ApiTokenRow, LoginAttemptRow, OneTimeLinkRow, SignInRow
from grader.db.guard_tables import TallyRow
from grader.db.session import Database, rows_changed
from grader.db.tables import SubmissionRow, WorkerRow
from grader.db.webhook_tables import InboundDeliveryRow
from grader.db.wish_tables import WishMessageRow, WishRow, WishTryRow
from grader.domain.submission import State
from grader.services.ports import Origin
from grader.services.webhook_ports import Progress

BATCH = 500
TRIES_KEPT = timedelta(days=1)
"""Wrong passwords; what they throttle looks back a quarter of an hour."""


@dataclass(frozen=True)
class Retention:
    """How many days each is kept, 0 for ever: messages to an LMS and their tries; ids of messages from one and of uploads; silent workers."""

    messages: int = 90
    keys: int = 30
    workers: int = 7


@dataclass(frozen=True)
class Kind:
    """Rows of one table that are not to be kept: `key` names them, in `condition` the moment is compared by an index."""

    name: str
    key: Sequence[Any]
    condition: ColumnElement[bool]
    keeps_row: bool = False
    """The row stays and loses its idempotency key."""


class PruneRows:
    """Removing what ran out, on one database."""

    def __init__(self, database: Database, retention: Retention) -> None:
        self._database = database
        self._retention = retention

    def count(self, now: datetime) -> Mapping[str, int]:
        """How many rows of each kind would go now, workers among them."""
        with self._database.read(as_long_as_it_takes=True) as session:
            return {
                kind.name: session.scalar(select(func.count()).select_from(_table(kind)).where(kind.condition)) or 0
                for kind in (*self._kinds(now), *self._workers(now))
            }  # fmt: skip

    def prune(self, now: datetime, most_batches: int | None = None) -> Mapping[str, int]:
        """Remove them, at most so many batches of a kind; how many rows of each kind went. Workers are `forgotten_workers`' part."""
        return {kind.name: self._remove(kind, most_batches) for kind in self._kinds(now)}

    def forget_workers(self, now: datetime) -> Sequence[str]:
        """Remove those that have long been silent; their names, whose queues nobody takes from any more."""
        names: list[str] = []
        for kind in self._workers(now):
            with self._database.write() as session:
                names += session.scalars(select(WorkerRow.name).where(kind.condition))
                session.execute(delete(WorkerRow).where(WorkerRow.name.in_(names)))
        return names

    def _remove(self, kind: Kind, most_batches: int | None) -> int:
        removed = batches = 0
        while most_batches is None or batches < most_batches:
            with self._database.write() as session:
                keys = _some(session, kind)
                if kind.name == MESSAGES:
                    _let_go_of(session, [key for (key,) in keys])
                removed += _without(session, kind, keys)
            batches += 1
            if len(keys) < BATCH:
                break
        return removed

    def _kinds(self, now: datetime) -> Iterator[Kind]:
        for name, expiring, key in (
            ("sign-ins that ran out", SignInRow, (SignInRow.hash,)),
            ("tokens that ran out", ApiTokenRow, (ApiTokenRow.id,)),
            ("links that ran out", OneTimeLinkRow, (OneTimeLinkRow.hash,)),
            ("counts that ran out", TallyRow, (TallyRow.name, TallyRow.since)),
        ):
            yield Kind(name, key, expiring.expires_at < now)
        tried = LoginAttemptRow
        yield Kind("wrong passwords", (tried.id,), tried.tried_at < now - TRIES_KEPT)
        if self._retention.messages:
            yield _told_long_ago(now, now - timedelta(days=self._retention.messages))
        if self._retention.keys:
            before = now - timedelta(days=self._retention.keys)
            came, row = InboundDeliveryRow, SubmissionRow
            nothing = came.external_submission.is_(None)
            yield Kind(
                "messages from an LMS that brought nothing",
                (came.id,),
                and_(came.received_at < before, nothing),
            )
            used = and_(
                row.received_at < before, row.idempotency_key.is_not(None), row.origin != Origin.LMS.value
            )
            final = and_(row.state == State.DONE.value, row.erased_at.is_(None))
            yield Kind("keys of uploads", (row.id,), and_(used, final), keeps_row=True)

    def _workers(self, now: datetime) -> Iterator[Kind]:
        if self._retention.workers:
            silent = WorkerRow.seen_at < now - timedelta(days=self._retention.workers)
            yield Kind(WORKERS, (WorkerRow.name,), silent)


MESSAGES = "messages to an LMS"
WORKERS = "silent workers"


def _told_long_ago(now: datetime, before: datetime) -> Kind:
    """Messages that nobody sends again: older than the newest of their wish, or told; never one that is owed or under way."""
    made, wish = WishMessageRow, WishRow
    in_hand = and_(wish.claimed_until.is_not(None), wish.claimed_until > now)
    lately = or_(wish.told_at.is_(None), wish.told_at >= before)
    owed = and_(wish.message_id == made.id, or_(wish.state != Progress.DELIVERED.value, lately))
    needed = select(wish.id).where(wish.id == made.wish_id, or_(in_hand, owed)).exists()
    return Kind(MESSAGES, (made.id,), and_(made.created_at < before, ~needed))


def _table(kind: Kind) -> Any:
    return kind.key[0].class_


def _some(session: Session, kind: Kind) -> list[Any]:
    """The keys of one batch; what another process removes at this moment is left to it."""
    query = select(*kind.key).where(kind.condition).order_by(*kind.key).limit(BATCH)
    return list(session.execute(query.with_for_update(skip_locked=True, of=_table(kind))))


def _without(session: Session, kind: Kind, keys: Sequence[Any]) -> int:
    if not keys:
        return 0
    single = len(kind.key) == 1
    among = (
        kind.key[0].in_([key for (key,) in keys]) if single else tuple_(*kind.key).in_(list(map(tuple, keys)))
    )
    change: Any = delete(_table(kind)).where(among)
    if kind.keeps_row:
        change = update(SubmissionRow).where(among).values(idempotency_key=None)
    return rows_changed(session, change)


def _let_go_of(session: Session, messages: Sequence[str]) -> None:
    """The tries of these messages, and the mark of which message told a wish: should an operator have it told again, a new one is made."""
    session.execute(delete(WishTryRow).where(WishTryRow.message_id.in_(messages)))
    of_them = select(WishMessageRow.wish_id).where(WishMessageRow.id.in_(messages))
    told = update(WishRow).where(WishRow.id.in_(of_them), WishRow.message_id.in_(messages))
    session.execute(told.values(message_id=None).execution_options(synchronize_session=False))
