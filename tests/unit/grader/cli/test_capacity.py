from __future__ import annotations

from pathlib import Path

import pytest

from grader.cli.capacity import FRESH_MIB, free_memory_mib, fresh_ones_that_fit, workers_that_fit

GIB = 2**30


@pytest.mark.parametrize(
    ("cores", "sandboxes", "workers"),
    [(8, 3.5, 3), (2, 3.5, 2), (8, 0.2, 1), (1, 100, 1)],
)
def test_fresh_sandboxes_take_a_core_and_their_memory_each(
    cores: int, sandboxes: float, workers: int
) -> None:
    assert fresh_ones_that_fit(cores, sandboxes * FRESH_MIB) == workers


def test_a_warm_sandbox_needs_two_workers_at_most() -> None:
    assert workers_that_fit("own") in {1, 2}
    assert workers_that_fit("one") >= 1


@pytest.mark.parametrize(
    ("folder", "limit", "used"),
    [(".", "memory.max", "memory.current"), ("memory", "memory.limit_in_bytes", "memory.usage_in_bytes")],
)
def test_free_memory_is_this_machines_or_the_containers(
    tmp_path: Path, folder: str, limit: str, used: str
) -> None:
    (tmp_path / "meminfo").write_text("MemTotal: 9 kB\nMemAvailable:   8388608 kB\n")
    groups = tmp_path / "cgroup"
    (groups / folder).mkdir(parents=True)
    assert free_memory_mib(tmp_path, groups) == 8192
    (groups / folder / limit).write_text(f"{3 * GIB}\n")
    (groups / folder / used).write_text(f"{GIB}\n")
    assert free_memory_mib(tmp_path, groups) == 2048
    (groups / folder / limit).write_text("max\n")
    assert free_memory_mib(tmp_path, groups) == 8192
