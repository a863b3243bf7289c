"""What tells of the machine and its load in /proc and /sys, and what a job sees there instead.

bubblewrap shows of /proc what is listed here and covers all else. An engine's container knows the other way round alone: it
masks what is named. In a file that many programs read, a few zeros lie in the place of the machine's numbers.
"""

from __future__ import annotations

import stat
from pathlib import Path

FILES = Path(__file__).resolve().parent / "proc"
"""Small files by their names in /proc: of a machine without load that is as large as a course's jobs; `nothing` is empty."""

_PROC = Path("/proc")
# Links into a process's own folder, its settings, messages of its own namespace, and what is the same on an idle machine.
_SHOWN = {
    "acpi", "asound", "bus", "config.gz", "consoles", "cpuinfo", "crypto", "devices", "dma", "driver", "dynamic_debug", "execdomains",
    "fb", "filesystems", "iomem", "ioports", "kallsyms", "keys", "misc", "mounts", "mtrr", "net", "scsi", "self", "sys", "sysvipc",
    "thread-self", "tty", "version", "version_signature",
}  # fmt: skip
# Counters among the settings: open files and entries of the whole machine, terminals, randomness.
_COUNTERS = ("sys/fs", "sys/kernel/pty", "sys/kernel/random/entropy_avail")

# Docker's own list first (a list of ours takes its place), then what tells of the load. What a kernel has not got is passed by.
_OF_DOCKER = (
    "/proc/asound", "/proc/acpi", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
    "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap",
)  # fmt: skip
_OF_THE_LOAD = (
    "buddyinfo", "cgroups", "cmdline", "diskstats", "fs", "irq", "key-users", "kmsg", "kpagecgroup", "kpagecount", "kpageflags",
    "loadavg", "locks", "mdstat", "meminfo", "modules", "pagetypeinfo", "partitions", "pressure", "schedstat", "slabinfo",
    "softirqs", "stat", "swaps", "uptime", "vmallocinfo", "vmstat", "zoneinfo", *_COUNTERS,
)  # fmt: skip
# Counters of disks, networks and memory lie in these; the control group, which the supervisor reads, does not.
_OF_DEVICES = ("block", "class", "devices", "kernel", "module")
MASKED = (*_OF_DOCKER, *(f"/proc/{name}" for name in _OF_THE_LOAD), *(f"/sys/{name}" for name in _OF_DEVICES))
"""Files and folders that a container of an engine has no contents of."""


def covered(proc: Path = _PROC) -> list[str]:
    """Words of bubblewrap that cover what this kernel has in /proc but processes, `_SHOWN` and what root alone may read."""
    names = [entry.name for entry in proc.iterdir() if not entry.name.isdigit() and entry.name not in _SHOWN]
    places = [Path(name) for name in (*sorted(names), *_COUNTERS) if _is_for_all(proc / name)]
    return [word for place in places for word in _cover(place, is_folder=(proc / place).is_dir())]


def _is_for_all(entry: Path) -> bool:
    return entry.exists() and bool(entry.stat().st_mode & stat.S_IROTH)


def _cover(place: Path, *, is_folder: bool) -> list[str]:
    inside = str(_PROC / place)
    if is_folder:
        return ["--tmpfs", inside, "--remount-ro", inside]
    own = FILES / place
    return ["--ro-bind", str(own if own.is_file() else FILES / "nothing"), inside]
