"""Whether a lane drains: judged from what waits, what runs and who is alive. Knows no clock and no database.

A long job that gives signs of life is no fault, however many wait behind it: what counts is whether a worker that could
take something takes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from grader.domain.submission import Lack, Lane
from grader.services.ports import Patience


class Cause(StrEnum):
    """Why a lane does not drain."""

    NO_WORKER = "no_worker"
    NOT_SENT = "not_sent"
    NOT_TAKEN = "not_taken"
    NO_SIGN_OF_LIFE = "no_sign_of_life"
    NOBODY_CAN = "nobody_can"


@dataclass(frozen=True)
class Worker:
    """A living worker as it tells of itself; `idle_since` None means that it says it is at work."""

    name: str
    lanes: frozenset[Lane]
    seen_at: datetime
    idle_since: datetime | None = None


@dataclass(frozen=True)
class LaneFacts:
    """One lane as the tables show it.

    `waiting` counts all that is in line, `sent` those of them that a worker could take at once; `waiting_since` is when
    the oldest that is due began to wait, or a running job gave no sign of life any more. `alive` are running jobs whose worker gave a sign of life lately. `took` is how
    long the job lasted that ended last, `work_s` what waits in seconds of one worker (None: too little was measured).
    `lacks` is what jobs wait for that no living worker has.
    """

    waiting: int = 0
    sent: int = 0
    only_regrades: bool = False
    waiting_since: datetime | None = None
    alive: int = 0
    started_at: datetime | None = None
    ended_at: datetime | None = None
    took: timedelta = timedelta()
    work_s: float | None = None
    lacks: frozenset[Lack] = frozenset()

    @property
    def quiet_since(self) -> datetime | None:
        """When something last began to wait, to run or to be final; None where nothing is due."""
        if self.waiting_since is None:
            return None
        return max(filter(None, (self.waiting_since, self.started_at, self.ended_at)))


@dataclass(frozen=True)
class Flow:
    """A lane, the living workers that take it, and the judgement: `cause` None where it drains.

    `stopped_since` is set once somebody has waited for longer than is to be expected.
    """

    facts: LaneFacts = LaneFacts()
    workers: tuple[Worker, ...] = ()
    cause: Cause | None = None
    stopped_since: datetime | None = None

    @property
    def drains(self) -> bool:
        """Whether what waits will be graded as things are."""
        return self.cause is None

    def oldest_s(self, now: datetime) -> float:
        """For how many seconds the oldest has waited; 0 where none does."""
        since = self.facts.waiting_since
        return 0.0 if since is None else max(0.0, (now - since).total_seconds())


def judge(
    lanes: Mapping[Lane, LaneFacts], workers: Sequence[Worker], now: datetime, patience: Patience
) -> dict[Lane, Flow]:
    """Every lane with its judgement; `workers` are those that are alive."""
    return {lane: _judge(lane, lanes, workers, now, patience) for lane in lanes}


def _judge(
    lane: Lane, lanes: Mapping[Lane, LaneFacts], workers: Sequence[Worker], now: datetime, patience: Patience
) -> Flow:
    facts, ours = lanes[lane], tuple(worker for worker in workers if lane in worker.lanes)
    quiet = facts.quiet_since
    overdue = quiet is not None and now - quiet > _bearable(lane, facts, patience) and not _spares(facts)
    if not ours:
        return Flow(facts, ours, Cause.NO_WORKER, quiet if overdue else None)
    free = set(ours) - _at_work(lane, lanes, workers, now, patience)
    if not overdue or not free:
        return Flow(facts, ours)
    return Flow(facts, ours, _cause(facts, free), quiet)


def _spares(facts: LaneFacts) -> bool:
    """Whether a worker is free on purpose: regrades leave one of a lane for new submissions (`db.lanes`)."""
    return facts.only_regrades and facts.alive > 0 and not facts.sent


def _bearable(lane: Lane, facts: LaneFacts, patience: Patience) -> timedelta:
    """How long nothing may happen in a lane beside a free worker.

    After a slow job the lane rests for as long as that took, while quick ones wait (`db.lanes`): what is not sent yet
    may have to wait for that.
    """
    resting = facts.took if lane is Lane.SLOW and not facts.sent else timedelta()
    return timedelta(seconds=patience.stopped) + resting


def _cause(facts: LaneFacts, free: set[Worker]) -> Cause:
    if facts.lacks and not facts.sent:
        return Cause.NOBODY_CAN
    if not facts.sent:
        return Cause.NOT_SENT
    idle = any(worker.idle_since is not None for worker in free)
    return Cause.NOT_TAKEN if idle else Cause.NO_SIGN_OF_LIFE


def _at_work(
    lane: Lane, lanes: Mapping[Lane, LaneFacts], workers: Sequence[Worker], now: datetime, patience: Patience
) -> set[Worker]:
    """Workers that a job with signs of life can be ascribed to; a row does not tell whose it is.

    Who says that it is at work comes first, and of those who takes fewer lanes.
    """
    jobs = {other: _jobs(lane, other, lanes[other], workers, now, patience) for other in lanes}
    busy = set()
    for worker in sorted(workers, key=lambda one: (one.idle_since is not None, len(one.lanes), one.name)):
        taken = next((other for other in Lane if other in worker.lanes and jobs.get(other)), None)
        if taken is not None:
            jobs[taken] -= 1
            busy.add(worker)
    return busy


def _jobs(
    lane: Lane,
    other: Lane,
    facts: LaneFacts,
    workers: Sequence[Worker],
    now: datetime,
    patience: Patience,
) -> int:
    """Jobs of a lane that keep workers from ours; one that ended this moment kept its worker until now."""
    if facts.ended_at is None or now - facts.ended_at > timedelta(seconds=3 * patience.heartbeat):
        return facts.alive
    is_shared_with_others = any(other in one.lanes and lane not in one.lanes for one in workers)
    return max(facts.alive, 1) if is_shared_with_others else facts.alive + 1
