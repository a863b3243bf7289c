"""The users of docker/redis-users.acl on a real Redis: a service that works with them, and the page that tells of them."""

from __future__ import annotations

import json
import os
import signal
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
from grader.redis_broker import NOT_ALLOWED, keys_of
from grader.settings import load_settings
from tests.instructions import blocks_of
from tests.integration.conftest import Service
from tests.servers import REDIS_USERS
from workers.begun import KEPT_SECONDS, in_redis
from workers.training.run_redis import RedisCache

pytestmark = pytest.mark.services

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "docker" / "redis-users.sh"


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
    said = subprocess.run(words, env=environ, capture_output=True, text=True).stdout
    assert said == "first redis-server --port 1\n"
    lines = (tmp_path / "acl").read_text().splitlines()
    assert [line.split()[1] for line in lines] == ["default", *REDIS_USERS]
    assert all(line.split()[3] == f"#{sha256(b'a word').hexdigest()}" for line in lines[1:])


@pytest.fixture
def control(users: dict[str, str]) -> redis.Redis:
    """The control plane's client, on a Redis with nothing in it."""
    client = redis.Redis.from_url(users["control"])
    client.flushdb()
    client.acl_log_reset()
    return client


def connected(address: str) -> redis.Redis:
    return redis.Redis.from_url(address, driver_info=None)


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
    cache = RedisCache(users["worker-quick"], lease_seconds=5.0)
    with cache.alone("key", 5):
        assert control.exists("grader:run:key:lock")
        time.sleep(2)  # a renewal
        cache.put("key", b"a run")
    assert not control.exists("grader:run:key:lock")
    assert cache.get("key") == b"a run"
    assert control.acl_log() == []


@pytest.fixture
def service(users: dict[str, str], control: redis.Redis, tmp_path: Path) -> Iterator[Service]:
    """A service whose control plane is the user `control`."""
    made = Service(load_settings({}, data_dir=tmp_path, broker_url=users["control"]))
    yield made
    made.stop()


def start_workers(service: Service, users: dict[str, str]) -> None:
    service.start("grading", GRADER_BROKER_URL=users["worker"])
    service.start(
        "grading", "quick", GRADER_BROKER_URL=users["worker-quick"], GRADER_TEST_QUEUES=queue.GRADING
    )


def in_hand(client: redis.Redis) -> set[bytes]:
    """What consumers have taken and not acknowledged, or had when they were killed."""
    return {tag for group in queue.GROUPS for tag in client.hkeys(keys_of(group)["unacked_key"])}


def test_a_service_works_with_users_and_loses_nothing_with_its_processes(
    service: Service, users: dict[str, str], control: redis.Redis
) -> None:
    """Graded; held, killed with both workers, and graded by the next ones; taken while the control plane is down."""
    service.start("control")
    start_workers(service, users)
    first = [service.submit(f"# sleep 0.{number}") for number in range(4)]
    for submission in first:
        assert service.await_state(submission, State.DONE).score == 10.0
    held = service.submit("# hold")
    service.await_state(held, State.RUNNING)
    service.kill("grading")
    service.kill("quick")
    lost = in_hand(control)
    start_workers(service, users)
    assert service.await_state(held, State.DONE).attempt >= 2
    service.kill("control")
    lost |= in_hand(control)
    meanwhile = service.submit("# sleep 0")
    service.start("control")
    service.await_state(meanwhile, State.DONE)
    faulty = service.submit("# fault 1")
    assert service.await_state(faulty, State.DONE).score == 10.0
    for part in ("grading", "quick", "control"):
        service.signal(part, signal.SIGTERM)
    assert in_hand(control) <= lost, "who stops gives back what is in hand"
    assert not [name for name in control.scan_iter() if name.startswith(b"_kombu")]
    assert control.acl_log() == [], service.logs()


def test_what_an_older_release_had_in_hand_is_sent_again(
    service: Service, users: dict[str, str], control: redis.Redis
) -> None:
    """Its workers died with a job in keys that all shared, which nobody reads any more."""
    submission = service.submit("# sleep 0")
    message = control.rpop(queue.GRADING)
    control.hset("unacked", "tag", json.dumps([json.loads(message), "", queue.GRADING]))
    control.zadd("unacked_index", {"tag": 1.0})
    service.start("control")
    start_workers(service, users)
    assert service.await_state(submission, State.DONE).attempt >= 2
    assert control.hlen("unacked") == 1
    assert control.acl_log() == [], service.logs()


def block_of(where: str) -> str:
    (block,) = [block for block in blocks_of(ROOT / "docs" / "operations.md") if block.where == where]
    return block.text


def test_the_page_makes_the_users(tmp_path: Path) -> None:
    line = (
        block_of("users of Redis")
        .replace("…", "a-word")
        .replace("/etc/redis/users.acl", str(tmp_path / "acl"))
    )
    subprocess.run(["bash", "-euo", "pipefail", "-c", line], cwd=ROOT, check=True)
    assert [each.split()[1] for each in (tmp_path / "acl").read_text().splitlines()] == [
        "default",
        *REDIS_USERS,
    ]


def test_the_page_removes_what_an_older_release_left(users: dict[str, str], control: redis.Redis) -> None:
    old = (
        "unacked",
        "unacked_index",
        "unacked_mutex",
        "_kombu.binding.",
        "_kombu.binding_permanent.",
        "worker-host-1",
        "grader-corrupt",
    )
    new = ("unacked:grading", "worker:grading:host-1", queue.GRADING, "grader-corrupt:control")
    for name in (*old, *new):
        control.sadd(name, "something")
    password, port = (
        users["control"].split(":")[2].split("@")[0],
        users["control"].split(":")[3].split("/")[0],
    )
    lines = block_of("what an older release left in Redis").replace("…", password)
    subprocess.run(
        ["bash", "-euo", "pipefail", "-c", lines.replace("redis-cli ", f"redis-cli -p {port} ")], check=True
    )
    assert set(control.scan_iter()) == {name.encode() for name in new}


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


@pytest.mark.parametrize(
    ("part", "user", "key"),
    [("grading", "worker-quick", "unacked:grading+slow"), ("control", "worker", "unacked:control")],
)
def test_a_worker_whose_user_has_not_its_queues_says_so_and_ends(
    service: Service, users: dict[str, str], part: str, user: str, key: str
) -> None:
    service.start(part, GRADER_BROKER_URL=users[user])
    assert service.ends(60) == {part: NOT_ALLOWED}, service.log(part)
    assert f"may not use {key}" in service.log(part)
