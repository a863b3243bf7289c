"""Renews requirements/*.lock: names, versions and hashes, no addresses.

    python requirements/lock.py            resolve everything again (pip-tools must be installed)
    python requirements/lock.py --subsets  only cut the smaller locks out of dev.lock, from what .venv has installed

dev.lock holds all; client, guest, worker and server are the parts of it that each image or machine needs.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import tomllib
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

HERE = Path(__file__).resolve().parent
PROJECT = tomllib.loads((HERE.parent / "pyproject.toml").read_text("utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
SUBSETS = {
    "client": (),
    "guest": ("guest",),
    "worker": ("guest", "worker"),
    "server": ("server",),
}
OPTIONS = [
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-emit-trusted-host",
    "--no-emit-find-links",
    "--no-annotate",
    "--no-header",
    "--strip-extras",
    "--allow-unsafe",
    "--quiet",
]
BUILD = ["setuptools>=77", "wheel"]


def wanted(extras: tuple[str, ...]) -> list[str]:
    """Requirements of the project with these extras, without references to itself."""
    base = [] if extras == ("guest",) else list(PROJECT["project"]["dependencies"])
    own = [line for extra in extras for line in EXTRAS[extra] if not line.startswith("keras-grader")]
    return base + own


def resolve() -> None:
    """Write dev.lock, with everything in it."""
    everything = wanted(("guest", "worker", "server")) + PROJECT["dependency-groups"]["dev"] + BUILD
    with tempfile.NamedTemporaryFile("w", suffix=".in") as source:
        source.write("\n".join(everything))
        source.flush()
        command = [
            sys.executable,
            "-m",
            "piptools",
            "compile",
            *OPTIONS,
            "-o",
            str(HERE / "dev.lock"),
            source.name,
        ]
        subprocess.run(command, check=True)


def closure(requirements: list[str]) -> set[str]:
    """Names of these requirements and all that they need, from the metadata of what is installed."""
    names: set[str] = set()
    pending = [(Requirement(line), "") for line in requirements]
    while pending:
        requirement, extra = pending.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        fresh = name not in names
        names.add(name)
        for inner in ("", *requirement.extras) if fresh or requirement.extras else ():
            pending.extend((Requirement(line), inner) for line in distribution(name).requires or [])
    return names


def cut() -> None:
    """Write the smaller locks as parts of dev.lock."""
    blocks = re.split(r"(?m)^(?=[a-z0-9])", (HERE / "dev.lock").read_text("utf-8"))
    by_name = {canonicalize_name(re.split(r"[=\s]", block)[0]): block for block in blocks if "==" in block}
    for subset, extras in SUBSETS.items():
        names = closure(wanted(extras))
        if subset not in {"client", "guest"}:
            names |= closure(BUILD)
        text = "".join(by_name[name] for name in sorted(names))
        (HERE / f"{subset}.lock").write_text(text, "utf-8")
        print(f"{subset}.lock: {len(names)} packages")


if __name__ == "__main__":
    if "--subsets" not in sys.argv:
        resolve()
    cut()
