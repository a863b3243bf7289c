"""A grading worker that was taken over, on a real Redis with the users of docker/redis-users.acl: it is refused whatever is not its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import redis
from redis.exceptions import NoPermissionError

from grader import queue
from grader.redis_broker import keys_of

pytestmark = pytest.mark.services

OF_OTHERS = {
    queue.CONTROL: "words of workers about other students",
    queue.PLANE: "orders of the control plane",
    queue.WEBHOOKS: "which endpoint is owed a grade",
    queue.SLOW: "a source of the slow lane",
    queue.own_queue("other-1", queue.CONTROL): "to a control worker",
    queue.own_queue("other-1", queue.SLOW): "a source that is meant for one worker of the slow lane",
}
"""Lists that a worker of the quick lane must not read."""

IN_HAND = [keys_of(group) for group in queue.GROUPS if group != queue.GRADING] + [
    {"unacked_key": "unacked", "unacked_index_key": "unacked_index", "unacked_mutex_key": "unacked_mutex"}
]
"""What others have in hand; the last was everybody's, in an older release."""

SERVER = (
    "ACL WHOAMI",
    "ACL LIST",
    "ACL LOG",
    "ACL SETUSER worker-quick +@all",
    "BGREWRITEAOF",
    "CLIENT KILL TYPE normal",
    "CLIENT LIST",
    "CLIENT PAUSE 60000",
    "CONFIG GET *",
    "CONFIG SET dir /tmp",
    "DBSIZE",
    "EVAL return 0",
    "EVALSHA 0000000000000000000000000000000000000000 0",
    "FCALL f 0",
    "FLUSHALL",
    "FLUSHDB",
    "FUNCTION LIST",
    "INFO",
    "KEYS *",
    "LATENCY RESET",
    "MEMORY DOCTOR",
    "MODULE LIST",
    "MONITOR",
    "PSUBSCRIBE *",
    "PUBLISH somewhere words",
    "PUBSUB CHANNELS",
    "RANDOMKEY",
    "REPLICAOF 127.0.0.1 1",
    "SAVE",
    "SCAN 0",
    "SCRIPT FLUSH",
    "SCRIPT LOAD return",
    "SHUTDOWN NOSAVE",
    "SLOWLOG GET",
    "SUBSCRIBE somewhere",
    "SWAPDB 0 1",
)


@pytest.fixture
def control(users: dict[str, str]) -> redis.Redis:
    """The control plane's, on a Redis with everybody's keys in it."""
    client = redis.Redis.from_url(users["control"])
    client.flushdb()
    client.acl_log_reset()
    for name, content in OF_OTHERS.items():
        client.lpush(name, content)
    for keys in IN_HAND:
        client.hset(keys["unacked_key"], "tag", "a source")
        client.zadd(keys["unacked_index_key"], {"tag": 1})
    client.set("grader:begun:slow:one", "1")
    client.lpush("grader-corrupt:control", "what was no word")
    return client


def connected(address: str) -> redis.Redis:
    return redis.Redis.from_url(address, driver_info=None)


def deeds() -> Iterator[tuple[Any, ...]]:
    """What a worker of the quick lane tries, as commands."""
    for name in OF_OTHERS:
        yield from _reading(name)
        yield ("COPY", name, queue.GRADING)
        yield ("RENAME", name, queue.GRADING)
        yield ("DEL", name)
        yield ("UNLINK", name)
        yield ("EXPIRE", name, 0)
        yield ("LTRIM", name, 1, 0)
        yield ("LSET", name, 0, "forged")
        yield ("LREM", name, 0, "x")
        yield ("SET", name, "no list any more")
        yield ("RPUSH", name, "before all others")
        if name != queue.CONTROL:
            yield ("LPUSH", name, "an order")
    for keys in IN_HAND:
        hand, index, mutex = (keys[f"unacked{each}_key"] for each in ("", "_index", "_mutex"))
        yield from (
            ("HGETALL", hand),
            ("HGET", hand, "tag"),
            ("HKEYS", hand),
            ("HSET", hand, "tag", "forged"),
        )
        yield from (
            ("HDEL", hand, "tag"),
            ("ZRANGE", index, 0, -1),
            ("ZADD", index, 0, "forged"),
            ("SET", mutex, 1),
        )
        yield from (("DUMP", hand), ("DEL", hand), ("WATCH", hand))
    yield from (("ZADD", "grader:begun:slow:one", 9, "attempt"), ("GET", "grader:begun:slow:one"))
    yield from (("GET", "grader:begun:grading:one"), ("DEL", "grader:begun:grading:one"))
    yield from (("LRANGE", "grader-corrupt:control", 0, -1), ("LTRIM", "grader-corrupt:control", 1, 0))
    yield from (("LRANGE", "grader-corrupt:grading", 0, -1), ("SADD", "_kombu.binding.", "elsewhere"))
    yield from (
        ("SET", "anything", "else"),
        ("GET", "anything"),
        ("DEL", queue.GRADING),
        ("LRANGE", queue.GRADING, 0, -1),
    )
    yield from (tuple(line.split()) for line in SERVER)


def _reading(name: str) -> Iterator[tuple[Any, ...]]:
    yield from (("LRANGE", name, 0, -1), ("LINDEX", name, 0), ("LPOS", name, "x"), ("LLEN", name))
    yield from (
        ("RPOP", name),
        ("LPOP", name),
        ("BRPOP", name, 1),
        ("BLPOP", name, 1),
        ("LMPOP", 1, name, "LEFT"),
    )
    yield from (("RPOPLPUSH", name, queue.GRADING), ("LMOVE", name, queue.GRADING, "LEFT", "LEFT"))
    yield from (
        ("BRPOP", queue.GRADING, name, 1),
        ("SORT", name),
        ("DUMP", name),
        ("TYPE", name),
        ("EXISTS", name),
    )
    yield from (("OBJECT", "ENCODING", name), ("MEMORY", "USAGE", name), ("GETRANGE", name, 0, -1))


def test_a_compromised_worker_is_refused_whatever_is_not_its_own(
    users: dict[str, str], control: redis.Redis
) -> None:
    """Each deed on a connection of its own: some end one. Nothing of others has changed, and Redis remembers who tried."""
    before = everything(control)
    for deed in deeds():
        with connected(users["worker-quick"]) as client:
            try:
                answer = client.execute_command(*deed)
            except NoPermissionError:
                continue
        pytest.fail(f"{deed} was answered: {answer!r}")
    assert everything(control) == before
    assert {entry["username"] for entry in control.acl_log()} == {"worker-quick"}


def everything(client: redis.Redis) -> dict[bytes, bytes | None]:
    return {name: client.dump(name) for name in client.scan_iter()}


@pytest.mark.parametrize("user", ["worker", "worker-quick"])
def test_words_are_said_and_never_heard(users: dict[str, str], control: redis.Redis, user: str) -> None:
    """A worker of all lanes reads no more of the control plane's than one of the quick lane."""
    with connected(users[user]) as client:
        client.lpush(queue.CONTROL, "a word")
        for name in (queue.CONTROL, queue.PLANE, queue.WEBHOOKS, queue.own_queue("other-1", queue.CONTROL)):
            for deed in _reading(name):
                with pytest.raises(NoPermissionError):
                    client.execute_command(*deed)
        for group in (queue.CONTROL, queue.GRADING if user == "worker" else queue.GROUPS[-1]):
            with pytest.raises(NoPermissionError):
                client.hget(keys_of(group)["unacked_key"], "tag")
    assert control.lindex(queue.CONTROL, 0) == b"a word"


def test_within_a_transaction_and_in_another_database_it_is_the_same(
    users: dict[str, str], control: redis.Redis
) -> None:
    with connected(users["worker-quick"]) as client, client.pipeline() as pipe:
        pipe.lpush(queue.CONTROL, "a word").lrange(queue.CONTROL, 0, -1)
        with pytest.raises(NoPermissionError):
            pipe.execute()
    with connected(users["worker-quick"][:-1] + "1") as client, pytest.raises(NoPermissionError):
        client.lrange(queue.CONTROL, 0, -1)
    assert control.llen(queue.CONTROL) == 1
