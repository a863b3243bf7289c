"""`grader status --service`: how the service stands, in the terminal of whoever runs it. Reads, and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from grader.cli.parts import settings_for
from grader.console import echo_json

if TYPE_CHECKING:
    from grader.services.flow import Flow, Worker
    from grader.settings import Settings
    from grader.standing import Standing

AS_EXPECTED, NOT_AS_EXPECTED, WRONG_USAGE, OUR_FAULT, AWAY = 0, 1, 2, 3, 5
MINUTE, HOUR = 60, 3600
GIB = 1024**3


def show_service(data_dir: Path | None, *, as_json: bool) -> NoReturn:
    """Print it; ends with 0 where uploads are taken, all lanes drain, the broker answers and workers agree, else with 1."""
    standing = _look(settings_for(data_dir))
    if as_json:
        echo_json(json.dumps(in_json(standing), ensure_ascii=False))
    else:
        click.echo("\n".join(in_words(standing)))
    raise SystemExit(AS_EXPECTED if _is_well(standing) else NOT_AS_EXPECTED)


def _look(settings: Settings) -> Standing:
    from sqlalchemy.exc import OperationalError, ProgrammingError

    from grader.db.columns import utc_now
    from grader.standing import look
    from grader.wiring import Wiring

    if not settings.database_url and not (settings.data_dir / "grader.db").exists():
        _stop(
            f"There is no service in {settings.data_dir}. Name its folder with --data-dir or GRADER_DATA_DIR, or its"
            " database with GRADER_DATABASE_URL.",
            WRONG_USAGE,
        )
    parts = Wiring(settings)
    try:
        standing = look(parts, utc_now())
    except (OperationalError, ProgrammingError) as error:
        _stop(
            f"The database is not as this release expects it ({error.orig}). Run: grader db upgrade",
            OUR_FAULT,
        )
    finally:
        parts.database.close()
    if not standing.database:
        _stop("The database does not answer, or takes no changes. Try again when it is back.", AWAY)
    return standing


def _stop(words: str, status: int) -> NoReturn:
    click.echo(words, err=True)
    raise SystemExit(status)


def _is_well(standing: Standing) -> bool:
    return standing.takes_uploads and standing.grades and standing.broker and standing.agree is not False


def in_words(standing: Standing) -> Iterator[str]:
    """A screen of it, line by line: the verdict first, then lanes, workers, the last hour, what is owed, the disk."""
    from grader.db.counts import NAMES

    yield (
        "Uploads are taken."
        if standing.takes_uploads
        else "Uploads are NOT taken: the disk is full. Make room."
    )
    if not standing.broker:
        yield "The broker does NOT answer: what is handed in waits in the database until it is back."
    if standing.put_aside:
        yield f"{_many(standing.put_aside, 'corrupt message')} put aside: see docs/operations.md."
    yield "Every lane drains." if standing.grades else "NOT every lane drains:"
    for lane, flow in standing.lanes.items():
        yield from _lane(NAMES[lane], flow, standing.at)
    yield f"Workers alive: {len(standing.workers)}"
    for worker in standing.workers:
        yield f"  {_worker(worker, standing.at)}"
    if standing.agree is False:
        yield "Workers do NOT agree about one small training: see docs/operations.md."
    last = standing.last_hour
    yield (
        f"Last hour: {_many(last['faults'], 'attempt')} ended in our fault, {_many(last['losses'], 'attempt')} lost"
        f" with a worker, {_many(last['grader_errors'], 'submission')} given up as grader_error."
    )
    owed = standing.owed
    overdue = f", the most overdue by {_duration(owed.overdue_s)}" if owed.overdue_s >= 1 else ""
    yield f"Webhooks: {_many(owed.messages, 'message')} to be delivered{overdue}."
    if standing.held is not None:
        yield f"Outgoing messages are HELD since {standing.held.since:%Y-%m-%d %H:%M:%S} UTC: see grader outgoing."
    if standing.free:
        rooms = ", ".join(f"{number / GIB:.1f} GiB for the {name}" for name, number in standing.free.items())
        yield f"Free on this machine: {rooms}."


def _lane(name: str, flow: Flow, now: datetime) -> Iterator[str]:
    from grader.standing import CAUSES

    facts = flow.facts
    work = "" if not facts.work_s else f" (about {_duration(facts.work_s)} of work)"
    oldest = f", the oldest for {_duration(flow.oldest_s(now))}" if facts.waiting_since is not None else ""
    ended = (
        "nothing yet"
        if facts.ended_at is None
        else f"{_duration((now - facts.ended_at).total_seconds())} ago"
    )
    yield (
        f"  {name:5} waiting: {facts.waiting}{oldest}{work} · running: {facts.alive} · workers: {len(flow.workers)}"
        f" · last ended: {ended}"
    )
    if flow.cause is not None:
        since = (
            ""
            if flow.stopped_since is None
            else f"Stopped since {flow.stopped_since:%Y-%m-%d %H:%M:%S} UTC. "
        )
        yield f"        {since}{CAUSES[flow.cause]}"


def _worker(worker: Worker, now: datetime) -> str:
    from grader.db.counts import NAMES

    lanes = " and ".join(NAMES[lane] for lane in NAMES if lane in worker.lanes) or "no lane yet"
    idle = worker.idle_since
    does = "at work" if idle is None else f"idle for {_duration((now - idle).total_seconds())}"
    return f"{worker.name}: {lanes}, {does}"


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _duration(seconds: float) -> str:
    if seconds < MINUTE:
        return f"{seconds:.0f} s"
    return f"{seconds / MINUTE:.0f} min" if seconds < 2 * HOUR else f"{seconds / HOUR:.0f} h"


def in_json(standing: Standing) -> dict[str, Any]:
    """The same for programs; times are in UTC."""
    from grader.db.counts import NAMES
    from grader.standing import as_json, lane_as_json

    return {
        "at": as_json(standing.at),
        "ready": standing.takes_uploads,
        "grading": standing.grades,
        "database": standing.database,
        "broker": standing.broker,
        "disk": standing.disk,
        "free_bytes": dict(standing.free),
        "workers_agree": standing.agree,
        "lanes": {NAMES[lane]: lane_as_json(flow, standing.at) for lane, flow in standing.lanes.items()},
        "workers": [
            {
                "name": worker.name,
                "lanes": [NAMES[lane] for lane in NAMES if lane in worker.lanes],
                "seen_at": as_json(worker.seen_at),
                "idle_since": as_json(worker.idle_since),
            }
            for worker in standing.workers
        ],
        "last_hour": dict(standing.last_hour),
        "deliveries_owed": standing.owed.messages,
        "delivery_overdue_s": round(standing.owed.overdue_s, 1),
        "outgoing_held_since": None if standing.held is None else as_json(standing.held.since),
    }
