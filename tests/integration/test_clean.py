"""`make clean` leaves no process, control group, mount or cache of this project, and touches nothing of anybody else's."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.checkout import alive, await_end_of, copy_project, demo, descendants, read_until, run, started
from tests.shared import UNTIL_WE_END

pytestmark = [
    pytest.mark.services,
    pytest.mark.sandbox,
    pytest.mark.skipif(os.getuid() != 0, reason="only root makes control groups and mounts"),
]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return copy_project(tmp_path / "keras grader", solutions="xor", of_each=1)


@pytest.fixture
def bystander() -> Iterator[int]:
    """A process of somebody else."""
    with subprocess.Popen([*UNTIL_WE_END, "sleep", "600"]) as process:
        yield process.pid
        process.kill()


@pytest.fixture
def group() -> Iterator[Path]:
    """A control group whose maker is gone, as a killed worker leaves it."""
    gone = subprocess.Popen(["true"])
    gone.wait()
    version_1 = Path("/sys/fs/cgroup/pids")
    parent = version_1 if version_1.is_dir() else version_1.parent
    folder = parent / f"keras-grader-{gone.pid}-7"
    folder.mkdir()
    yield folder
    if folder.exists():
        folder.rmdir()


def test_what_was_made_here_goes(place: Path, bystander: int, group: Path, tmp_path: Path) -> None:
    libraries = tmp_path / "libraries"
    (libraries / "bin").mkdir(parents=True)
    (place / ".venv").symlink_to(libraries)  # a link is removed, and not followed
    for name in (".mypy_cache", ".ruff_cache", ".pytest_cache", ".import_linter_cache", "grader/__pycache__"):
        (place / name).mkdir(exist_ok=True)
        (place / name / "file").touch()
    old = place / "var" / "old"
    old.mkdir(parents=True)
    (old / "serve.lock").write_text(
        str(bystander)
    )  # of a service that is gone; its number is somebody else's now
    scratch = tmp_path / "tmp" / "grader-scratch-killed"
    scratch.mkdir(parents=True)
    os.utime(scratch, (0, 0))
    mounted = place / "var" / "mounted"
    mounted.mkdir()
    (tmp_path / "treasure").mkdir()
    (tmp_path / "treasure" / "file").touch()
    mounts = f"mount --bind '{tmp_path}/treasure' '{mounted}'"
    with started(place, *demo()) as running:
        read_until(running, "Starting the service")
        below = descendants(running.pid)
        done = run(place, "make", "clean", mounts=mounts, TMPDIR=str(tmp_path / "tmp"))
        assert done.returncode == 0, done.stdout
        assert f"(make demo, process {running.pid})" in done.stdout
        assert running.wait(60) == 128 + signal.SIGTERM
        await_end_of(below)
    made = (
        ".venv",
        "var",
        ".mypy_cache",
        ".ruff_cache",
        ".pytest_cache",
        ".import_linter_cache",
        "__pycache__",
    )
    assert [path for name in made for path in place.rglob(name)] == []
    assert not scratch.exists()
    assert not group.exists()
    assert alive({bystander})
    assert (libraries / "bin").is_dir()
    assert (tmp_path / "treasure" / "file").exists()
    assert "Clean." in done.stdout


def test_what_stays_is_said_with_how_to_remove_it(place: Path, tmp_path: Path) -> None:
    cache, data = tmp_path / "cache" / "pip", tmp_path / "data" / "keras-grader"
    for folder in (cache, data):
        folder.mkdir(parents=True)
    done = run(place, "make", "clean", XDG_CACHE_HOME=str(cache.parent), XDG_DATA_HOME=str(data.parent))
    assert f"rm -r {data}" in done.stdout
    assert "pip cache purge" in done.stdout
    assert "apt-get remove bubblewrap" in done.stdout
    assert data.is_dir()
