"""How the service stands at one moment: what `/health`, `/metrics` and `grader status --service` tell, each in its way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from grader.db.counts import Key
from grader.db.outgoing import Held
from grader.db.owed import Debt, debt
from grader.domain.submission import Lane
from grader.queue import broker_alive, count_put_aside
from grader.room import free_bytes, has_room
from grader.services.flow import Cause, Flow, Worker
from grader.wiring import Wiring

CAUSES = {
    Cause.NO_WORKER: "No worker that takes this lane was heard of lately. Start one; where one runs, look whether the"
    " broker and a control worker do, through which workers are heard.",
    Cause.NOT_SENT: "What waits is not put in line. Look whether the broker is there and a control worker runs.",
    Cause.NOT_TAKEN: "A worker says that it is idle and takes nothing. Start it anew.",
    Cause.NO_SIGN_OF_LIFE: "A worker says that it is at work, and no job gives a sign of life. Look at its log and"
    " start it anew.",
    Cause.NOBODY_CAN: "No living worker can do what waits: see `lacks`. Bring a worker with that version, data or sandbox, or have"
    " those submissions graded again by the newest version.",
}
"""For operators: what is wrong, then what to do."""


@dataclass(frozen=True)
class Standing:
    """Everything of the database is empty where that is away; `put_aside` counts corrupt messages; `free` are bytes of the folders that this machine writes to."""

    at: datetime
    database: bool
    broker: bool
    disk: bool
    free: Mapping[str, int] = field(default_factory=dict)
    agree: bool | None = None
    lanes: Mapping[Lane, Flow] = field(default_factory=dict)
    workers: Sequence[Worker] = ()
    last_hour: Mapping[str, int] = field(default_factory=dict)
    owed: Debt = Debt()
    held: Held | None = None
    counts: Mapping[Key, float] = field(default_factory=dict)
    put_aside: int | None = None

    @property
    def takes_uploads(self) -> bool:
        """Whether what is handed in now is kept; who is to grade it is another question."""
        return self.database and self.disk

    @property
    def grades(self) -> bool:
        """Whether every lane drains."""
        return self.database and all(flow.drains for flow in self.lanes.values())


def lane_as_json(flow: Flow, now: datetime) -> dict[str, Any]:
    """One lane for programs: whether it drains, if not why, and what that is judged from."""
    facts = flow.facts
    return {
        "drains": flow.drains,
        "cause": None if flow.cause is None else flow.cause.value,
        "detail": None if flow.cause is None else CAUSES[flow.cause],
        "stopped_since": as_json(flow.stopped_since),
        "waiting": facts.waiting,
        "oldest_waiting_s": round(flow.oldest_s(now), 1),
        "running": facts.alive,
        "lacks": sorted(lack.value for lack in facts.lacks),
        "workers": len(flow.workers),
        "last_started_at": as_json(facts.started_at),
        "last_ended_at": as_json(facts.ended_at),
    }


def as_json(moment: datetime | None) -> str | None:
    """A moment as readers of JSON get it."""
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")


def look(parts: Wiring, now: datetime) -> Standing:
    """Ask the database, the broker and the disk."""
    settings = parts.settings
    database, broker, disk = parts.database.alive(), broker_alive(parts.celery), has_room(settings)
    if not database:
        return Standing(now, database, broker, disk, free_bytes(settings))
    return Standing(
        at=now,
        database=database,
        broker=broker,
        disk=disk,
        free=free_bytes(settings),
        agree=not parts.canaries.disagreeing(now),
        lanes=parts.flow.lanes(now, parts.patience),
        workers=parts.flow.workers(now, parts.patience),
        last_hour=parts.counts.last_hour(now),
        owed=debt(parts.database, now),
        held=parts.outgoing.held(),
        counts=parts.counts.all(),
        put_aside=_put_aside(parts) if broker else None,
    )


def _put_aside(parts: Wiring) -> int | None:
    try:
        return count_put_aside(parts.celery)
    except Exception:  # noqa: BLE001 - it went away since it answered, in whatever words its transport has
        return None
