"""The few Linux calls that Python has no name for: prctl, capabilities, closing of descriptors.

Everything raises `OSError` when the kernel refuses; nothing here is loaded where there is no Linux.
"""

from __future__ import annotations

import ctypes
import os
from functools import cache
from pathlib import Path

PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38

CAP_KILL = 5
CAP_SETGID = 6
CAP_SETUID = 7

_CAPABILITY_VERSION_3 = 0x20080522


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def prctl(option: int, argument: int = 0, pointer: object = None) -> None:
    """Set one attribute of this process: a number and, for filters, a pointer."""
    third = ctypes.c_ulong(0) if pointer is None else pointer
    answer = _libc().prctl(option, ctypes.c_ulong(argument), third, ctypes.c_ulong(0), ctypes.c_ulong(0))
    if answer != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option}")


def effective_capabilities() -> int:
    """The effective capability set as a bit mask."""
    for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("CapEff:"):
            return int(line.split()[1], 16)
    return 0


def may_change_user() -> bool:
    """Whether this process may give each job a user of its own, and may kill that user's processes."""
    needed = (1 << CAP_SETUID) | (1 << CAP_SETGID) | (1 << CAP_KILL)
    return os.geteuid() == 0 and effective_capabilities() & needed == needed


def drop_capabilities() -> None:
    """Empty the effective, permitted and inheritable sets."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    empty = (ctypes.c_uint32 * 6)()
    if _libc().capset(header, empty) != 0:
        raise OSError(ctypes.get_errno(), "capset")


def close_descriptors_from(first: int) -> None:
    """Close every descriptor from `first` on; /proc need not be readable for that."""
    os.closerange(first, os.sysconf("SC_OPEN_MAX"))
