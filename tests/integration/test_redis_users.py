"""The users of docker/redis-users.acl on a real Redis: what a compromised grading worker tries, and a service that works with them."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import redis
from redis.exceptions import NoPermissionError

from grader import queue
from grader.domain.submission import Job, Lane, State
from grader.redis_broker import keys_of
from grader.settings import load_settings
from tests.integration.conftest import Service
from tests.servers import REDIS_USERS, redis_with_users
from workers.begun import KEPT_SECONDS, in_redis
from workers.training.run_redis import RedisCache

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


@pytest.fixture(scope="module")
def users() -> Iterator[dict[str, str]]:
    """The addresses of a Redis with users."""
    with redis_with_users() as addresses:
        yield addresses


SCRIPT = Path(__file__).parents[2] / "docker" / "redis-users.sh"


@pytest.mark.parametrize("missing", REDIS_USERS.values())
def test_no_user_is_without_a_password(tmp_path: Path, missing: str) -> None:
    environ = {**os.environ, **dict.fromkeys(REDIS_USERS.values(), "a word"), missing: ""}
    made = subprocess.run(["sh", SCRIPT, tmp_path / "acl"], env=environ, capture_output=True, text=True)
    assert made.returncode != 0
    assert missing in made.stderr
    assert not (tmp_path / "acl").exists()


def test_an_image_takes_its_own_first_step(tmp_path: Path) -> None:
    """Redis's image starts as root and has a script that makes the server somebody else."""
    first = tmp_path / "docker-entrypoint.sh"
    first.write_text('#!/bin/sh\necho "first $*"\n')
    first.chmod(0o755)
    environ = {**os.environ, **dict.fromkeys(REDIS_USERS.values(), "a word")}
    environ["PATH"] = f"{tmp_path}:{environ['PATH']}"
    words = ["sh", SCRIPT, tmp_path / "acl", "redis-server", "--port", "1"]
    assert (
        subprocess.run(words, env=environ, capture_output=True, text=True).stdout
        == "first redis-server --port 1\n"
    )
    lines = (tmp_path / "acl").read_text().splitlines()
    assert [line.split()[1] for line in lines] == ["default", *REDIS_USERS]
    assert all(line.split()[3] == f"#{sha256(b'a word').hexdigest()}" for line in lines[1:])


@pytest.fixture
def control(users: dict[str, str]) -> redis.Redis:
    """The control plane's, on a Redis with everybody's keys in it."""
    client = redis.Redis.from_url(users["control"])
    client.flushdb()
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


def test_nobody_is_let_in_without_a_name(users: dict[str, str]) -> None:
    address = "redis://" + users["control"].rpartition("@")[2]
    with connected(address) as client, pytest.raises(redis.AuthenticationError):
        client.ping()
    password = users["worker"].rpartition("@")[0].rpartition(":")[2]
    nameless = address.replace("//", f"//:{password}@")
    with connected(nameless) as client, pytest.raises(redis.AuthenticationError):
        client.ping()


def test_an_attempt_begins_once_and_none_that_is_older(users: dict[str, str], control: redis.Redis) -> None:
    """Whatever else a worker may not ask; many at once, of which one begins."""
    job = Job("01J", 2, "slow", "sha256:slow", (), "")
    begin = in_redis(users["worker-quick"])
    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(lambda _: begin(job), range(8))) == [False] * 7 + [True]
    assert [begin(replace(job, attempt=number)) for number in (1, 2, 10, 9)] == [False, False, True, False]
    assert 0 < control.ttl("grader:begun:grading:01J") <= KEPT_SECONDS
    with pytest.raises(NoPermissionError):
        begin(replace(job, lane=Lane.SLOW))


def test_runs_are_kept_and_locked_without_scripts(users: dict[str, str], control: redis.Redis) -> None:
    cache = RedisCache(users["worker-quick"], lease_seconds=0.6)
    control.acl_log_reset()
    with cache.alone("key", 5):
        assert control.exists("grader:run:key:lock")
        time.sleep(1)  # some renewals
        cache.put("key", b"a run")
    assert not control.exists("grader:run:key:lock")
    assert cache.get("key") == b"a run"
    assert control.acl_log() == []


@pytest.fixture
def service(users: dict[str, str], tmp_path: Path) -> Iterator[Service]:
    """A service whose control plane is the user `control`."""
    redis.Redis.from_url(users["control"]).flushdb()
    redis.Redis.from_url(users["control"]).acl_log_reset()
    made = Service(load_settings({}, data_dir=tmp_path, broker_url=users["control"]))
    yield made
    made.stop()


def start_workers(service: Service, users: dict[str, str]) -> None:
    service.start("grading", GRADER_BROKER_URL=users["worker"])
    service.start(
        "grading", "quick", GRADER_BROKER_URL=users["worker-quick"], GRADER_TEST_QUEUES=queue.GRADING
    )


def assert_nothing_was_refused(service: Service, users: dict[str, str]) -> None:
    log = redis.Redis.from_url(users["control"]).acl_log()
    assert log == [], (log, service.logs())


def test_a_service_works_with_users_and_loses_nothing_with_its_workers(
    service: Service, users: dict[str, str], until: Callable[..., Any]
) -> None:
    """Graded; held, killed with both workers, and graded by the next ones; and what is sent to one worker by name."""
    service.start("control")
    start_workers(service, users)
    first = [service.submit(f"# sleep 0.{number}") for number in range(4)]
    for submission in first:
        assert service.await_state(submission, State.DONE).score == 10.0
    held = service.submit("# hold")
    service.await_state(held, State.RUNNING)
    service.kill("grading")
    service.kill("quick")
    start_workers(service, users)
    assert service.await_state(held, State.DONE).attempt == 2
    service.kill("control")
    meanwhile = service.submit("# sleep 0")
    service.start("control")
    service.await_state(meanwhile, State.DONE)
    faulty = service.submit("# fault 1")
    assert service.await_state(faulty, State.DONE).score == 10.0
    stopped(service, users, until)
    assert_nothing_was_refused(service, users)


def stopped(service: Service, users: dict[str, str], until: Callable[..., Any]) -> None:
    """As an operator stops them: what they have in hand goes back, and nothing is left."""
    client = redis.Redis.from_url(users["control"])
    names = [keys_of(group)["unacked_key"] for group in (queue.GRADING, queue.GROUPS[-1], queue.CONTROL)]
    for part in ("grading", "quick", "control"):
        service.signal(part, 15)
    left = {name: client.hlen(name) for name in names}
    assert sum(left.values()) <= 1, left  # the hold that was killed, until it has been in hand for two hours
    assert not [name for name in client.scan_iter() if name.startswith((b"_kombu", b"unacked_mutex"))]


def test_what_an_older_release_had_in_hand_is_sent_again(service: Service, users: dict[str, str]) -> None:
    """Its workers died with a job in keys that all shared, which nobody reads any more."""
    client = redis.Redis.from_url(users["control"])
    submission = service.submit("# sleep 0")
    message = client.rpop(queue.GRADING)
    client.hset("unacked", "tag", json.dumps([json.loads(message), "", queue.GRADING]))
    client.zadd("unacked_index", {"tag": 1.0})
    service.start("control")
    start_workers(service, users)
    assert service.await_state(submission, State.DONE).attempt == 2
    assert client.hlen("unacked") == 1
    assert_nothing_was_refused(service, users)


def test_what_cannot_be_put_back_ends_no_worker(
    service: Service, users: dict[str, str], until: Callable[..., Any]
) -> None:
    """A worker that was taken over writes into what its group has in hand; the others of its user find it there."""
    client, keys = redis.Redis.from_url(users["control"]), keys_of(queue.GROUPS[-1])
    message = {"body": "", "headers": {}, "properties": {}}
    forged = [[message, "", queue.PLANE], [message, "", None], [message], "text", [message, {}, []]]
    words = [*map(json.dumps, forged), "no json", b"\xff"]
    for number, each in enumerate(words):
        client.hset(keys["unacked_key"], f"tag-{number}", each)
        client.zadd(keys["unacked_index_key"], {f"tag-{number}": 1.0 + number})
    service.start("control")
    start_workers(service, users)
    submission = service.submit("# sleep 0")
    service.await_state(submission, State.DONE)
    until(lambda: not client.hlen(keys["unacked_key"]), 60, service.logs)
    assert client.llen(queue.PLANE) == 0
    assert set(service.processes()) == {"control", "grading", "quick"}


def test_a_worker_whose_user_has_not_its_lanes_says_so_and_ends(
    service: Service, users: dict[str, str]
) -> None:
    service.start("grading", GRADER_BROKER_URL=users["worker-quick"])
    assert service.ends(60) == {"grading": 3}, service.log("grading")
    assert "may not use unacked:grading+slow" in service.log("grading")
