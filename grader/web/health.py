"""Is it alive, is it ready: for orchestrators and for people. Leaks no versions and no addresses."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from grader.db.columns import utc_now
from grader.queue import broker_alive
from grader.web.current import wiring

pages = Blueprint("health", __name__)

WORKER_SILENCE_SECONDS = 30.0


@pages.get("/health")
@pages.get("/api/v1/health")
def health() -> tuple[dict[str, Any], int]:
    """`ready` means that an upload would be graded; 503 where it is not."""
    parts = wiring()
    database = parts.database.alive()
    broker = broker_alive(parts.celery)
    age = parts.queries.worker_age(utc_now()) if database else None
    ready = database and broker and age is not None and age < WORKER_SILENCE_SECONDS
    body = {
        "alive": True,
        "ready": ready,
        "database": database,
        "broker": broker,
        "worker_age_s": None if age is None else round(age, 1),
    }
    return body, 200 if ready else 503


@pages.get("/health/alive")
def alive() -> dict[str, bool]:
    """The process answers."""
    return {"alive": True}
