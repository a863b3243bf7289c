from __future__ import annotations

import os
from pathlib import Path

from workers.guest import counters
from workers.guest.counters import Counters

# Nobody's, in other tests either: several run at once, and some have processes as a user of their own.
NOBODYS_UID = 1_999_999_000


def write(root: Path, **files: str) -> None:
    for name, text in files.items():
        file = root / name.replace("__", "/").replace("_dot_", ".")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="ascii")


def test_version_2(tmp_path: Path) -> None:
    write(tmp_path, memory_dot_max="1048576\n", memory_dot_events="low 0\noom 3\noom_kill 2\n")
    write(tmp_path, pids_dot_events="max 5\n", cpu_dot_stat="usage_usec 1500000\nuser_usec 1\n")
    assert counters.read(tmp_path) == Counters(2, 5, 1.5)


def test_version_1(tmp_path: Path) -> None:
    write(tmp_path, memory__memory_dot_limit_in_bytes="1048576\n")
    write(tmp_path, memory__memory_dot_oom_control="oom_kill_disable 0\nunder_oom 0\noom_kill 1\n")
    write(tmp_path, pids__pids_dot_events="max 0\n", cpuacct__cpuacct_dot_usage="2000000000\n")
    assert counters.read(tmp_path) == Counters(1, 0, 2.0)


def test_a_group_without_a_limit_is_not_ours(tmp_path: Path) -> None:
    write(tmp_path, memory_dot_max="max\n", memory_dot_events="oom_kill 7\n")
    assert counters.read(tmp_path) == Counters(None, None, None)
    write(tmp_path, memory_dot_max="9223372036854771712\n")
    assert counters.memory_limit_bytes(tmp_path) is None


def test_nothing_to_read(tmp_path: Path) -> None:
    assert counters.read(tmp_path) == Counters(None, None, None)


def test_growth() -> None:
    assert counters.grew(1, 2)
    assert not counters.grew(2, 2)
    assert not counters.grew(None, 2)
    assert not counters.grew(2, None)


def test_processes_of_a_user() -> None:
    assert os.getppid() in counters.processes(Path(f"/proc/{os.getppid()}").stat().st_uid)
    assert os.getpid() not in counters.processes(os.getuid())
    assert counters.processes(NOBODYS_UID) == []
    assert counters.tree_cpu_seconds(NOBODYS_UID) == 0.0
