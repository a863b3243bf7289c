"""What a service takes of this machine at one moment, and what it takes more of at another."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

# What may come and go without being a leak: allocators, the database's pages and its log, a warm guest between two jobs.
MAY_GROW = {"processes": 0, "job processes": 0, "mounts": 0, "control groups": 0, "temporary files": 0}
MEMORY_MIB = 96.0
DISK_MIB_EACH = 0.1  # of the data folder for each submission: the source, the report, lines of the logs


@dataclass(frozen=True)
class GrowsBeyond:
    """Name → (before, after, the most that is allowed after)."""

    figures: dict[str, tuple[float, float, float]]

    @property
    def too_much(self) -> list[str]:
        """What has grown beyond what is allowed."""
        return [name for name, (_, after, most) in self.figures.items() if after > most]

    def table(self) -> Table:
        """Before, after, allowed."""
        table = Table("", "warm", "at the end", "allowed", show_edge=False)
        for name, (before, after, most) in self.figures.items():
            mark = " [red]too much[/]" if after > most else ""
            table.add_row(name, f"{before:.6g}", f"{after:.6g}{mark}", f"{most:.6g}")
        return table


@dataclass(frozen=True)
class Footprint:
    """Counts, and MiB by process of the service (proportional, so that shared pages count once)."""

    counts: dict[str, int]
    memory: dict[str, float]
    disk_mib: float
    submissions: int

    @classmethod
    def settled(cls, folder: Path) -> Footprint:
        """As things are two seconds after the last report, which is how long a job's remains may take to go."""
        time.sleep(2.0)
        return cls.now(folder)

    @classmethod
    def now(cls, folder: Path) -> Footprint:
        """Of the service whose data lies in `folder/data` and whose temporary files lie in `folder/tmp`."""
        family = list(_family(os.getpid()))
        counts = {
            "processes": len(family),
            "job processes": sum(_is_a_jobs(pid) for pid in family),
            "mounts": len(Path("/proc/self/mounts").read_text("utf-8").splitlines()),
            "control groups": sum(
                name.startswith("keras-grader-")
                for _, folders, _ in os.walk("/sys/fs/cgroup")
                for name in folders
            ),
            "temporary files": len(list((folder / "tmp").iterdir())),
        }
        memory: dict[str, float] = {}
        for pid in family:
            name = _part(pid)
            memory[name] = memory.get(name, 0.0) + _pss_mib(pid)
        disk = sum(path.stat().st_size for path in (folder / "data").rglob("*") if path.is_file())
        return cls(counts, memory, disk / 2**20, _rows(folder / "data"))

    def growth(self, after: Footprint) -> GrowsBeyond:
        """Each figure before and after, with the most that it may be."""
        figures: dict[str, tuple[float, float, float]] = {
            name: (count, after.counts[name], count + MAY_GROW[name]) for name, count in self.counts.items()
        }
        for name, mib in self.memory.items():
            figures[f"MiB of {name}"] = (mib, after.memory.get(name, 0.0), mib + MEMORY_MIB)
        room = DISK_MIB_EACH * (after.submissions - self.submissions)
        figures["MiB on disk"] = (self.disk_mib, after.disk_mib, self.disk_mib + room)
        return GrowsBeyond(figures)


def _family(root: int) -> Iterator[int]:
    """Every descendant of a process."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError):
            parent = int((entry / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(entry.name))
    pending = children.get(root, [])
    while pending:
        pid = pending.pop()
        yield pid
        pending += children.get(pid, [])


def _part(pid: int) -> str:
    """Which part of the service a process is."""
    words = ""
    with suppress(OSError):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    for part, sign in (
        ("trainer", "workers.training"),
        ("grading worker", "-m workers"),
        ("control worker", "--queues control"),
        ("web", " web "),
        ("serve", " serve "),
    ):
        if sign in words:
            return part
    return "sandbox"


def _is_a_jobs(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}").stat().st_uid >= 20_000  # people's users end below
    return False


def _pss_mib(pid: int) -> float:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


def _rows(data_dir: Path) -> int:
    import sqlite3

    with sqlite3.connect(f"file:{data_dir / 'grader.db'}?mode=ro", uri=True) as database:
        return int(database.execute("select count(*) from submissions").fetchone()[0])
