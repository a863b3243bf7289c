# ruff: noqa: INP001 - this folder must never be importable as `docker`
"""What the images do beside pip: show the project to Python, and find what one lock has and another has not.

    install.py APP LIBRARIES…          make APP and these folders importable, and write /opt/grader/bin/grader
    install.py --missing LOCK OTHER    print LOCK without the packages that OTHER has, in any version

The project stays a folder of sources beside `assignments/`, as in a checkout; only its entry points are registered,
with standard library means, so that no build tool is needed.
"""

from __future__ import annotations

import re
import runpy
import site
import sys
import tomllib
from pathlib import Path

BIN = Path("/opt/grader/bin")


def missing(lock: str, other: str) -> str:
    """The requirements of one lock file that another lacks."""
    known = set(_entries(other))
    return "\n".join(text for name, text in _entries(lock).items() if name not in known)


def _entries(lock: str) -> dict[str, str]:
    """Package name → its lines, hashes included."""
    found: dict[str, str] = {}
    name = ""
    for line in Path(lock).read_text("utf-8").splitlines():
        start = re.match(r"([A-Za-z0-9._-]+)==", line)
        if start:
            name = re.sub(r"[-_.]+", "-", start[1]).lower()
        if name and line.strip() and not line.lstrip().startswith("#"):
            found[name] = f"{found[name]}\n{line}" if name in found else line
    return found


def install(app: Path, folders: list[str]) -> None:
    """A .pth file for the folders, a dist-info for the entry points, a command."""
    packages = Path(next(folder for folder in site.getsitepackages() if Path(folder).is_dir()))
    (packages / "keras_grader.pth").write_text("\n".join([str(app), *folders]) + "\n", "utf-8")
    project = tomllib.loads((app / "pyproject.toml").read_text("utf-8"))["project"]
    version = runpy.run_path(str(app / "grader" / "__init__.py"))["__version__"]
    info = app / f"keras_grader-{version}.dist-info"
    info.mkdir(exist_ok=True)
    about = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {version}\n"
    (info / "METADATA").write_text(about, "utf-8")
    (info / "entry_points.txt").write_text(_entry_points(project), "utf-8")
    BIN.mkdir(exist_ok=True)
    module, _, function = project["scripts"]["grader"].partition(":")
    command = BIN / "grader"
    command.write_text(
        f"#!{sys.executable}\nimport sys\nfrom {module} import {function}\nsys.exit({function}())\n", "utf-8"
    )
    command.chmod(0o755)


def _entry_points(project: dict[str, dict[str, dict[str, str]]]) -> str:
    groups = {"console_scripts": project["scripts"], **project.get("entry-points", {})}
    lines = []
    for group, entries in groups.items():
        lines += [f"[{group}]", *(f"{name} = {target}" for name, target in entries.items()), ""]
    return "\n".join(lines)


if __name__ == "__main__":
    if sys.argv[1] == "--missing":
        print(missing(sys.argv[2], sys.argv[3]))  # noqa: T201 - this is what it is for
    else:
        install(Path(sys.argv[1]), sys.argv[2:])
