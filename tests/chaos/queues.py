"""Faults in the queue itself: messages that nobody can read, messages that come twice, a queue that is emptied."""

from __future__ import annotations

import time
from typing import Any

import redis

from grader import queue
from tests.chaos.deployment import Deployment

LANES = (*queue.LANES, queue.CONTROL, queue.PLANE)
GARBAGE = (b"", b"not json", b"[]", b'{"body": 5}', b'{"body": "e30=", "headers": {}, "properties": {}}')


def corrupt(one: Deployment) -> None:
    """Five messages in each queue that nobody can read."""
    if one.redis is None:
        folder = one.data_dir / "queue" / "messages"
        for lane in LANES:
            for number, words in enumerate(GARBAGE):
                (folder / f"{number}_chaos-{number}.{lane}.msg").write_bytes(words)
        return
    with _client(one) as client:
        for lane in LANES:
            for words in GARBAGE:
                client.rpush(lane, words)
                time.sleep(0.5)


def double(one: Deployment) -> None:
    """For 20 s whatever waits in a lane is put there once more."""
    until = time.monotonic() + 20
    with _client(one) as client:
        while time.monotonic() < until:
            for lane in LANES:
                waiting: Any = client.lrange(lane, 0, -1)
                for message in waiting[:3]:
                    client.rpush(lane, message)
            time.sleep(1.0)


def empty(one: Deployment) -> None:
    """Everything that waits is thrown away, three times."""
    for _ in range(3):
        if one.redis is None:
            for path in (one.data_dir / "queue" / "messages").glob("*"):
                path.unlink(missing_ok=True)
        else:
            with _client(one) as client:
                client.flushall()
        time.sleep(5)


def _client(one: Deployment) -> redis.Redis:
    assert one.redis is not None
    return redis.Redis.from_url(one.redis.address, socket_timeout=10)
