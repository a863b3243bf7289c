"""How a job ended, from what the supervisor saw and the kernel counted; an exit status alone proves nothing."""

from __future__ import annotations

import json
import os
from typing import Any

from .counters import Counters, grew
from .job import Job
from .watch import Watch

_FILE_TOO_BIG = 27


def outcome(
    job: Job, watch: Watch, before: Counters, after: Counters, *, disk_is_full: bool
) -> dict[str, Any]:
    """The outcome frame without times and versions."""
    name, detail = _ending(watch, before, after, disk_is_full=disk_is_full)
    claim = watch.claim.decode("utf-8", "replace") if name == "finished" else None
    return {
        "format": 1,
        "job": job.nonce,
        "outcome": name,
        "detail": detail,
        "claim": claim,
        "ended": watch.ended,
        "stdout": watch.kept.decode("utf-8", "replace"),
        "truncated": watch.printed > len(watch.kept),
    }


def _ending(
    watch: Watch, before: Counters, after: Counters, *, disk_is_full: bool
) -> tuple[str, dict[str, Any]]:
    if watch.stopped is not None:
        return watch.stopped, {"clock": watch.clock} if watch.clock else {}
    status = watch.status if watch.status is not None else 0
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0 and watch.claim:
        return _claimed(bytes(watch.claim), before, after, disk_is_full=disk_is_full)
    if grew(before.memory_kills, after.memory_kills):
        return "memory_limit", {}
    if grew(before.refused_forks, after.refused_forks):
        return "process_limit", {}
    if disk_is_full:
        return "disk_limit", {}
    if os.WIFSIGNALED(status):
        return "crashed", {"signal": os.WTERMSIG(status)}
    return "ended_early", {"status": os.WEXITSTATUS(status)}


def _claimed(
    claim: bytes, before: Counters, after: Counters, *, disk_is_full: bool
) -> tuple[str, dict[str, Any]]:
    """A child that ran into a limit may say so; it is believed where the counters agree or there are none."""
    error = _error(claim)
    reason = error.get("reason")
    if reason == "memory_limit" and _may_be(before.memory_kills, after.memory_kills):
        return reason, {}
    if reason == "process_limit" and _may_be(before.refused_forks, after.refused_forks):
        return reason, {}
    params = error.get("params")
    too_big = isinstance(params, dict) and params.get("errno") == _FILE_TOO_BIG
    if reason == "disk_limit" and (disk_is_full or too_big):
        return reason, {}
    return "finished", {}


def _may_be(before: int | None, after: int | None) -> bool:
    return before is None or grew(before, after)


def _error(claim: bytes) -> dict[str, Any]:
    try:
        data = json.loads(claim)
    except (ValueError, RecursionError):
        return {}
    error = data.get("error") if isinstance(data, dict) else None
    return error if isinstance(error, dict) else {}
