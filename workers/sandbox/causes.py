"""Why bubblewrap did not start: three causes, each with the sentence that says what to do."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from grader.domain.errors import SandboxUnavailable


class Cause(StrEnum):
    """What stood in the way."""

    NO_BUBBLEWRAP = "no-bubblewrap"
    NAMESPACES = "namespaces"
    PROC = "proc"
    OTHER = "other"


class BubblewrapUnavailable(SandboxUnavailable):
    """bubblewrap cannot be had, or did not start; `cause` says which of the causes it is."""

    def __init__(self, cause: Cause, said: str = "") -> None:
        super().__init__(_SENTENCES[cause](said))
        self.cause = cause


def of(said: str) -> Cause:
    """The cause, by what bubblewrap or the programs around it said."""
    if "mount proc on" in said:
        return Cause.PROC
    refused = ("namespace", "unshare failed", "uid map", "loopback", "Operation not permitted")
    return Cause.NAMESPACES if any(word in said for word in refused) else Cause.OTHER


def _no_bubblewrap(_said: str) -> str:
    return "bubblewrap is not installed (on Debian and Ubuntu: apt install bubblewrap)"


def _namespaces(said: str) -> str:
    # Debian's goes on with where to read more of itself.
    return f"bubblewrap may not make a user namespace ({said.partition(' See <')[0]}). {_who_refuses()}"


def _proc(said: str) -> str:
    return (
        f"bubblewrap may not show /proc of its own ({said}): parts of this container's /proc are masked. Start the "
        "container with both --security-opt systempaths=unconfined and --security-opt seccomp=unconfined "
        "(Podman: --security-opt unmask=ALL)"
    )


def _other(said: str) -> str:
    return f"the guest did not start in bubblewrap: {said}"


_SENTENCES: dict[Cause, Callable[[str], str]] = {
    Cause.NO_BUBBLEWRAP: _no_bubblewrap,
    Cause.NAMESPACES: _namespaces,
    Cause.PROC: _proc,
    Cause.OTHER: _other,
}


def _who_refuses(root: Path = Path("/")) -> str:
    """Who forbids user namespaces here: a setting of the machine, AppArmor, or else a filter of system calls."""
    sysctl = root / "proc/sys"
    for name in ("user/max_user_namespaces", "kernel/unprivileged_userns_clone"):
        if _read(sysctl / name) == "0":
            return f"The machine forbids it: as root, sysctl -w {name.replace('/', '.')}={_enough(name)}"
    if _read(sysctl / "kernel/apparmor_restrict_unprivileged_userns") == "1":
        return (
            "AppArmor forbids it (Ubuntu 23.10 and later): install the profile (apt install apparmor-profiles; link "
            "/usr/share/apparmor/extra-profiles/bwrap-userns-restrict into /etc/apparmor.d and reload AppArmor), or "
            "run as root, or use Docker"
        )
    return (
        "A container's filter of system calls forbids it, most likely: start the container with both --security-opt "
        "seccomp=unconfined and --security-opt systempaths=unconfined, or use Docker or Podman from outside"
    )


def _enough(name: str) -> int:
    return 1 if name.startswith("kernel") else 15_000


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii").strip()
    except OSError:
        return ""
