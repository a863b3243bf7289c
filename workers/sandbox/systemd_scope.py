"""A transient scope of the user's own systemd: an ordinary user's way to a control group with limits."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

_ENVIRONMENT = ("XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS")
_UNIFIED = Path("/sys/fs/cgroup/cgroup.controllers")
# A manager to which nothing was delegated answers 0 and limits nothing: only what stands in the group is believed.
_READ_LIMITS = 'cd "/sys/fs/cgroup$(sed -n "s/^0:://p" /proc/self/cgroup)" && cat memory.max pids.max'
_MIB = 1024 * 1024
_TRIED_MIB, _TRIED_PROCESSES = 64, 17
_SECONDS = 10


def environment() -> dict[str, str]:
    """What systemd-run needs to find the user's own systemd; the sandbox itself gets nothing of it."""
    return {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}


def is_there() -> bool:
    """Whether a scope has the limits that were asked for."""
    if shutil.which("systemd-run") is None or os.geteuid() == 0 or not _UNIFIED.exists():
        return False
    words = [*_scope(_TRIED_MIB, _TRIED_PROCESSES), "/bin/sh", "-c", _READ_LIMITS]
    try:
        answer = subprocess.run(
            words, env=environment(), capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.stdout.split() == [str(_TRIED_MIB * _MIB), str(_TRIED_PROCESSES)]


def within(words: list[str], memory_mib: int, processes: int) -> list[str]:
    """Put a command into a scope with limits, and empty its environment again."""
    return [*_scope(memory_mib, processes), "/usr/bin/env", "-i", *words]


def _scope(memory_mib: int, processes: int) -> list[str]:
    limits = [f"MemoryMax={memory_mib}M", "MemorySwapMax=0", f"TasksMax={processes}"]
    options = [word for limit in limits for word in ("-p", limit)]
    program = shutil.which("systemd-run") or "systemd-run"
    return [program, "--user", "--scope", "--quiet", "--collect", *options, "--"]
