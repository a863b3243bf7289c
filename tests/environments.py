"""Environments of their own that have what some requirements need and nothing else, without a download.

What is installed here is shown there by hard links: 2 GB in a second, and pip takes it for installed. Real files, since a
sandbox is shown the folder of an environment and nothing that links lead to.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LIBRARIES = Path(sysconfig.get_path("purelib"))
OURS = canonicalize_name("keras-grader")


class Environment:
    """A virtual environment in a folder."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "bin"
        self.python = self.bin / "python"
        self._run([sys.executable, "-m", "venv", "--without-pip", str(folder)])
        self.libraries = folder / LIBRARIES.relative_to(sys.prefix)

    def show(self, name: str) -> None:
        """Give it a package as it is installed here."""
        for top in _tops(distribution(name)):
            source, target = LIBRARIES / top, self.libraries / top
            if source.is_dir():
                shutil.copytree(source, target, copy_function=os.link, dirs_exist_ok=True)
            elif source.exists():
                os.link(source, target)

    def pip(self, *words: str) -> str:
        """What pip prints; it asks no index, no folder and no file of settings."""
        pip = [sys.executable, "-m", "pip", "--isolated", "--disable-pip-version-check"]
        return self._run([*pip, "--python", str(self.python), *words], PIP_CONFIG_FILE=os.devnull)

    @staticmethod
    def _run(words: list[str], **environ: str) -> str:
        done = subprocess.run(
            words, capture_output=True, text=True, timeout=300, env={**os.environ, **environ}
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout


@contextmanager
def environment(requirements: list[str]) -> Iterator[Environment]:
    """With what these need, on the file system of the environment that the tests run in."""
    with tempfile.TemporaryDirectory(prefix="of-a-test-", dir=sys.prefix) as folder:
        made = Environment(Path(folder))
        for name in needed_by(requirements):
            made.show(name)
        yield made


def needed_by(requirements: list[str]) -> set[str]:
    """Names of these requirements and all that they need, here and on this Python; ours is what is to be installed."""
    names: set[str] = set()
    pending = [(Requirement(line), "") for line in requirements]
    seen = set()
    while pending:
        requirement, extra = pending.pop()
        if (str(requirement), extra) in seen or not _holds(requirement, extra):
            continue
        seen.add((str(requirement), extra))
        name = canonicalize_name(requirement.name)
        names.add(name)
        for inner in ("", *requirement.extras):
            pending += [(Requirement(line), inner) for line in distribution(name).requires or []]
    return names - {OURS}


def _holds(requirement: Requirement, extra: str) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})


def _tops(package: Distribution) -> set[str]:
    """What a package has at the top of the libraries' folder; its commands are elsewhere."""
    tops = {Path(file).parts[0] for file in package.files or []}
    return tops - {"..", "__pycache__"}
