from __future__ import annotations

import json

import pytest

from workers.guest import verdict
from workers.guest.counters import Counters
from workers.guest.job import Job, Limits
from workers.guest.watch import Watch

LIMITS = Limits(10, 60, 512, 32, 16, 1000, 10_000, 10_000)
CALM = Counters(0, 0, 0.0)
NONE = Counters(None, None, None)
EXITED_0, EXITED_137, KILLED, ABORTED = 0, 137 << 8, 9, 6


def ending(
    status: int, claim: str = "", after: Counters = CALM, *, before: Counters = CALM, full: bool = False
) -> str:
    watch = Watch(1, LIMITS, 0, 0, status=status, claim=bytearray(claim.encode()))
    frame = verdict.outcome(Job("n", "", (), LIMITS, preload=False), watch, before, after, disk_is_full=full)
    return frame["outcome"]


def error(reason: str, **params: object) -> str:
    return json.dumps({"error": {"reason": reason, "params": params}})


@pytest.mark.parametrize(
    ("status", "claim", "after", "wanted"),
    [
        (EXITED_0, "{}", CALM, "finished"),
        (EXITED_0, "", CALM, "ended_early"),
        (EXITED_137, "{}", CALM, "ended_early"),
        (KILLED, "{}", CALM, "crashed"),
        (KILLED, "", Counters(1, 0, 0.0), "memory_limit"),
        (EXITED_0, "", Counters(1, 0, 0.0), "memory_limit"),
        (ABORTED, "", Counters(0, 1, 0.0), "process_limit"),
        (EXITED_0, "not json", CALM, "finished"),
        (EXITED_0, "[" * 100_000, CALM, "finished"),
        (EXITED_0, "{}", Counters(1, 1, 0.0), "finished"),
        (EXITED_0, error("memory_limit"), CALM, "finished"),
        (EXITED_0, error("memory_limit"), Counters(1, 0, 0.0), "memory_limit"),
        (EXITED_0, error("process_limit"), Counters(0, 1, 0.0), "process_limit"),
        (EXITED_0, error("process_limit"), CALM, "finished"),
        (EXITED_0, error("disk_limit", errno=27), CALM, "disk_limit"),
        (EXITED_0, error("disk_limit", errno=28), CALM, "finished"),
    ],
)
def test_endings(status: int, claim: str, after: Counters, wanted: str) -> None:
    assert ending(status, claim, after) == wanted


@pytest.mark.parametrize("limit", ["memory_limit", "process_limit"])
def test_without_counters_the_child_is_believed(limit: str) -> None:
    assert ending(EXITED_0, error(limit), NONE, before=NONE) == limit


def test_a_full_disk_explains_a_death() -> None:
    assert ending(7, full=True) == "disk_limit"
    assert ending(EXITED_0, error("disk_limit", errno=28), full=True) == "disk_limit"


def test_the_supervisors_own_stop_goes_before_everything() -> None:
    watch = Watch(1, LIMITS, 0, 0, status=0, claim=bytearray(b"{}"), stopped="time_limit", clock="cpu")
    frame = verdict.outcome(
        Job("n", "", (), LIMITS, preload=False), watch, CALM, Counters(9, 9, 9.0), disk_is_full=True
    )
    assert (frame["outcome"], frame["detail"], frame["claim"]) == ("time_limit", {"clock": "cpu"}, None)


def test_bytes_that_are_no_text() -> None:
    watch = Watch(1, LIMITS, 0, 0, status=0, claim=bytearray(b"\xff"), kept=bytearray(b"\xfe"), printed=5)
    frame = verdict.outcome(Job("n", "", (), LIMITS, preload=False), watch, CALM, CALM, disk_is_full=False)
    assert (frame["claim"], frame["stdout"], frame["truncated"]) == ("\ufffd", "\ufffd", True)
