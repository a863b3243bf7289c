"""Are there known holes in what the locks pin? A statement counts only where the database really was asked.

    python requirements/audit.py            every lock against pip-audit's database, in an environment that goes away
    python requirements/audit.py --floors   only the floors below, without any network

Exit status: 0 nothing known · 1 a hole, or a pin below a floor · 3 unverified: the database could not be asked.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import Version

HERE = Path(__file__).resolve().parent
CLEAN, HOLES, UNVERIFIED = 0, 1, 3
SECONDS = 300

FLOORS = {
    "flask": "3.1.3",  # CVE-2026-27205, CVE-2023-30861
    "werkzeug": "3.1.6",  # CVE-2026-27199, 2025-66221, 2024-49767, 2024-34069, 2023-46136, 2023-25577
    "waitress": "3.0.1",  # CVE-2024-49768, CVE-2024-49769
    "pyjwt": "2.12.0",  # GHSA-752w-5fwx-jx9f
    "authlib": "1.6.9",  # CVE-2026-27962
    "keras": "3.15.1",  # design: never 3.13 or 3.14
    "jinja2": "3.1.6",  # CVE-2025-27516
    "urllib3": "2.5.0",  # CVE-2025-50181, CVE-2025-50182
}
"""The oldest version of each that has no hole that we know of; what is not in a lock needs none."""

NEVER = frozenset({"python-jose"})


@dataclass(frozen=True)
class Answer:
    """What became of one lock: an exit status and lines to print."""

    status: int
    lines: tuple[str, ...]


def pins(lock: Path) -> Iterator[tuple[str, Version]]:
    """Name and version of every line of a lock that pins something."""
    for name, version in re.findall(
        r"(?m)^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)", lock.read_text("utf-8")
    ):
        yield canonicalize_name(name), Version(version)


def below_floor(lock: Path) -> list[str]:
    """What a lock pins although it is older than its floor, or must not be there at all."""
    found = []
    for name, version in pins(lock):
        if name in NEVER:
            found.append(f"{lock.name}: {name} must not be used")
        elif name in FLOORS and version < Version(FLOORS[name]):
            found.append(f"{lock.name}: {name} {version} is older than {FLOORS[name]}")
    return found


def install(folder: Path) -> Path | None:
    """pip-audit in an environment of its own; None where it cannot be had."""
    venv.create(folder, with_pip=True)
    command = [str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", "pip-audit"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return None
    return folder / "bin" / "pip-audit" if done.returncode == 0 else None


def ask(tool: Path, lock: Path) -> Answer:
    """What the database says of one lock. No answer, or one that leaves out a pin, is no statement."""
    command = [str(tool), "--requirement", str(lock), "--disable-pip", "--no-deps", "--format", "json"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return Answer(UNVERIFIED, (f"{lock.name}: unverified (no answer in {SECONDS} s)",))
    return judge(lock, done.stdout, done.stderr)


def judge(lock: Path, out: str, err: str) -> Answer:
    """Read pip-audit's report; its exit status alone would not tell a hole from a network that is away."""
    try:
        known = json.loads(out)["dependencies"]
        asked = {canonicalize_name(one["name"]) for one in known if "skip_reason" not in one}
        holes = [
            f"{lock.name}: {one['name']} {one['version']}: {hole['id']}"
            for one in known
            for hole in one.get("vulns", ())
        ]
    except (ValueError, KeyError, TypeError):
        why = (err.strip().splitlines() or ["no answer"])[-1]
        return Answer(UNVERIFIED, (f"{lock.name}: unverified ({why[:200]})",))
    missing = sorted({name for name, _ in pins(lock)} - asked)
    if holes:
        return Answer(HOLES, tuple(holes))
    if missing:
        why = next((f"{one['skip_reason']}; " for one in known if "skip_reason" in one), "")
        names = ", ".join(missing[:5]) + (" …" if len(missing) > 5 else "")  # noqa: PLR2004 - enough to see
        line = f"{lock.name}: unverified ({why}{len(missing)} not looked at: {names})"
        return Answer(UNVERIFIED, (line,))
    return Answer(CLEAN, (f"{lock.name}: {len(asked)} packages, no known holes",))


def main(arguments: list[str]) -> int:
    """Print a line for each lock; the status of the worst."""
    locks = sorted(HERE.glob("*.lock"))
    old = [line for lock in locks for line in below_floor(lock)]
    print("\n".join(old or [f"floors: all {len(locks)} locks are at or above them"]))
    if "--floors" in arguments:
        return HOLES if old else CLEAN
    with tempfile.TemporaryDirectory() as folder:
        tool = install(Path(folder))
        if tool is None:
            answers = [Answer(UNVERIFIED, ("unverified: pip-audit could not be installed",))]
        else:
            answers = [ask(tool, lock) for lock in locks]
    for answer in answers:
        print("\n".join(answer.lines))
    statuses = {answer.status for answer in answers}
    if old or HOLES in statuses:
        return HOLES
    return max(statuses)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
