"""Which attempts have begun: a message that comes twice, or one that a newer attempt has overtaken, is not graded again.

It is asked of the broker's own store, not of the control plane, which may be down or busy: a worker must go on without it.
Whoever cannot be asked does not hold up a job; graded twice, it is recorded once.
"""

from __future__ import annotations

import fcntl
import logging
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import redis

from grader.domain.submission import Job
from grader.redis_client import PLAIN
from grader.settings import Settings

log = logging.getLogger(__name__)

Begun = Callable[[Job], bool]
"""Whether an attempt of a submission may begin; from then on it, and what is older, may not."""

KEPT_SECONDS = 2 * 24 * 3600


def open_begun(settings: Settings) -> Begun:
    """In the broker's Redis, which all workers share, or else in a folder of this machine."""
    if settings.broker_url.startswith(("redis://", "rediss://")):
        return _patient(in_redis(settings.broker_url))
    folder = settings.data_dir / "grading" / "begun"
    remove_older(folder, KEPT_SECONDS)
    return _patient(in_folder(folder))


def in_redis(url: str) -> Begun:
    """One key for each submission, by its lane, which goes after two days: a set whose one member's score is the attempt.

    A worker may write keys of its lanes alone, and read none (docker/redis-users.acl).
    """
    client = redis.Redis.from_url(url, socket_timeout=2.0, socket_connect_timeout=2.0, **PLAIN)

    def begin(job: Job) -> bool:
        key = f"grader:begun:{job.lane.value}:{job.submission}"
        with client.pipeline() as pipe:
            pipe.zadd(key, {"attempt": job.attempt}, gt=True, ch=True)
            pipe.expire(key, KEPT_SECONDS)
            return bool(pipe.execute()[0])

    return begin


def in_folder(folder: Path) -> Begun:
    """One file for each submission, locked while it is read and written."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def begin(job: Job) -> bool:
        descriptor = os.open(folder / job.submission, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if int(os.pread(descriptor, 20, 0) or 0) >= job.attempt:
                return False
            os.pwrite(descriptor, str(job.attempt).encode().rjust(20, b"0"), 0)
            return True
        finally:
            os.close(descriptor)

    return begin


def remove_older(folder: Path, seconds: float) -> None:
    """Forget submissions of long ago."""
    before = time.time() - seconds
    for path in folder.glob("*"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                path.unlink()


def _patient(begin: Begun) -> Begun:
    def ask(job: Job) -> bool:
        try:
            return begin(job)
        except (redis.RedisError, OSError, ValueError) as error:
            log.warning(
                "nobody knows whether %s attempt %d has begun: %s", job.submission, job.attempt, error
            )
            return True

    return ask
