"""A guest that lies, stalls or floods, played over a real socket: the host's answers stay true and small."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

import pytest

from grader.domain.assignment import Limits
from workers.sandbox import conversation
from workers.sandbox.base import (
    ClaimTooBig,
    Crashed,
    DiskFull,
    EndedEarly,
    Finished,
    Outcome,
    OutOfMemory,
    TimedOut,
    TooManyProcesses,
    TooMuchOutput,
)
from workers.sandbox.conversation import LostGuest, NeverStarted, hold
from workers.sandbox.frames import Descriptors, encode

LIMITS = replace(Limits(), wall_seconds=0.1)
JOB = {"source": "", "parts": [], "preload": False}
GOOD = {
    "format": 1,
    "outcome": "finished",
    "detail": {},
    "claim": "{}",
    "stdout": "hi",
    "truncated": False,
    "cpu_seconds": 0.5,
    "wall_seconds": 1,
    "versions": {"keras": "3"},
    "left_nothing": True,
}

Guest = Callable[[socket.socket, dict[str, Any]], None]


@contextmanager
def played(guest: Guest) -> Iterator[Descriptors]:
    ours, theirs = socket.socketpair()

    def play() -> None:
        # The host may hang up as soon as it has seen enough.
        with theirs, suppress(OSError):
            (length,) = struct.unpack(">I", theirs.recv(4, socket.MSG_WAITALL))
            guest(theirs, json.loads(theirs.recv(length, socket.MSG_WAITALL)))

    thread = threading.Thread(target=play)
    thread.start()
    with ours:
        yield Descriptors(ours.fileno(), ours.fileno())
    thread.join(5)


def started(job: dict[str, Any]) -> bytes:
    return encode({"format": 1, "job": job["job"], "started": True})


def outcome_of(**change: Any) -> Outcome:
    def guest(connection: socket.socket, job: dict[str, Any]) -> None:
        connection.sendall(started(job) + encode({**GOOD, "job": job["job"], **change}))

    with played(guest) as stream:
        return hold(stream, JOB, LIMITS)


def after_start(data: bytes) -> Outcome:
    def guest(connection: socket.socket, job: dict[str, Any]) -> None:
        connection.sendall(started(job) + data)

    with played(guest) as stream:
        return hold(stream, JOB, LIMITS)


def test_an_honest_outcome() -> None:
    assert outcome_of() == Finished(
        claim=b"{}",
        stdout="hi",
        cpu_seconds=0.5,
        wall_seconds=1.0,
        versions={"keras": "3"},
        left_nothing=True,
    )


def test_a_guest_that_does_not_answer_in_time_is_not_taken_to_be_empty() -> None:
    def guest(connection: socket.socket, job: dict[str, Any]) -> None:
        connection.sendall(started(job))
        time.sleep(0.5)

    with pytest.MonkeyPatch.context() as patch, played(guest) as stream:
        patch.setattr("workers.sandbox.conversation._GRACE_SECONDS", 0.1)
        outcome = hold(stream, JOB, LIMITS)
    assert isinstance(outcome, TimedOut)
    assert not outcome.left_nothing


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("time_limit", TimedOut),
        ("memory_limit", OutOfMemory),
        ("process_limit", TooManyProcesses),
        ("output_limit", TooMuchOutput),
        ("disk_limit", DiskFull),
        ("claim_too_big", ClaimTooBig),
        ("crashed", Crashed),
        ("ended_early", EndedEarly),
    ],
)
def test_every_ending_has_its_outcome(name: str, kind: type) -> None:
    assert isinstance(outcome_of(outcome=name, claim=None), kind)


def test_details() -> None:
    assert outcome_of(outcome="time_limit", detail={"clock": "wall"}).clock == "wall"
    assert outcome_of(outcome="crashed", detail={"signal": 11}).signal == 11
    assert outcome_of(outcome="ended_early", detail={"status": 3}).status == 3
    assert outcome_of(outcome="crashed", detail={"signal": "11"}).signal is None


@pytest.mark.parametrize(
    "change",
    [
        {"job": "0" * 32},
        {"format": 2},
        {"outcome": "passed"},
        {"outcome": ["finished"]},
        {"claim": None},
        {"claim": {"a": 1}},
        {"stdout": None},
        {"truncated": 1},
        {"cpu_seconds": "1"},
        {"cpu_seconds": True},
        {"detail": None, "outcome": "crashed"},
        {"versions": []},
        {"left_nothing": 1},
    ],
)
def test_an_outcome_that_is_none(change: dict[str, Any]) -> None:
    outcome = outcome_of(**change)
    assert isinstance(outcome, Crashed)
    assert outcome.signal is None


@pytest.mark.parametrize(
    "data",
    [
        b"\0\0\0",
        struct.pack(">I", 0xFFFFFFFF),
        struct.pack(">I", 100) + b"{}",
        struct.pack(">I", 2) + b"[]",
        struct.pack(">I", 2) + b"\xff\xfe",
        struct.pack(">I", 12) + b'{"a":  NaN} ',
        struct.pack(">I", 100_000) + b"[" * 100_000,
    ],
    ids=["half a length", "4 GiB", "cut", "a list", "no text", "not a number", "deep"],
)
def test_bytes_that_are_no_frame(data: bytes) -> None:
    assert isinstance(after_start(data), Crashed)


def test_an_end_without_a_byte_is_no_outcome() -> None:
    """Whoever killed the guest has said nothing about the job."""
    with pytest.raises(LostGuest, match="the guest is gone"):
        after_start(b"")


def test_memory_stays_flat_under_a_flood() -> None:
    tracemalloc.start()
    after_start(struct.pack(">I", 0xFFFFFFF0) + b"x" * 10**6)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * 10**6


def test_long_output_is_cut_here_too() -> None:
    outcome = outcome_of(stdout="x" * (LIMITS.kept_output_bytes + 10))
    assert len(outcome.stdout) == LIMITS.kept_output_bytes


def test_a_guest_that_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "_GRACE_SECONDS", 0.1)
    over = threading.Event()

    def guest(connection: socket.socket, job: dict[str, Any]) -> None:
        connection.sendall(started(job))
        over.wait(5)

    with played(guest) as stream:
        outcome = hold(stream, JOB, LIMITS)
        over.set()
    assert isinstance(outcome, TimedOut)
    assert outcome.clock == "wall"


@pytest.mark.parametrize(
    "answer", [b"", encode({"job": "other", "started": True}), encode({"started": True}), b"xxxxxxxx"]
)
def test_a_guest_that_does_not_start_is_our_fault(answer: bytes) -> None:
    with played(lambda connection, _: connection.sendall(answer)) as stream, pytest.raises(NeverStarted):
        hold(stream, JOB, LIMITS)


def test_a_guest_that_starts_too_late_is_our_fault() -> None:
    over = threading.Event()
    with played(lambda *_: over.wait(5) and None) as stream:
        with pytest.raises(NeverStarted):
            hold(stream, JOB, LIMITS, startup_seconds=0.1)
        over.set()


def test_each_job_has_a_nonce_of_its_own() -> None:
    seen = []
    for _ in range(2):
        with played(lambda _, job: seen.append(job["job"])) as stream, pytest.raises(NeverStarted):
            hold(stream, JOB, LIMITS)
    assert len(set(seen)) == 2
