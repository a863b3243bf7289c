"""What would stop an installation on this machine, looked at before anything is downloaded: each a sentence that says what to do."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

NEWEST = (3, 13)
"""The newest Python for which the pinned TensorFlow has a wheel."""
MACHINES = ("x86_64", "aarch64")
ENVIRONMENT_MB = 3000
"""What .venv takes, measured; TensorFlow is two thirds of it."""
WHEELS_MB = 1000
"""What pip unpacks from lies in the temporary folder until it is installed."""
_MB = 10**6


def first_wall(root: Path, *, needs_new: bool) -> str:
    """The first of them; empty where the way is free. `needs_new`: .venv is not there yet."""
    return next((wall for wall in _walls(root, needs_new) if wall), "")


def _walls(root: Path, needs_new: bool) -> Iterator[str]:
    yield wrong_machine(sys.platform, platform.machine(), platform.libc_ver()[0])
    if needs_new:
        yield too_new(sys.version_info[:2])
        yield no_venv()
    yield bad_place(root)
    yield no_permission(root)
    yield no_space(root / ".venv", root)


def wrong_machine(system: str, machine: str, libc: str) -> str:
    """TensorFlow has wheels for some machines only, and the sandbox is made of Linux."""
    if system != "linux":
        return (
            "The grader's service and its sandbox need Linux; on this machine use a virtual one, WSL 2 or a container "
            "(docker/compose.yaml). A student's client runs anywhere: pip install ."
        )
    if machine not in MACHINES or libc != "glibc":
        return (
            f"TensorFlow has no wheel for this machine ({machine}, {libc or 'no glibc'}). It needs {' or '.join(MACHINES)} "
            "with glibc, which Debian, Ubuntu and Fedora have and Alpine has not: use a container of python:3.11-slim."
        )
    return ""


def too_new(version: tuple[int, ...]) -> str:
    """A Python that came out after the pinned libraries."""
    if version <= NEWEST:
        return ""
    newest = ".".join(map(str, NEWEST))
    return (
        f"The pinned TensorFlow has no wheel for Python {'.'.join(map(str, version))} yet. "
        f"Name one from 3.11 to {newest}: make setup PYTHON=python{newest}"
    )


def no_venv() -> str:
    """Debian and Ubuntu keep a part of Python in a package of its own."""
    try:
        is_whole = find_spec("venv") is not None and find_spec("ensurepip.__main__") is not None
    except ModuleNotFoundError:
        is_whole = False
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    return "" if is_whole else NO_VENV.format(package=package)


NO_VENV = "This Python cannot make a .venv. Install the rest of it (Debian, Ubuntu: sudo apt-get install python3-venv, or {package})."


def bad_place(root: Path) -> str:
    """Where no .venv can stand or run."""
    if os.pathsep in str(root):
        return f"No .venv can be made below {root}: its name has a {os.pathsep} in it. Move or rename the folder."
    if os.statvfs(root).f_flag & os.ST_NOEXEC:
        return (
            f"{root} lies on a file system where no program may run (noexec), so a .venv there would be of no use. "
            "Move the folder to another file system; df -h shows which there are, mount shows how."
        )
    return ""


def no_permission(root: Path) -> str:
    """Where somebody else, often root, has made the folder or .venv."""
    for folder in (root, root / ".venv", root / ".venv" / "bin"):
        if folder.exists() and not os.access(folder, os.W_OK):
            return (
                f"{folder} belongs to {_owner(folder)}, and you may not write there. If make ran as root once, remove "
                "what it made: sudo make clean. Else copy the project to a folder of your own."
            )
    return ""


def _owner(folder: Path) -> str:
    try:
        return folder.owner()
    except KeyError:
        return f"user {folder.stat().st_uid}"


def no_space(environment: Path, root: Path) -> str:
    """Room for .venv here, and for what pip unpacks from in the temporary folder."""
    temporary = Path(tempfile.gettempdir())
    is_one = temporary.stat().st_dev == root.stat().st_dev
    needed = ENVIRONMENT_MB + (WHEELS_MB if is_one else 0)
    if free_mb(root) + used_mb(environment) < needed:
        return (
            f"The disk is too full: .venv needs about {needed} MB below {root}, and {free_mb(root)} MB are free. "
            "Free some, or move the folder to another disk; df -h shows what there is."
        )
    if free_mb(temporary) < WHEELS_MB:
        return (
            f"The temporary folder {temporary} is too full: pip needs about {WHEELS_MB} MB there for a while, and "
            f"{free_mb(temporary)} MB are free. Name another one: TMPDIR=/var/tmp make setup"
        )
    return ""


def free_mb(folder: Path) -> int:
    """What an ordinary user may still fill."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize // _MB


def used_mb(folder: Path) -> int:
    """What a folder takes on the disk; nothing where there is none."""
    blocks = 0
    for place, _, names in os.walk(folder):
        blocks += sum(os.lstat(os.path.join(place, name)).st_blocks for name in names)  # noqa: PTH118 - 40,000 of them
    return blocks * 512 // _MB
