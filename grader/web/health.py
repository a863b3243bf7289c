"""Is it alive, are uploads taken, is it grading: for orchestrators and for people. Leaks no versions and no addresses."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from grader.db.columns import utc_now
from grader.db.counts import NAMES
from grader.queue import broker_alive
from grader.room import has_room
from grader.standing import lane_as_json
from grader.web.current import wiring

pages = Blueprint("health", __name__)


@pages.get("/health")
@pages.get("/api/v1/health")
def health() -> dict[str, Any]:
    """How things stand; answers 200 as long as the process lives, whatever it says."""
    return _standing()


@pages.get("/health/ready")
def ready() -> tuple[dict[str, Any], int]:
    """503 unless uploads are taken; whether they are graded is asked elsewhere."""
    standing = _standing()
    return standing, 200 if standing["ready"] else 503


@pages.get("/health/grading")
def grading() -> tuple[dict[str, Any], int]:
    """503 with the cause unless every lane drains."""
    now = utc_now()
    if not wiring().database.alive():
        return {"grading": False, "database": False, "lanes": {}}, 503
    lanes = wiring().flow.lanes(now, wiring().patience)
    drains = all(flow.drains for flow in lanes.values())
    told = {NAMES[lane]: lane_as_json(flow, now) for lane, flow in lanes.items()}
    return {"grading": drains, "database": True, "lanes": told}, 200 if drains else 503


@pages.get("/health/alive")
def alive() -> dict[str, bool]:
    """The process answers."""
    return {"alive": True}


def _standing() -> dict[str, Any]:
    parts, now = wiring(), utc_now()
    database, broker, disk = parts.database.alive(), broker_alive(parts.celery), has_room(parts.settings)
    age = parts.queries.worker_age(now) if database else None
    agree = not parts.canaries.disagreeing(now) if database else None
    flows = parts.flow.lanes(now, parts.patience).values() if database else ()
    return {
        "alive": True,
        "ready": database and disk,
        "grading": database and all(flow.drains for flow in flows),
        "database": database,
        "broker": broker,
        "disk": disk,
        "worker_age_s": None if age is None else round(age, 1),
        "workers_agree": agree,
    }
