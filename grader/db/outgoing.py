"""Holding all outgoing messages, as after a restore, until an operator lets them go; and how many of each kind wait."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session

from grader.db.outgoing_table import THE_ROW, OutgoingRow
from grader.db.session import Database, rows_changed
from grader.db.webhook_tables import WebhookEndpointRow
from grader.db.wish_tables import WEBHOOK, WishRow
from grader.services.webhook_ports import Progress

KINDS: Mapping[str, str] = {WEBHOOK: "webhook"}
"""Every kind of receiver that messages go to, and what operators call it; each is told, also where none waits."""

_COUNTED_FROM = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Held:
    """Since when messages are held, and of which moment the backup was; None where nothing was restored."""

    since: datetime
    backup_of: datetime | None


@dataclass(frozen=True)
class Waiting:
    """Of one kind: how many messages wait, since when the oldest does, and how many of them go to receivers that are off."""

    kind: str
    count: int = 0
    since: datetime | None = None
    off: int = 0


@dataclass(frozen=True)
class Released:
    """Of one kind: how many messages go now, how many were dropped, and how many stay since their receivers are off."""

    kind: str
    go: int
    dropped: int
    stay: int


class OutgoingRows:
    """Whether messages may leave, on one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def held(self) -> Held | None:
        """Since when they are held; None where they leave."""
        with self._database.read() as session:
            row = session.get(OutgoingRow, THE_ROW)
            return None if row is None or row.held_since is None else Held(row.held_since, row.backup_of)

    def hold(self, now: datetime) -> Held:
        """Let none leave from now on; one that is under way ends as it ends. Held already, they stay as they are."""
        with self._database.write() as session:
            return _hold(session, now)

    def hold_after_restore(self, now: datetime, backup_of: datetime) -> Held:
        """The same, where what was sent after the moment of the backup is not known here.

        The numbers of later wishes begin where no earlier service can have got to: at the seconds since 2020.
        """
        with self._database.write() as session:
            _hold(session, now)
            row = session.get_one(OutgoingRow, THE_ROW)
            row.backup_of = backup_of
            row.least_number = max(row.least_number, int((now - _COUNTED_FROM).total_seconds()))
            return Held(now, backup_of)

    def waiting(self) -> Sequence[Waiting]:
        """What waits, by kind."""
        with self._database.read() as session:
            return _waiting(session)

    def release(self, *, discard: bool = False) -> Sequence[Released] | None:
        """Let messages leave again; what becomes of those that wait, by kind. None where none were held.

        `discard`: what was wished before the moment of the backup counts as told and is not sent; it can be sent again by
        hand. LookupError where no backup was restored.
        """
        with self._database.write() as session:
            row = session.get(OutgoingRow, THE_ROW, with_for_update=True)
            if row is None or row.held_since is None:
                return None
            dropped = _drop(session, row.backup_of) if discard else {}
            row.held_since = None
            return [
                Released(one.kind, one.count - one.off, dropped.get(one.kind, 0), one.off)
                for one in _waiting(session)
            ]


def is_held() -> Any:
    """The condition that messages are held, for statements about others."""
    return select(OutgoingRow.id).where(OutgoingRow.held_since.is_not(None)).exists()


def least_number(session: Session) -> int:
    """The smallest number that a new wish may have."""
    return session.scalar(select(OutgoingRow.least_number)) or 0


def _hold(session: Session, now: datetime) -> Held:
    row = session.get(OutgoingRow, THE_ROW, with_for_update=True)
    if row is None:
        row = OutgoingRow(id=THE_ROW, least_number=0)
        session.add(row)
    row.held_since = row.held_since or now
    session.flush()
    return Held(row.held_since, row.backup_of)


def _waiting(session: Session) -> list[Waiting]:
    row, to = WishRow, WebhookEndpointRow
    off = and_(row.receiver_kind == WEBHOOK, or_(to.id.is_(None), ~to.enabled))
    query = (
        select(row.receiver_kind, func.count(row.id), func.min(row.wished_at), func.count(row.id).filter(off))
        .join(to, to.id == row.receiver_id, isouter=True)
        .where(row.state == Progress.WAITING.value)
        .group_by(row.receiver_kind)
    )
    found = {kind: Waiting(kind, count, since, away) for kind, count, since, away in session.execute(query)}
    return [found.get(kind, Waiting(kind)) for kind in sorted({*KINDS, *found})]


def _drop(session: Session, backup_of: datetime | None) -> dict[str, int]:
    if backup_of is None:
        detail = "no backup was restored here, so nothing is known to have been told by another service"
        raise LookupError(detail)
    row, dropped = WishRow, {}
    for kind in session.scalars(select(row.receiver_kind).distinct()).all():
        change = update(row).where(
            row.receiver_kind == kind, row.state == Progress.WAITING.value, row.wished_at <= backup_of
        )
        told = change.values(state=Progress.DELIVERED.value, next_try_at=None, told_number=row.number)
        dropped[kind] = rows_changed(session, told)
    return dropped
