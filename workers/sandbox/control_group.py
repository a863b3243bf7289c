"""A control group for one sandbox: memory (no swap), processes and CPU time of everything in it together.

Version 1 has a tree of groups for each controller, version 2 one for all. Groups are made below our own, so that
limits of a service around us stay in force. Names carry our process id: what a killed worker left is found again.
"""

from __future__ import annotations

import itertools
import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MOUNTED = Path("/sys/fs/cgroup")
_PREFIX = "keras-grader-"
_V1 = ("memory", "pids", "cpuacct")
_V2 = ("memory", "pids", "cpu")
_MIB = 1024 * 1024
_COUNT = itertools.count()
_SECONDS_TO_DIE = 5.0


@dataclass(frozen=True)
class Parents:
    """Folders below which groups can be made: for version 1 by controller, for version 2 one under ""."""

    folders: dict[str, Path]

    @property
    def version(self) -> int:
        """1 or 2."""
        return 2 if "" in self.folders else 1


def find_parents(mounted: Path = MOUNTED) -> Parents | None:
    """Where this process may make groups; None where it may not."""
    own = _own_groups()
    if (mounted / "cgroup.controllers").exists():
        folder = _below(mounted, own.get("", "/"))
        return Parents({"": folder}) if folder and _delegates(folder) else None
    found = {name: _below(mounted / name, own.get(name, "/")) for name in _V1}
    usable = {name: folder for name, folder in found.items() if folder is not None}
    return Parents(usable) if usable.keys() >= {"memory", "pids"} else None


def _own_groups() -> dict[str, str]:
    groups = {}
    for line in Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines():
        _, names, path = line.split(":", 2)
        groups.update(dict.fromkeys(names.split(","), path))
    return groups


def _below(mount: Path, group: str) -> Path | None:
    """Our own group's folder; inside a container the path may be the host's, and the mount is the group."""
    for folder in (mount / group.lstrip("/"), mount):
        if os.access(folder, os.W_OK) and (folder / "cgroup.procs").exists():
            return folder
    return None


def _delegates(folder: Path) -> bool:
    """Hand the controllers on to groups below; version 2 wants no process beside them, so ours moves down."""
    control = folder / "cgroup.subtree_control"
    try:
        if set(_V2) <= set(control.read_text(encoding="ascii").split()):
            return True
        if not set(_V2) <= set((folder / "cgroup.controllers").read_text(encoding="ascii").split()):
            return False
        _move_down(folder)
        control.write_text(" ".join(f"+{name}" for name in _V2), encoding="ascii")
    except OSError:
        return False
    return True


def _move_down(folder: Path) -> None:
    if not (folder / "cgroup.type").exists():  # the root group may have both
        return
    leaf = folder / f"{_PREFIX}service"
    leaf.mkdir(exist_ok=True)
    for pid in (folder / "cgroup.procs").read_text(encoding="ascii").split():
        (leaf / "cgroup.procs").write_text(pid, encoding="ascii")


@dataclass(frozen=True)
class ControlGroup:
    """The folders of one group. A process joins by writing its id to each `cgroup.procs`."""

    version: int
    folders: dict[str, Path]

    @property
    def membership_files(self) -> list[Path]:
        """Where a process writes its id to be counted."""
        return [folder / "cgroup.procs" for folder in self.folders.values()]

    @property
    def mounts(self) -> list[tuple[Path, Path]]:
        """(folder, place inside the sandbox): the supervisor reads its own group there as a container would."""
        return [(folder, MOUNTED / name) for name, folder in self.folders.items()]

    def memory_kills(self) -> int:
        """How many processes the kernel has killed for want of memory."""
        if self.version == 1:
            return _field(self.folders["memory"] / "memory.oom_control", "oom_kill")
        return _field(self.folders[""] / "memory.events", "oom_kill")

    def remove(self) -> None:
        """Kill whatever is in the group and delete it."""
        for folder in self.folders.values():
            _empty(folder)


def create(parents: Parents, *, memory_mib: int, processes: int) -> ControlGroup:
    """Make a group with limits. Raises `OSError`."""
    name = f"{_PREFIX}{os.getpid()}-{next(_COUNT)}"
    group = ControlGroup(parents.version, {key: folder / name for key, folder in parents.folders.items()})
    for folder in group.folders.values():
        folder.mkdir()
    try:
        _limit(group, memory_mib * _MIB, processes)
    except OSError:
        group.remove()
        raise
    return group


def _limit(group: ControlGroup, memory: int, processes: int) -> None:
    if group.version == 2:  # noqa: PLR2004
        folder = group.folders[""]
        _write(folder / "memory.max", memory)
        _write(folder / "pids.max", processes)
        with suppress(FileNotFoundError):
            _write(folder / "memory.swap.max", 0)
            _write(folder / "memory.oom.group", 0)
        return
    _write(group.folders["memory"] / "memory.limit_in_bytes", memory)
    with suppress(FileNotFoundError):  # a kernel without swap accounting
        _write(group.folders["memory"] / "memory.memsw.limit_in_bytes", memory)
    _write(group.folders["pids"] / "pids.max", processes)


def sweep(parents: Parents) -> None:
    """Remove groups whose maker is dead, with everything in them."""
    for parent in parents.folders.values():
        for folder in parent.glob(f"{_PREFIX}*-*"):
            maker = folder.name.removeprefix(_PREFIX).split("-")[0]
            if maker.isdigit() and not Path(f"/proc/{maker}").exists():
                _empty(folder)


def _empty(folder: Path) -> None:
    give_up = time.monotonic() + _SECONDS_TO_DIE
    while time.monotonic() < give_up:
        try:
            _kill_all(folder)
            folder.rmdir()
        except FileNotFoundError:
            return
        except OSError:
            time.sleep(0.005)
        else:
            return


def _kill_all(folder: Path) -> None:
    """Whatever its users: version 2 kills a group by itself; else each process, and what may not be dies with its first."""
    if (folder / "cgroup.kill").exists():
        _write(folder / "cgroup.kill", 1)
    for pid in map(int, (folder / "cgroup.procs").read_text(encoding="ascii").split()):
        # The kernel shows 0 for a process of a namespace that we cannot see, and kill(0) would be ourselves.
        if pid > 1:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)


def _write(file: Path, value: int) -> None:
    file.write_text(str(value), encoding="ascii")


def _field(file: Path, key: str) -> int:
    with suppress(OSError):
        for line in file.read_text(encoding="ascii").splitlines():
            words = line.split()
            if words[:1] == [key]:
                return int(words[1])
    return 0
