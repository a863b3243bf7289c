from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from workers.guest.job import Limits
from workers.guest.watch import Watch

LIMITS = Limits(10, 60, 512, 32, 16, kept_output_bytes=10, output_bytes=20, description_bytes=8)


@dataclass
class Ends:
    output: int
    results: int


@pytest.fixture
def pipes() -> Iterator[tuple[Watch, Ends]]:
    output, output_end = os.pipe()
    results, results_end = os.pipe()
    watch = Watch(1, LIMITS, output, results)
    watch.poll()
    yield watch, Ends(output_end, results_end)
    watch.close()
    os.close(output_end)
    os.close(results_end)


def test_output_is_cut_but_counted(pipes: tuple[Watch, Ends]) -> None:
    watch, ends = pipes
    os.write(ends.output, b"x" * 15)
    watch.drain()
    assert (watch.kept, watch.printed, watch.stopped) == (b"x" * 10, 15, None)


def test_too_much_output_stops(pipes: tuple[Watch, Ends]) -> None:
    watch, ends = pipes
    os.write(ends.output, b"x" * 21)
    watch.drain()
    assert watch.stopped == "output_limit"


def test_a_big_claim_stops(pipes: tuple[Watch, Ends]) -> None:
    watch, ends = pipes
    os.write(ends.results, b"x" * 9)
    watch.drain()
    assert watch.stopped == "claim_too_big"


def test_nobody_waits_for_the_end_of_a_pipe(pipes: tuple[Watch, Ends]) -> None:
    watch, ends = pipes
    os.write(ends.results, b"{}")
    watch.drain()
    assert (watch.claim, watch.stopped) == (b"{}", None)


@pytest.mark.parametrize(
    ("cpu", "wall", "clock"),
    [(10.1, 1.0, "cpu"), (1.0, 60.1, "wall"), (11.0, 61.0, "cpu"), (10.0, 60.0, None)],
)
def test_clocks(pipes: tuple[Watch, Ends], cpu: float, wall: float, clock: str | None) -> None:
    watch, _ = pipes
    watch.check_clocks(cpu, wall)
    assert (watch.stopped, watch.clock) == ("time_limit" if clock else None, clock)


def test_cpu_time_never_goes_back(pipes: tuple[Watch, Ends]) -> None:
    watch, _ = pipes
    watch.check_clocks(3.0, 1.0)
    watch.check_clocks(2.0, 2.0)
    assert watch.cpu_seconds == 3.0


def test_too_much_memory_stops(pipes: tuple[Watch, Ends]) -> None:
    watch, _ = pipes
    watch.check_memory(512 * 2**20)
    assert watch.stopped is None
    watch.check_memory(512 * 2**20 + 1)
    assert watch.stopped == "memory_limit"


def test_what_stopped_it_first_stays(pipes: tuple[Watch, Ends]) -> None:
    watch, _ = pipes
    watch.check_clocks(11.0, 1.0)
    watch.check_memory(2**40)
    assert (watch.stopped, watch.clock) == ("time_limit", "cpu")
