"""What the commands of this project leave running or mounted on a machine: services, control groups, mounts."""

from __future__ import annotations

import fcntl
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

SECONDS_TO_END = 40.0
GROUPS = Path("/sys/fs/cgroup")
_GROUP = re.compile(r"keras-grader-(\d+)-\d+")


def stop_all(folder: Path) -> Iterator[str]:
    """Stop every demo and every service whose data lies below that folder; a sentence for each."""
    for name in ("demo", "serve"):  # a demo ends its service itself
        for lock in folder.glob(f"**/{name}.lock"):
            pid = holder(lock)
            if pid:
                yield f"Stopping what runs in {lock.parent} (make {name}, process {pid})."
                _stop(pid, lock)


def holder(lock: Path) -> int:
    """The process that has locked this file, as the file says and as the kernel knows; 0 where nobody has.

    An old file may name a number that somebody else's process has by now.
    """
    if not _is_locked(lock):
        return 0
    said = lock.read_text("utf-8").strip()
    pid = int(said) if said.isdigit() else 0
    with suppress(OSError):
        if any(_leads_to(entry, lock) for entry in Path(f"/proc/{pid}/fd").iterdir()):
            return pid
    return 0


def _is_locked(lock: Path) -> bool:
    with lock.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _leads_to(entry: Path, file: Path) -> bool:
    with suppress(OSError):
        return entry.samefile(file)
    return False


def _stop(pid: int, lock: Path) -> None:
    os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + SECONDS_TO_END
    while _is_locked(lock) and time.monotonic() < until:
        time.sleep(0.1)
    still = holder(lock)
    if still:
        os.kill(still, signal.SIGKILL)  # its children die with it
        time.sleep(1)


def remove_dead_groups(groups: Path = GROUPS) -> int:
    """Remove control groups whose maker is gone, and kill what is left in them; how many there were.

    Where a process belongs to a namespace that we cannot see, its group's maker may live there, too: the group stays.
    """
    removed = 0
    for folder in groups.rglob("keras-grader-*"):
        match = _GROUP.fullmatch(folder.name)
        if match and os.access(folder, os.W_OK) and not Path(f"/proc/{match[1]}").exists():
            removed += _remove(folder)
    return removed


def _remove(folder: Path) -> bool:
    for _ in range(50):
        with suppress(OSError, ValueError):
            pids = [int(pid) for pid in (folder / "cgroup.procs").read_text("ascii").split()]
            if 0 in pids:
                return False
            for pid in pids:
                os.kill(pid, signal.SIGKILL)
            folder.rmdir()
            return True
        time.sleep(0.05)
    return False


def unmount_below(folders: Iterable[Path]) -> str:
    """Unmount what is mounted in these folders, the innermost first; the first that stays."""
    inside = [point for point in _mount_points() if any(point.is_relative_to(folder) for folder in folders)]
    for point in sorted(inside, key=lambda point: len(point.parts), reverse=True):
        if subprocess.run(["umount", str(point)], capture_output=True, check=False).returncode:
            return str(point)
    return ""


def _mount_points() -> list[Path]:
    lines = Path("/proc/self/mountinfo").read_text("utf-8").splitlines()
    # The kernel writes a space as \040.
    return [
        Path(re.sub(r"\\(\d{3})", lambda found: chr(int(found[1], 8)), line.split()[4])) for line in lines
    ]
