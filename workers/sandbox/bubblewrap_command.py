"""The command line of bubblewrap: which namespaces, which files, which capabilities."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from grader.domain.assignment import Limits

from . import load, user_namespace
from .base import INODES
from .control_group import ControlGroup
from .runtime import Runtime
from .users import Users

_MIB = 1024 * 1024
# Joins the groups before anything else is started, so that nothing can escape them.
_JOIN_THEN_RUN = 'while [ "$1" != -- ]; do echo $$ > "$1" || exit 97; shift; done; shift; exec "$@"'
# Inside a scope of systemd, just around bubblewrap: shows the scope's own group to the supervisor, as a container would.
_SHOW_GROUP_THEN_RUN = (
    'group=$(sed -n "s/^0:://p" /proc/self/cgroup); program=$1; shift; '
    'exec "$program" --ro-bind "/sys/fs/cgroup$group" /sys/fs/cgroup "$@"'
)
# bubblewrap's own tmpfs has no limit of files. Here are two that have one, in a mount namespace which ends with the
# process; /dev/shm is a place that every machine has and where no interpreter lives.
_MAKE_FILE_SYSTEMS_THEN_RUN = (
    "set -e; mount -t tmpfs -o size=64k tmpfs /dev/shm; mkdir /dev/shm/tmp /dev/shm/shm; "
    'for place in tmp shm; do mount -t tmpfs -o "$1" tmpfs "/dev/shm/$place"; done; shift; exec "$@"'
)


@dataclass(frozen=True)
class Plan:
    """What bubblewrap is put around: one guest of these limits, with these users, in a control group or a scope if any."""

    limits: Limits
    users: Users
    runtime: Runtime
    group: ControlGroup | None = None
    in_scope: bool = False


def command(program: str, plan: Plan, arguments: list[str]) -> list[str]:
    """A command line of bubblewrap around one guest started with `arguments`; outermost is what joins the control group."""
    words = [program, *_namespaces(plan.users), *_root(plan)]
    for folder, place in plan.group.mounts if plan.group else ():
        words += ["--ro-bind", str(folder), str(place)]
    words += ["--remount-ro", "/", "--chdir", "/tmp", "--", *plan.runtime.command(), *arguments]  # noqa: S108
    if plan.in_scope:
        words = ["/bin/sh", "-c", _SHOW_GROUP_THEN_RUN, "sh", *words]
    if plan.users.are_own:
        words = _with_file_systems(plan.limits, words)
    if plan.users is Users.MAPPED:
        words = user_namespace.around(words)
    if plan.group is None:
        return words
    files = [str(file) for file in plan.group.membership_files]
    return ["/bin/sh", "-c", _JOIN_THEN_RUN, "sh", *files, "--", *words]


def _namespaces(users: Users) -> list[str]:
    fixed = ["--die-with-parent", "--new-session", "--as-pid-1", "--hostname", "sandbox", "--cap-drop", "ALL"]
    if not users.are_own:
        # bubblewrap itself must write to /proc/sys for the last word; elsewhere the job's filter alone is in the way.
        writable = not os.statvfs("/proc/sys").f_flag & os.ST_RDONLY
        return [*fixed, "--unshare-all", "--unshare-user", *(["--disable-userns"] if writable else [])]
    kept = [word for name in ("CAP_SETUID", "CAP_SETGID", "CAP_KILL") for word in ("--cap-add", name)]
    separate = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    return [*fixed, *separate, *kept]


def _with_file_systems(limits: Limits, words: list[str]) -> list[str]:
    """The command inside a mount namespace where its writable file systems stand ready."""
    unshare = [shutil.which("unshare") or "unshare", "--mount", "--propagation", "private", "--"]
    options = f"mode=1777,nosuid,nodev,size={limits.disk_mib * _MIB},nr_inodes={INODES}"
    return [*unshare, "/bin/sh", "-c", _MAKE_FILE_SYSTEMS_THEN_RUN, "sh", options, *words]


def _writable(plan: Plan, place: str) -> list[str]:
    """One of the two file systems that a job may write to."""
    if plan.users.are_own:
        return ["--bind", f"/dev/shm/{Path(place).name}", place]  # noqa: S108
    # bubblewrap's own have no limit of files; what the kernel keeps about each is counted as the job's memory.
    return ["--perms", "1777", "--size", str(plan.limits.disk_mib * _MIB), "--tmpfs", place]


def _root(plan: Plan) -> list[str]:
    """A file system of the runtime, read-only, and of two small ones in memory."""
    words = ["--ro-bind", "/usr", "/usr"]
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        words += _like_the_machine(name)
    words += ["--proc", "/proc", *load.covered(), "--dev", "/dev", *_writable(plan, "/dev/shm")]  # noqa: S108
    words += ["--remount-ro", "/dev", *_writable(plan, "/tmp")]  # noqa: S108
    shown = plan.runtime.mounts()
    for folder in _above(place for _, place in shown):
        # bubblewrap would make these for the supervisor's eyes only.
        words += ["--perms", "0755", "--dir", str(folder)]
    for folder, place in shown:
        words += ["--ro-bind", str(folder), str(place)]
    for folder in plan.runtime.hidden:
        words += ["--perms", "0755", "--tmpfs", str(folder), "--remount-ro", str(folder)]
    return words


def _above(places: Iterable[Path]) -> list[Path]:
    """The folders above some places, outermost first, without the root."""
    above = {folder for place in places for folder in place.parents}
    return sorted(above - {Path("/")}, key=lambda folder: (len(folder.parts), folder))


def _like_the_machine(name: str) -> list[str]:
    """/bin and its like: a link into /usr where the machine has merged them, else the folder itself."""
    folder = Path("/", name)
    if folder.is_symlink():
        return ["--symlink", f"usr/{name}", f"/{name}"]
    return ["--ro-bind", str(folder), str(folder)] if folder.is_dir() else []
