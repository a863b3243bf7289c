"""The project's sdist and wheels, built once in a run of the tests from a copy of this tree, which stays as it is."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests import shared
from tests.engine import PROJECT

LEFT_BY_A_FORMER_BUILD = Path("build", "lib", "grader", "left_by_a_former_build.py")
"""In the tree before anything is built, so that it would be in the wheel of the tree."""


@dataclass(frozen=True)
class Packages:
    """`tree` is what they were built from; the sdist and the wheel that was built from the sdist; the wheel of the tree."""

    tree: Path
    sdist: Path
    wheel: Path
    wheel_of_tree: Path


@pytest.fixture(scope="session")
def packages() -> Packages:
    """What `python -m build` makes of this tree."""
    place = shared.folder() / "packages"
    with shared.one_at_a_time("packages"):
        if not place.exists():
            unfinished = place.with_suffix(".unfinished")
            _copy_tree(unfinished / "tree")
            _build(unfinished / "tree", unfinished / "dist")
            _build(unfinished / "tree", unfinished / "dist-of-tree", "--wheel")
            unfinished.rename(place)
    (sdist,) = (place / "dist").glob("*.tar.gz")
    (wheel,) = (place / "dist").glob("*.whl")
    (wheel_of_tree,) = (place / "dist-of-tree").glob("*.whl")
    return Packages(place / "tree", sdist, wheel, wheel_of_tree)


@pytest.fixture(scope="session")
def built_wheel(packages: Packages) -> Path:
    """The project's wheel, as it comes out of the sdist."""
    return packages.wheel


def files_of(tree: Path) -> set[str]:
    """Every file of the project in a tree, by its path from there."""
    files = (path.relative_to(tree) for path in tree.rglob("*") if path.is_file())
    return {path.as_posix() for path in files if not _is_ignored(path)}


def _copy_tree(target: Path) -> None:
    shutil.copytree(PROJECT, target, symlinks=True, ignore=shutil.ignore_patterns(".git", *_ignored()))
    former = target / LEFT_BY_A_FORMER_BUILD
    former.parent.mkdir(parents=True)
    former.touch()


def _ignored() -> list[str]:
    """What git ignores, which here is names alone."""
    lines = (PROJECT / ".gitignore").read_text("utf-8").split()
    return [line.strip("/") for line in lines]


def _is_ignored(path: Path) -> bool:
    return any(fnmatch(part, name) for part in path.parts for name in _ignored())


def _build(source: Path, target: Path, *options: str) -> None:
    """Without isolation: the locks have the tools of the build, and an index is asked for nothing."""
    words = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(target), *options, str(source)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
