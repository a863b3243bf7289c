"""What stands in a newcomer's way, each met for real: one sentence that says what to do, before anything large is installed."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.checkout import (
    await_end_of,
    copy_project,
    descendants,
    everybodys_folder,
    read_until,
    run,
    started,
)
from tests.ordinary_user import USER

pytestmark = [
    pytest.mark.services,
    pytest.mark.skipif(os.getuid() != 0, reason="only root mounts something and becomes another user"),
]

SYSTEM_PYTHON = "/usr/bin/python3"
# An interpreter that says that it is of another version than it is, where there is no real one.
CLAIMS_TO_BE_OLD = f"""#!/bin/sh
exec {sys.executable} -c 'import runpy, sys
sys.version_info = (3, 10, 12, "final", 0)
sys.argv.pop(0)
runpy.run_path(sys.argv[0], run_name="__main__")' "$@"
"""
NO_INDEX = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_CACHE_DIR": "1", "PIP_RETRIES": "0"}


@pytest.fixture
def place() -> Iterator[Path]:
    """A copy of the project where an ordinary user may look."""
    with everybodys_folder() as folder:
        yield copy_project(folder / "keras grader", solutions="xor", of_each=1)


def test_an_old_python(place: Path, tmp_path: Path) -> None:
    done = run(place, "make", "demo", PYTHON=old_python(tmp_path))
    assert done.returncode == 2
    assert "is Python 3.10" in done.stdout
    assert "make setup PYTHON=python3.11" in done.stdout
    assert "Traceback" not in done.stdout


def old_python(folder: Path) -> str:
    said = subprocess.run(["sh", "-c", "python3.10 --version"], capture_output=True, text=True).stdout
    if said.startswith("Python 3.10"):
        return "python3.10"
    program = folder / "python3.10"
    program.write_text(CLAIMS_TO_BE_OLD)
    program.chmod(0o755)
    return str(program)


def test_a_python_without_venv(place: Path) -> None:
    question = "import os, ensurepip; print(os.path.dirname(ensurepip.__file__))"
    folder = subprocess.check_output([SYSTEM_PYTHON, "-c", question], text=True).strip()
    done = run(place, "make", "setup", mounts=f"mount -t tmpfs tmpfs {folder}", PYTHON=SYSTEM_PYTHON)
    assert done.returncode == 2
    assert "sudo apt-get install python3-venv" in done.stdout
    assert not (place / ".venv").exists()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ("noexec,size=100m", r"no program may run \(noexec\)"),
        ("size=100m", r"The disk is too full: .venv needs about \d+ MB"),
    ],
)
def test_a_file_system_that_will_not_do(place: Path, tmp_path: Path, options: str, sentence: str) -> None:
    there = tmp_path / "there"
    there.mkdir()
    mounts = f"mount -t tmpfs -o {options} tmpfs '{there}'; cp -r '{place}/.' '{there}'; cd '{there}'"
    done = run(place, "make", "demo", mounts=mounts)
    assert done.returncode == 2
    assert re.search(sentence, done.stdout), done.stdout
    assert "df -h" in done.stdout
    assert not re.search("Traceback|Installing", done.stdout)


def test_a_full_temporary_folder(place: Path, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    done = run(place, "make", "setup", mounts=f"mount -t tmpfs -o size=9m tmpfs '{small}'", TMPDIR=str(small))
    assert done.returncode == 2
    assert "TMPDIR=/var/tmp make setup" in done.stdout


def test_no_network_and_an_environment_whose_python_is_gone(place: Path) -> None:
    (place / ".venv" / "bin").mkdir(parents=True)
    (place / ".venv" / "bin" / "python").symlink_to("/nowhere/python3.9")
    with socket.socket() as closed:  # bound, and nobody listens
        closed.bind(("127.0.0.1", 0))
        index = f"http://127.0.0.1:{closed.getsockname()[1]}/simple"
        done = run(place, "make", "setup", PIP_INDEX_URL=index, **NO_INDEX)
    assert done.returncode == 2
    assert "The .venv here has a Python that does not run (any more). It is made anew." in done.stdout
    assert "pip gets nothing from its package index" in done.stdout
    assert "HTTPS_PROXY" in done.stdout
    assert "Traceback" not in done.stdout


def test_what_root_has_made_as_somebody_else(place: Path) -> None:
    (place / ".venv").mkdir(mode=0o755)
    for folder in (place, place / "requirements"):
        os.chown(folder, USER, USER)
    done = run(place, "make", "setup", user=USER, PYTHON=SYSTEM_PYTHON)
    assert done.returncode == 2
    assert "belongs to root, and you may not write there" in done.stdout
    assert "sudo make clean" in done.stdout


def test_an_installation_that_is_ended_leaves_nothing_running(place: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes calls, and never answers
        index = f"http://127.0.0.1:{silent.getsockname()[1]}/simple"
        with started(place, "make", "setup", PIP_INDEX_URL=index, **NO_INDEX) as make:
            read_until(make, "Installing")
            until = (
                time.monotonic() + 240
            )  # against hanging: a slow machine makes the empty environment slowly
            below = set[int]()
            while (
                len(list((place / ".venv").glob("pip-*.log"))) < 2 or len(below) < 3
            ):  # what installs, two pips
                assert time.monotonic() < until
                time.sleep(0.1)
                below = descendants(make.pid)
            make.send_signal(signal.SIGTERM)
            await_end_of(below)


@pytest.mark.parametrize(
    ("mounts", "cause"),
    [
        ('mount --bind /dev/null "$(command -v bwrap)"', "bubblewrap is not installed"),
        ("mount -t tmpfs tmpfs /proc/irq", "Can't mount proc"),  # as engines mask parts of it
    ],
)
def test_no_sandbox_is_told_before_anything_is_installed(place: Path, mounts: str, cause: str) -> None:
    os.chown(place, USER, USER)
    settings = {"PYTHON": SYSTEM_PYTHON, "GRADER_SANDBOX": "bubblewrap", "HOME": str(place)}
    done = run(place, "make", "demo", mounts=mounts, user=USER, **settings)
    assert "Error 3" in done.stdout
    assert cause in done.stdout
    assert "Student code is never run without a sandbox" in done.stdout
    for way in (
        "--security-opt systempaths=unconfined",
        "rootless Podman",
        "docker/compose.yaml",
        "unix:PATH",
    ):
        assert way in done.stdout
    assert not (place / ".venv").exists()


def test_a_port_in_use(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        words = [sys.executable, "-m", "grader.cli", "serve", "--port", port, "--data-dir", str(tmp_path)]
        done = run(Path(__file__).parents[2], *words)
    assert done.returncode == 2
    assert f"Port {port} of 127.0.0.1 is in use" in done.stdout
    assert "make serve PORT=8001" in done.stdout


def test_make_serve_hands_on_the_port(place: Path) -> None:
    assert "serve --port 8123\n" in run(place, "make", "-n", "serve", "PORT=8123").stdout
