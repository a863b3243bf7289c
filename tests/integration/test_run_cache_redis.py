"""Kept runs in a real Redis: bounded, leased, and a miss whenever Redis is not as it should be."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import redis

from workers.training.run_cache import MOST_BYTES
from workers.training.run_redis import KEPT_SECONDS, PREFIX, RedisCache
from workers.training.run_signed import SignedCache

pytestmark = pytest.mark.services

ROOT = Path(__file__).resolve().parents[2]
KEY = "c" * 64


@pytest.fixture
def client(redis_url):
    client = redis.Redis.from_url(redis_url)
    client.delete(PREFIX + KEY, f"{PREFIX}{KEY}:lock")
    return client


@pytest.fixture
def cache(redis_url, client):
    return RedisCache(redis_url, lease_seconds=1.0)


def test_it_keeps_for_a_while_after_the_last_use(cache, client):
    assert cache.get(KEY) is None
    cache.put(KEY, b"one")
    client.expire(PREFIX + KEY, 5)
    assert cache.get(KEY) == b"one"
    assert client.ttl(PREFIX + KEY) > KEPT_SECONDS - 60


def test_no_more_is_read_than_an_entry_may_have(cache, client):
    client.set(PREFIX + KEY, b"x" * (MOST_BYTES + 100))
    assert len(cache.get(KEY)) == MOST_BYTES + 1
    client.delete(PREFIX + KEY)
    client.lpush(PREFIX + KEY, "a list")
    assert cache.get(KEY) is None


def test_a_lease_is_renewed_while_its_holder_lives(cache, redis_url):
    with cache.alone(KEY, 1):
        time.sleep(2)
        start = time.monotonic()
        with RedisCache(redis_url).alone(KEY, 0.5):
            assert time.monotonic() - start >= 0.5
    start = time.monotonic()
    with RedisCache(redis_url).alone(KEY, 30):
        assert time.monotonic() - start < 10


def test_a_lease_that_nobody_renews_ends(cache, client):
    client.set(f"{PREFIX}{KEY}:lock", "of the dead", px=1000)
    start = time.monotonic()
    with cache.alone(KEY, 60):
        assert time.monotonic() - start < 30
        assert client.get(f"{PREFIX}{KEY}:lock") != b"of the dead"


def test_a_lease_that_was_lost_is_nobodys_to_give_back(cache, client):
    with cache.alone(KEY, 1):
        client.set(f"{PREFIX}{KEY}:lock", "another's", px=60_000)
    assert client.get(f"{PREFIX}{KEY}:lock") == b"another's"


def test_threads_take_turns(cache):
    inside, most = [0], [0]

    def enter():
        with cache.alone(KEY, 60):
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            time.sleep(0.05)
            inside[0] -= 1

    threads = [threading.Thread(target=enter) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most[0] == 1


def test_a_redis_that_is_away_is_a_miss():
    away = RedisCache("redis://127.0.0.1:1/0")
    start = time.monotonic()
    away.put(KEY, b"one")
    with away.alone(KEY, 60):
        assert away.get(KEY) is None
    assert time.monotonic() - start < 20


@pytest.mark.training
def test_twins_on_two_machines_train_once_and_a_dead_one_is_not_waited_for(tmp_path, redis_url, client):
    """Each has a data folder of its own; the third finds a damaged entry, and the lease of one that died."""
    before = set(client.keys(f"{PREFIX}*"))
    key_file = tmp_path / "runs-key"
    key_file.write_text(KEY)
    first, second, third = (twin(tmp_path / name, redis_url, key_file) for name in ("a", "b", "c"))
    try:
        begin(first)
        begin(second)
        runs = [json.loads(each.stdout.readline()) for each in (first, second)]
        assert sorted(run.pop("cached") for run in runs) == [False, True]
        assert runs[0] == runs[1]
        (name,) = set(client.keys(f"{PREFIX}*")) - before
        client.set(name, b"{}")
        client.set(name + b":lock", "of the dead", px=3000)
        begin(third)
        mended = json.loads(third.stdout.readline())
        assert mended["cached"] is False
        assert mended["runs"] == runs[0]["runs"]
        assert client.get(name) != b"{}"
    finally:
        for each in (first, second, third):
            each.kill()
            each.communicate()


@pytest.mark.training
def test_a_worker_that_lies_under_the_right_key_is_found_out(tmp_path, redis_url, client):
    """An honest run stays as it is, and of a lie with the right tag nothing counts or stays."""
    before = set(client.keys(f"{PREFIX}*"))
    key_file = tmp_path / "runs-key"
    key_file.write_text(KEY)

    def run(worker, recheck):
        return told_by(twin(tmp_path / worker, redis_url, key_file, 20, recheck))

    honest = run("honest", recheck=0)
    (name,) = set(client.keys(f"{PREFIX}*")) - before
    written = client.get(name)
    assert run("looking", recheck=1) == honest
    assert client.get(name) == written
    cache, key = SignedCache(RedisCache(redis_url), [KEY]), name.decode().removeprefix(PREFIX)
    lie = json.loads(cache.get(key))
    lie["kept"]["run"]["test_accuracy"] = 0.015625
    cache.put(key, json.dumps(lie).encode())
    assert run("finder", recheck=1) == honest
    assert json.loads(cache.get(key))["kept"]["run"] == honest["runs"][0]


def told_by(twin):
    """What a twin says alone, but for the time that it took."""
    try:
        begin(twin)
        return {name: said for name, said in json.loads(twin.stdout.readline()).items() if name != "seconds"}
    finally:
        twin.kill()
        twin.communicate()


def twin(folder, redis_url, key_file, epochs=80, recheck=0):
    environ = {
        "PYTHONPATH": str(ROOT),
        "GRADER_RUN_CACHE_KEY_FILE": str(key_file),
        "GRADER_RUN_CACHE_RECHECK": str(recheck),
    }
    return subprocess.Popen(
        [sys.executable, str(ROOT / "tests" / "training" / "twin.py"), str(folder), str(epochs), redis_url],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ,
    )  # fmt: skip


def begin(twin):
    assert twin.stdout.readline() == "ready\n"
    twin.stdin.write("go\n")
    twin.stdin.flush()
