"""Which files of /proc are covered: all but a list, so that one that the next kernel brings is, too."""

from __future__ import annotations

from pathlib import Path

from workers.sandbox import load


def proc(folder: Path) -> Path:
    """A folder such as /proc of a kernel that knows a file more than we do."""
    for name in ("1", "self", "pressure", "sys/fs", "sys/kernel/pty"):
        (folder / name).mkdir(parents=True)
    for name in ("loadavg", "cpuinfo", "tomorrows_counters", "kpageflags"):
        (folder / name).write_text("4711", encoding="ascii")
    (folder / "kpageflags").chmod(0o400)
    return folder


def test_all_but_a_list_is_covered(tmp_path: Path) -> None:
    words = load.covered(proc(tmp_path))
    own, empty = str(load.FILES / "loadavg"), str(load.FILES / "nothing")
    assert words == [
        *("--ro-bind", own, "/proc/loadavg"),
        *("--tmpfs", "/proc/pressure", "--remount-ro", "/proc/pressure"),
        *("--ro-bind", empty, "/proc/tomorrows_counters"),
        *("--tmpfs", "/proc/sys/fs", "--remount-ro", "/proc/sys/fs"),
        *("--tmpfs", "/proc/sys/kernel/pty", "--remount-ro", "/proc/sys/kernel/pty"),
    ]


def test_what_tells_of_the_load_here_is_masked_by_engines_too() -> None:
    covered = {word for word in load.covered() if word.startswith("/proc/")}
    assert covered <= set(load.MASKED)


def test_our_own_numbers_are_those_of_a_machine_without_load() -> None:
    numbers = "".join((load.FILES / name).read_text("ascii") for name in ("loadavg", "uptime", "stat"))
    assert not set(numbers) & set("23456789")
    assert (load.FILES / "nothing").read_bytes() == b""
