"""One job over a stream: send it, wait until the guest has loaded its libraries, wait for the outcome.

The guest enforces the limits; this side has clocks of its own over everything, for a guest that does not answer.
"""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from grader.domain.assignment import Limits

from .base import (
    ClaimTooBig,
    Crashed,
    DiskFull,
    EndedEarly,
    Finished,
    Job,
    Outcome,
    OutOfMemory,
    TimedOut,
    TooManyProcesses,
    TooMuchOutput,
)
from .frames import BrokenFrame, FrameReader, Stream, encode

STARTUP_SECONDS = 120.0
_GRACE_SECONDS = 20.0
_ESCAPED_BYTES = 6
MOST_STATEMENTS = 1_000_000


class LostGuest(Exception):
    """The guest was gone before it said a byte of how the job ended: killed, restarted, or the kernel's choice."""


class NeverStarted(Exception):
    """The guest did not get as far as the job: no fault of the student's."""


def hold(stream: Stream, job: Job, limits: Limits, *, startup_seconds: float = STARTUP_SECONDS) -> Outcome:
    """Run one job through a guest. Raises `NeverStarted` and `LostGuest`; everything else is an outcome."""
    nonce = secrets.token_hex(16)
    reader = FrameReader(stream, _largest_frame(limits))
    frame = {**job, "format": 1, "job": nonce, "limits": asdict(limits)}
    try:
        deadline = time.monotonic() + startup_seconds
        stream.send(encode(frame), deadline)
        started = reader.read(deadline)
        if started.get("job") != nonce or started.get("started") is not True:
            raise NeverStarted("the guest answered something else")
    except BrokenFrame as error:
        raise NeverStarted(error.detail) from error
    return _await_outcome(reader, nonce, limits)


def _await_outcome(reader: FrameReader, nonce: str, limits: Limits) -> Outcome:
    begun = time.monotonic()
    try:
        frame = reader.read(begun + limits.wall_seconds + _GRACE_SECONDS)
        return parse(frame, nonce, limits)
    except BrokenFrame as error:
        wall = time.monotonic() - begun
        if error.late:
            return TimedOut(clock="wall", wall_seconds=wall)
        if error.silent:
            raise LostGuest(f"{error.detail} after {wall:.1f} s of a job") from error
        return Crashed(detail=error.detail, wall_seconds=wall)


def _largest_frame(limits: Limits) -> int:
    texts = limits.description_bytes + limits.kept_output_bytes
    return _ESCAPED_BYTES * texts + 65536


def parse(frame: dict[str, Any], nonce: str, limits: Limits) -> Outcome:
    """An outcome frame as an `Outcome`. Raises `BrokenFrame` for anything that the format does not allow."""
    if frame.get("format") != 1 or frame.get("job") != nonce:
        raise BrokenFrame("an outcome of another job")
    kind = frame.get("outcome")
    make = _MAKERS.get(kind) if isinstance(kind, str) else None
    if make is None:
        raise BrokenFrame("an unknown outcome")
    return make(frame, _common(frame, limits))


def _common(frame: dict[str, Any], limits: Limits) -> dict[str, Any]:
    versions = _typed(frame, "versions", dict)
    return {
        "stdout": _typed(frame, "stdout", str)
        .encode("utf-8", "replace")[: limits.kept_output_bytes]
        .decode("utf-8", "ignore"),
        "truncated": _typed(frame, "truncated", bool),
        "left_nothing": _typed(frame, "left_nothing", bool),
        "cpu_seconds": _seconds(frame, "cpu_seconds"),
        "wall_seconds": _seconds(frame, "wall_seconds"),
        "ended": _count(frame.get("ended", 0)),
        "versions": {str(key)[:40]: str(value)[:40] for key, value in list(versions.items())[:10]},
    }


def _typed(frame: dict[str, Any], key: str, kind: type) -> Any:
    value = frame.get(key)
    if not isinstance(value, kind):
        raise BrokenFrame(f"no {key}")
    return value


def _seconds(frame: dict[str, Any], key: str) -> float:
    value = frame.get(key)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise BrokenFrame(f"no {key}")
    return max(0.0, float(value))


def _count(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= MOST_STATEMENTS:
        raise BrokenFrame("no count of statements")
    return value


def _detail(frame: dict[str, Any], key: str) -> int | None:
    value = _typed(frame, "detail", dict).get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _finished(frame: dict[str, Any], common: dict[str, Any]) -> Outcome:
    return Finished(claim=_typed(frame, "claim", str).encode("utf-8", "replace"), **common)


def _timed_out(frame: dict[str, Any], common: dict[str, Any]) -> Outcome:
    clock = _typed(frame, "detail", dict).get("clock")
    return TimedOut(clock="wall" if clock == "wall" else "cpu", **common)


_MAKERS: dict[str, Callable[[dict[str, Any], dict[str, Any]], Outcome]] = {
    "finished": _finished,
    "time_limit": _timed_out,
    "memory_limit": lambda _, common: OutOfMemory(**common),
    "process_limit": lambda _, common: TooManyProcesses(**common),
    "output_limit": lambda _, common: TooMuchOutput(**common),
    "disk_limit": lambda _, common: DiskFull(**common),
    "claim_too_big": lambda _, common: ClaimTooBig(**common),
    "crashed": lambda frame, common: Crashed(signal=_detail(frame, "signal"), **common),
    "ended_early": lambda frame, common: EndedEarly(status=_detail(frame, "status"), **common),
}
