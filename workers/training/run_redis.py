"""Kept runs in Redis, for the workers of many machines. A Redis that is away or full means a miss, never an error.

A lock is a lease that its holder renews: of a holder that died, nothing is left after the lease.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import redis
from redis.backoff import NoBackoff
from redis.lock import Lock
from redis.retry import Retry

from grader.redis_client import PLAIN, Lease
from workers.training.run_cache import MOST_BYTES

log = logging.getLogger(__name__)

PREFIX = "grader:run:"
KEPT_SECONDS = 30 * 24 * 3600
LEASE_SECONDS = 10.0
POLLING_SECONDS = 0.2
PATIENCE_SECONDS = 2.0
"""For one answer of Redis."""


class RedisCache:
    """Entries below a prefix of their own; each goes 30 days after it was last used."""

    def __init__(self, url: str, lease_seconds: float = LEASE_SECONDS) -> None:
        self._lease = lease_seconds
        self._redis = redis.Redis.from_url(
            url,
            socket_connect_timeout=PATIENCE_SECONDS,
            socket_timeout=PATIENCE_SECONDS,
            retry=Retry(NoBackoff(), 0),
            **PLAIN,
        )

    def get(self, key: str) -> bytes | None:
        """The entry, which counts as used now; one that is too long stays where it is."""
        with _forgiving("read"):
            name = PREFIX + key
            found = self._redis.getrange(name, 0, MOST_BYTES)
            if isinstance(found, bytes) and found:
                self._redis.expire(name, KEPT_SECONDS)
                return found
        return None

    def put(self, key: str, entry: bytes) -> None:
        """Keep it for a while."""
        with _forgiving("written"):
            self._redis.set(PREFIX + key, entry, ex=KEPT_SECONDS)

    @contextmanager
    def alone(self, key: str, seconds: float) -> Iterator[None]:
        """Hold the key's lease and renew it meanwhile."""
        lock = self._leased(f"{PREFIX}{key}:lock", time.monotonic() + seconds)
        over = threading.Event()
        if lock is not None:
            threading.Thread(target=self._renew, args=(lock, over), name="lease", daemon=True).start()
        try:
            yield
        finally:
            over.set()
            if lock is not None:
                with suppress(redis.RedisError):
                    lock.release()

    def _leased(self, name: str, until: float) -> Lock | None:
        """A lease; None where Redis is away, or when time is up."""
        with _forgiving("locked"):
            lock: Lock = self._redis.lock(name, timeout=self._lease, thread_local=False, lock_class=Lease)
            while not lock.acquire(blocking=False):
                if time.monotonic() >= until:
                    return None
                time.sleep(POLLING_SECONDS)
            return lock
        return None

    def _renew(self, lock: Lock, over: threading.Event) -> None:
        while not over.wait(self._lease / 3):
            with suppress(redis.RedisError):
                lock.reacquire()


@contextmanager
def _forgiving(what: str) -> Iterator[None]:
    try:
        yield
    except redis.RedisError as error:
        log.warning("no run could be %s: %s", what, error)
