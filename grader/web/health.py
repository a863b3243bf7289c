"""Is it alive, is it ready: for orchestrators and for people. Leaks no versions and no addresses."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from grader.db.columns import utc_now
from grader.queue import broker_alive
from grader.web.current import wiring
from grader.web.room import has_room

pages = Blueprint("health", __name__)

WORKER_SILENCE_SECONDS = 30.0


@pages.get("/health")
@pages.get("/api/v1/health")
def health() -> dict[str, Any]:
    """How things stand; answers 200 as long as the process lives, whatever `ready` says."""
    return _standing()


@pages.get("/health/ready")
def ready() -> tuple[dict[str, Any], int]:
    """503 unless an upload would be graded now; not for a web container's health check, which comes before workers."""
    standing = _standing()
    return standing, 200 if standing["ready"] else 503


@pages.get("/health/alive")
def alive() -> dict[str, bool]:
    """The process answers."""
    return {"alive": True}


def _standing() -> dict[str, Any]:
    parts = wiring()
    database = parts.database.alive()
    broker = broker_alive(parts.celery)
    disk = has_room(parts.settings)
    age = parts.queries.worker_age(utc_now()) if database else None
    agree = not parts.canaries.disagreeing(utc_now()) if database else None
    return {
        "alive": True,
        "ready": database and broker and disk and age is not None and age < WORKER_SILENCE_SECONDS,
        "database": database,
        "broker": broker,
        "disk": disk,
        "worker_age_s": None if age is None else round(age, 1),
        "workers_agree": agree,
    }
