"""The command line of bubblewrap: which namespaces, which files, which capabilities."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from grader.domain.assignment import Limits

from .base import INODES
from .control_group import ControlGroup
from .runtime import Runtime

_MIB = 1024 * 1024
# Joins the groups before anything else is started, so that nothing can escape them.
_JOIN_THEN_RUN = 'while [ "$1" != -- ]; do echo $$ > "$1" || exit 97; shift; done; shift; exec "$@"'
# Inside a scope of systemd: shows the scope's own group to the supervisor, as a container would.
_SHOW_GROUP_THEN_RUN = (
    "read -r line < /proc/self/cgroup; program=$1; shift; "
    'exec "$program" --ro-bind "/sys/fs/cgroup${line#0::}" /sys/fs/cgroup "$@"'
)
# bubblewrap's own tmpfs has no limit of files. Here are two that have one, in a mount namespace which ends with the
# process; /dev/shm is a place that every machine has and where no interpreter lives.
_MAKE_FILE_SYSTEMS_THEN_RUN = (
    "set -e; mount -t tmpfs -o size=64k tmpfs /dev/shm; mkdir /dev/shm/tmp /dev/shm/shm; "
    'for place in tmp shm; do mount -t tmpfs -o "$1" tmpfs "/dev/shm/$place"; done; shift; exec "$@"'
)
_SYSTEMD_ENVIRONMENT = ("XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS")


def is_root() -> bool:
    """Whether bubblewrap runs without a user namespace, so that jobs can have users of their own."""
    return os.geteuid() == 0


def command(
    program: str, limits: Limits, runtime: Runtime, group: ControlGroup | None, arguments: list[str]
) -> list[str]:
    """A command line of bubblewrap around one guest started with `arguments`, in a control group if there is one."""
    words = [program, *_namespaces(), *_root(limits, runtime)]
    for folder, place in group.mounts if group else ():
        words += ["--ro-bind", str(folder), str(place)]
    words += ["--remount-ro", "/", "--chdir", "/tmp", "--", *runtime.command(), *arguments]  # noqa: S108
    words = _with_file_systems(limits, words)
    if group is None:
        return words
    files = [str(file) for file in group.membership_files]
    return ["/bin/sh", "-c", _JOIN_THEN_RUN, "sh", *files, "--", *words]


def _namespaces() -> list[str]:
    fixed = ["--die-with-parent", "--new-session", "--as-pid-1", "--hostname", "sandbox", "--cap-drop", "ALL"]
    if not is_root():
        return [*fixed, "--unshare-all", "--unshare-user", "--disable-userns"]
    kept = [word for name in ("CAP_SETUID", "CAP_SETGID", "CAP_KILL") for word in ("--cap-add", name)]
    separate = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    return [*fixed, *separate, *kept]


def _with_file_systems(limits: Limits, words: list[str]) -> list[str]:
    """As root, the command inside a mount namespace where its writable file systems stand ready."""
    if not is_root():
        return words
    unshare = [shutil.which("unshare") or "unshare", "--mount", "--propagation", "private", "--"]
    options = f"mode=1777,nosuid,nodev,size={limits.disk_mib * _MIB},nr_inodes={INODES}"
    return [*unshare, "/bin/sh", "-c", _MAKE_FILE_SYSTEMS_THEN_RUN, "sh", options, *words]


def _writable(limits: Limits, place: str) -> list[str]:
    """One of the two file systems that a job may write to."""
    if is_root():
        return ["--bind", f"/dev/shm/{Path(place).name}", place]  # noqa: S108
    # An ordinary user's have no limit of files; what the kernel keeps about each is counted as the job's memory.
    return ["--perms", "1777", "--size", str(limits.disk_mib * _MIB), "--tmpfs", place]


def _root(limits: Limits, runtime: Runtime) -> list[str]:
    """A file system of the runtime, read-only, and of two small ones in memory."""
    words = ["--ro-bind", "/usr", "/usr"]
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        words += _like_the_machine(name)
    words += ["--proc", "/proc", "--dev", "/dev", *_writable(limits, "/dev/shm")]  # noqa: S108
    words += ["--remount-ro", "/dev", *_writable(limits, "/tmp")]  # noqa: S108
    shown = runtime.mounts()
    for folder in _above(place for _, place in shown):
        # bubblewrap would make these for the supervisor's eyes only.
        words += ["--perms", "0755", "--dir", str(folder)]
    for folder, place in shown:
        words += ["--ro-bind", str(folder), str(place)]
    for folder in runtime.hidden:
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


def systemd_environment() -> dict[str, str]:
    """What systemd-run needs to find the user's own systemd; the sandbox itself gets nothing of it."""
    return {name: os.environ[name] for name in _SYSTEMD_ENVIRONMENT if name in os.environ}


def has_systemd_scope() -> bool:
    """Whether the user's systemd makes scopes with limits: an ordinary user's way to a control group."""
    program = shutil.which("systemd-run")
    if program is None or is_root() or not Path("/sys/fs/cgroup/cgroup.controllers").exists():
        return False
    try:
        test = [program, "--user", "--scope", "--quiet", "-p", "MemoryMax=64M", "--", "/bin/true"]
        answer = subprocess.run(test, env=systemd_environment(), capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0


def in_systemd_scope(words: list[str], memory_mib: int, processes: int) -> list[str]:
    """Put a command into a transient scope with limits, and empty its environment again."""
    limits = [f"MemoryMax={memory_mib}M", "MemorySwapMax=0", f"TasksMax={processes}"]
    options = [word for limit in limits for word in ("-p", limit)]
    scope = [
        shutil.which("systemd-run") or "systemd-run",
        "--user",
        "--scope",
        "--quiet",
        "--collect",
        *options,
    ]
    return [*scope, "--", "/usr/bin/env", "-i", "/bin/sh", "-c", _SHOW_GROUP_THEN_RUN, "sh", *words]
