"""What processes hold, on processes that are made for it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from workers.guest import counters, memory
from workers.guest.memory import Memory

MIB = 2**20


@contextmanager
def process(hold: Callable[[], object]) -> Iterator[int]:
    """A child that holds something until the end of the block."""
    ready, said = os.pipe()
    pid = os.fork()
    if pid == 0:
        held = hold()
        os.write(said, b"x")
        time.sleep(60)
        os._exit(len(str(held)))
    os.read(ready, 1)
    try:
        yield pid
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(ready)
        os.close(said)


@pytest.fixture
def ours(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The processes that count as the job's."""
    found: list[int] = []
    monkeypatch.setattr(counters, "processes", lambda _uid: list(found))
    return found


def test_what_a_fork_was_given_is_not_its_own(ours: list[int]) -> None:
    here = Memory(1, [])
    with process(lambda: None) as pid:
        ours.append(pid)
        assert here.used_bytes() < 8 * MIB


def test_what_it_takes_later_is(ours: list[int]) -> None:
    here = Memory(1, [])
    with process(lambda: b"x" * (96 * MIB)) as pid:
        ours.append(pid)
        assert 90 * MIB < here.used_bytes() < 110 * MIB


def test_what_was_given_back_hides_nothing(ours: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """After an exec nothing inherited is left; what is taken then counts from the first byte."""
    sizes = iter([(100 * MIB, 1), (5 * MIB, 1), (60 * MIB, 1)])
    here = Memory(1, [])
    here.before_fork = 100 * MIB
    ours.append(4711)
    monkeypatch.setattr(memory, "_held", lambda _pid: next(sizes))
    assert [here.used_bytes() for _ in range(3)] == [0, 0, 55 * MIB]


@pytest.mark.parametrize("parent", [4711, 8], ids=["dying", "gone"])
def test_a_parent_that_goes_meanwhile_gave_all_the_same(
    parent: int, ours: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A daemon's parent ends at once: what it holds when its child is first seen says nothing of the moment of the fork."""
    here = Memory(1, [])
    here.before_fork = 50 * MIB
    looks = iter([{4711: (300 * MIB, 8)}, {4711: (0, 8), 4712: (300 * MIB, parent)}])
    for _ in range(2):
        found = next(looks)
        ours[:] = list(found)
        monkeypatch.setattr(memory, "_held", found.__getitem__)
        used = here.used_bytes()
    assert used == 0


def test_a_process_that_is_gone_holds_nothing(ours: list[int]) -> None:
    ours.append(4_194_304)
    assert Memory(1, []).used_bytes() == 0


def test_files_of_a_shared_file_system_are_not_counted(ours: list[int], tmp_path: Path) -> None:
    here = Memory(1, [tmp_path])
    (tmp_path / "file").write_bytes(b"x" * MIB)
    assert here.used_bytes() == 0
