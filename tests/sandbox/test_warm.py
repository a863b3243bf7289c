"""A warm guest stays for jobs of its size; when one had to be thrown away, its successor loads beside the job's path."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.sandbox_types import SMALL
from workers.sandbox.base import Finished, Mode, TimedOut
from workers.sandbox.bubblewrap import BubblewrapSandbox

pytestmark = pytest.mark.sandbox

LOADED = replace(SMALL, memory_mib=1024)


@pytest.fixture(scope="module")
def warm() -> Iterator[BubblewrapSandbox]:
    sandbox = BubblewrapSandbox(mode=Mode.FORKSERVER)
    yield sandbox
    sandbox.close()


def run(sandbox: BubblewrapSandbox, source: str, **limits: float) -> object:
    return sandbox.run({"source": source, "parts": [], "preload": True}, replace(LOADED, **limits))


def guest_of(sandbox: BubblewrapSandbox) -> object:
    return sandbox._warm


def test_it_is_started_before_the_first_job(warm: BubblewrapSandbox) -> None:
    warm.warm(LOADED)
    ready = guest_of(warm)
    assert ready is not None
    warm.warm(LOADED)
    assert guest_of(warm) is ready
    assert isinstance(run(warm, "import keras"), Finished)
    assert guest_of(warm) is ready


def test_clocks_and_output_are_a_jobs_own(warm: BubblewrapSandbox) -> None:
    run(warm, "pass")
    ready = guest_of(warm)
    assert isinstance(run(warm, "pass", cpu_seconds=1.0, wall_seconds=9.0, output_bytes=4096), Finished)
    assert guest_of(warm) is ready


@pytest.mark.parametrize("size", [{"memory_mib": 1100}, {"processes": 40}, {"disk_mib": 8}])
def test_another_size_is_another_guest(warm: BubblewrapSandbox, size: dict[str, float]) -> None:
    run(warm, "pass")
    ready = guest_of(warm)
    run(warm, "pass", **size)
    assert guest_of(warm) is not ready


def test_after_a_killed_job_the_next_guest_is_on_its_way(warm: BubblewrapSandbox) -> None:
    run(warm, "pass")
    ready = guest_of(warm)
    assert isinstance(run(warm, "while True: pass", cpu_seconds=0.2), TimedOut)
    assert guest_of(warm) not in (ready, None)
    assert isinstance(run(warm, "import keras"), Finished)


def test_a_fresh_sandbox_keeps_nothing_ready() -> None:
    sandbox = BubblewrapSandbox(mode=Mode.FRESH)
    sandbox.warm(LOADED)
    assert guest_of(sandbox) is None
    sandbox.close()
