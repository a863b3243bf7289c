"""What Docker and Podman spell differently, although they speak one protocol."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import load, profile
from .base import INODES


@dataclass(frozen=True)
class Dialect:
    """`seccomp` as the engine wants it; `tmpfs` is what it can limit beside the size of a file system in memory.

    `masks`: further options of security, by which some paths have no contents.
    """

    seccomp: str
    tmpfs: str
    masks: tuple[str, ...] = ()


def docker() -> Dialect:
    """Docker takes the profile's text, and limits files; masks are a list beside its options (`masking`)."""
    return Dialect(profile.text(), f",nr_inodes={INODES}")


def podman() -> Dialect:
    """Podman opens the profile itself, on this machine, and knows no limit of files: memory alone holds them."""
    profile.text()
    return Dialect(str(profile.PROFILE), "", (f"mask={':'.join(load.MASKED)}",))


def of(version: dict[str, Any]) -> Dialect:
    """The dialect of an engine, from what it says about itself. Raises `SandboxUnavailable` without a profile."""
    parts = version.get("Components") or []
    return podman() if any("Podman" in str(part.get("Name")) for part in parts) else docker()
