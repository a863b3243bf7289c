"""After a job: nothing of it may be left. What cannot be verified to be gone counts as left."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from . import counters

_SECONDS_TO_DIE = 5.0
_SECONDS_TO_CLEAN = 10.0
_SHARED_FOLDERS = ("/dev/shm", "/dev/mqueue", "/var/tmp", "/run", "/var/lock")  # noqa: S108


@dataclass(frozen=True)
class Reach:
    """Whom a job's end may kill: its user's processes (None: the supervisor's own user), or a whole namespace.

    `whole_namespace` must be true only where process 1 is our own supervisor: kill(-1) then reaches the job and
    nothing else. Anywhere else it would reach the machine.
    """

    uid: int | None
    leader: int
    whole_namespace: bool

    def alive(self) -> list[int]:
        """Process ids that are left, as far as they can be told from others."""
        if self.uid is not None:
            return counters.processes(self.uid)
        return counters.processes(None) if self.whole_namespace else []

    def kill(self) -> None:
        """Send SIGKILL to all, once. A fork bomb cannot outrun a kill of -1: for the kernel that is one step."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.leader, signal.SIGKILL)
        if self.whole_namespace:
            with suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)
        elif self.uid is not None:
            for number in (signal.SIGSTOP, signal.SIGKILL):
                for pid in self.alive():
                    with suppress(ProcessLookupError, PermissionError):
                        os.kill(pid, number)


def kill_everything(reach: Reach) -> bool:
    """Kill a job's processes and reap them; True when none is left."""
    give_up = time.monotonic() + _SECONDS_TO_DIE
    while True:
        reach.kill()
        reap()
        if not reach.alive():
            return True
        if time.monotonic() > give_up:
            return False
        time.sleep(0.005)


def reap() -> dict[int, int]:
    """Collect the wait status of every child that has ended, orphans of the job too."""
    ended = {}
    with suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            ended[pid] = status
    return ended


def remove_files(uid: int | None, scratch: Path) -> bool:
    """Delete what a job left below the scratch folder and in shared memory; True when nothing is left.

    Most jobs leave their own empty folder. Whatever has contents is left to a short-lived child as the job's own user: it
    can delete that user's files and no others, and a hostile tree of files (endless depth, no permissions) costs the
    supervisor nothing but a timeout.
    """
    folders = [scratch, *(Path(name) for name in _SHARED_FOLDERS)]
    if uid is None:
        return False
    _remove_empty(uid, folders)
    is_empty = not _holds(uid, folders) or (_clean_as(uid, folders) and not _holds(uid, folders))
    return is_empty and not _shared_memory(uid)


def _holds(uid: int, folders: list[Path]) -> bool:
    return any(_owned(folder, uid) for folder in folders)


def _remove_empty(uid: int, folders: list[Path]) -> None:
    """The owner of a folder that everybody may write to may take away what lies in it."""
    for folder in folders:
        for name in _owned(folder, uid):
            with suppress(OSError):
                (folder / name).rmdir()


def _clean_as(uid: int, folders: list[Path]) -> bool:
    """Have a child of that user delete what is there; a fork of this process is dear. True when it came to its end."""
    pid = os.fork()
    if pid == 0:
        _clean_and_exit(uid, folders)
    return _wait(pid)


def _clean_and_exit(uid: int, folders: list[Path]) -> None:
    code = 1
    try:
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
        for folder in folders:
            for name in _owned(folder, uid):
                _flatten(folder / name)
        code = 0
    finally:
        os._exit(code)


def _wait(pid: int) -> bool:
    give_up = time.monotonic() + _SECONDS_TO_CLEAN
    while time.monotonic() < give_up:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return status == 0
        time.sleep(0.002)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return False


def _owned(folder: Path, uid: int) -> list[str]:
    """Names in a folder that belong to a user; a folder that is not there holds nothing."""
    found = []
    with suppress(OSError), os.scandir(folder) as entries:
        found = [item.name for item in entries if item.stat(follow_symlinks=False).st_uid == uid]
    return found


def _flatten(top: Path) -> None:
    """Delete a tree of any depth: folders found inside are moved up before they are emptied, to names nobody can have taken."""
    if not top.is_dir() or top.is_symlink():
        top.unlink()
        return
    waiting, count, secret = [top], 0, os.urandom(16).hex()
    while waiting:
        folder = waiting.pop()
        folder.chmod(0o700)
        for item in list(folder.iterdir()):
            if item.is_dir() and not item.is_symlink():
                count += 1
                item.chmod(0o700)
                waiting.append(item.rename(top.parent / f".leftover-{secret}-{count}"))
            else:
                item.unlink()
        folder.rmdir()


def _shared_memory(uid: int) -> bool:
    """Whether System V objects are left, which live on without a process."""
    for kind in ("shm", "sem", "msg"):
        with suppress(OSError):
            lines = Path(f"/proc/sysvipc/{kind}").read_text(encoding="ascii").splitlines()
            if any(str(uid) in line.split() for line in lines[1:]):
                return True
    return False
