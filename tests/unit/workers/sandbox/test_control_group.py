"""On a folder that looks like one; the real groups are tried by the conformance suite."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from workers.sandbox import control_group
from workers.sandbox.control_group import ControlGroup, Parents


@pytest.fixture
def version_1(tmp_path: Path) -> Path:
    for name in ("memory", "pids", "cpuacct"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "cgroup.procs").touch()
    return tmp_path


@pytest.fixture
def version_2(tmp_path: Path) -> Path:
    (tmp_path / "cgroup.procs").touch()
    (tmp_path / "cgroup.controllers").write_text("cpu io memory pids\n", encoding="ascii")
    (tmp_path / "cgroup.subtree_control").write_text("", encoding="ascii")
    return tmp_path


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control_group, "_own_groups", dict)


def test_version_1_has_a_folder_for_each_controller(version_1: Path) -> None:
    parents = control_group.find_parents(version_1)
    assert parents is not None
    assert (parents.version, set(parents.folders)) == (1, {"memory", "pids", "cpuacct"})


def test_version_1_limits(version_1: Path) -> None:
    parents = control_group.find_parents(version_1)
    assert parents is not None
    group = control_group.create(parents, memory_mib=3, processes=7)
    assert (group.folders["memory"] / "memory.limit_in_bytes").read_text() == str(3 * 2**20)
    assert (group.folders["memory"] / "memory.memsw.limit_in_bytes").read_text() == str(3 * 2**20)
    assert (group.folders["pids"] / "pids.max").read_text() == "7"
    assert {place for _, place in group.mounts} == {Path("/sys/fs/cgroup", name) for name in parents.folders}


def test_version_2_hands_controllers_on_and_limits(version_2: Path) -> None:
    parents = control_group.find_parents(version_2)
    assert parents is not None
    assert parents.version == 2
    assert (version_2 / "cgroup.subtree_control").read_text() == "+memory +pids +cpu"
    group = control_group.create(parents, memory_mib=3, processes=7)
    (folder,) = group.folders.values()
    assert (folder / "memory.max").read_text() == str(3 * 2**20)
    assert (folder / "memory.swap.max").read_text() == "0"
    assert group.mounts == [(folder, Path("/sys/fs/cgroup"))]


def test_version_2_without_its_controllers_is_none(version_2: Path) -> None:
    (version_2 / "cgroup.controllers").write_text("cpu\n", encoding="ascii")
    assert control_group.find_parents(version_2) is None


def test_nothing_mounted(tmp_path: Path) -> None:
    assert control_group.find_parents(tmp_path) is None


def test_kills_are_counted(tmp_path: Path) -> None:
    (tmp_path / "memory.oom_control").write_text("under_oom 0\noom_kill 4\n", encoding="ascii")
    assert ControlGroup(1, {"memory": tmp_path}).memory_kills() == 4
    (tmp_path / "memory.events").write_text("oom 9\noom_kill 5\n", encoding="ascii")
    assert ControlGroup(2, {"": tmp_path}).memory_kills() == 5
    assert ControlGroup(2, {"": tmp_path / "gone"}).memory_kills() == 0


def test_processes_0_and_1_are_never_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel writes 0 for a process it will not name, and kill(0) would be our own group."""
    killed: list[int] = []
    monkeypatch.setattr("os.kill", lambda pid, _: killed.append(pid))
    (tmp_path / "cgroup.procs").write_text("0\n1\n4711\n", encoding="ascii")
    control_group._kill_all(tmp_path)
    assert killed == [4711]


def test_a_process_that_may_not_be_killed_spares_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may run as somebody's subordinate id; it dies with the first process of its namespace."""
    killed: list[int] = []

    def kill(pid: int, _: int) -> None:
        if pid == 4711:
            raise PermissionError
        killed.append(pid)

    monkeypatch.setattr("os.kill", kill)
    (tmp_path / "cgroup.procs").write_text("4711\n4712\n", encoding="ascii")
    control_group._kill_all(tmp_path)
    assert killed == [4712]


def test_version_2_kills_a_group_by_itself(tmp_path: Path) -> None:
    (tmp_path / "cgroup.procs").touch()
    (tmp_path / "cgroup.kill").write_text("", encoding="ascii")
    control_group._kill_all(tmp_path)
    assert (tmp_path / "cgroup.kill").read_text() == "1"


def test_only_groups_of_the_dead_are_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = tmp_path / f"keras-grader-{os.getpid()}-0"
    dead = tmp_path / "keras-grader-4194304-0"
    other = tmp_path / "keras-grader-service"
    for folder in (mine, dead, other):
        folder.mkdir()
    (dead / "cgroup.procs").touch()
    monkeypatch.setattr(control_group, "_SECONDS_TO_DIE", 0.01)
    control_group.sweep(Parents({"memory": tmp_path}))
    assert mine.exists()
    assert other.exists()
