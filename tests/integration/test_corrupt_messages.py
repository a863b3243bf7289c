"""Messages that are none, in every queue of both brokers: no process ends over them, and all that is sound is done."""

from __future__ import annotations

from typing import Any

import pytest
import redis

from grader import queue
from grader.domain.submission import State
from grader.redis_broker import PUT_ASIDE
from tests.corrupt import CORRUPT

pytestmark = pytest.mark.services

Service = Any


def test_what_is_corrupt_ends_nobody(service: Service, until: Any) -> None:
    service.start("control")
    service.start("grading")
    service.await_state(service.submit("# sleep 0"), State.DONE)
    before = service.processes()
    for name in (queue.CONTROL, queue.GRADING, queue.SLOW, queue.WEBHOOKS, queue.PLANE):
        _put(service, name)
    service.await_state(service.submit("# sleep 0"), State.DONE)
    until(lambda: queue.count_put_aside(service.parts.celery) == 5 * len(CORRUPT), 60, "all is put aside")
    service.await_state(service.submit("# sleep 0"), State.DONE)
    assert service.processes() == before, service.logs()


def _put(service: Service, name: str) -> None:
    """As somebody does who can write to the broker."""
    if not service.settings.broker_url:
        folder = service.settings.data_dir / "queue" / "messages"
        for number, text in enumerate(CORRUPT):
            path = folder / f"{number:020d}_x.{name}.msg"
            path.write_bytes(text.encode("utf-8", "surrogateescape"))
        return
    client = redis.Redis.from_url(service.settings.broker_url)
    for text in CORRUPT:
        client.lpush(name, text.encode("utf-8", "surrogateescape"))


@pytest.fixture(autouse=True)
def nothing_was_put_aside_before(service: Service) -> None:
    if service.settings.broker_url:
        redis.Redis.from_url(service.settings.broker_url).delete(PUT_ASIDE)
