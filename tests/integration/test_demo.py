"""`make demo` as strangers run it: from an archive, without a terminal, without control groups, as an ordinary user, killed."""

from __future__ import annotations

import os
import pty
import re
import shlex
import shutil
import signal
import site
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.checkout import (
    await_end_of,
    copy_project,
    demo,
    descendants,
    end,
    environment,
    everybodys_folder,
    read_until,
    run,
    started,
)
from tests.ordinary_user import USER

pytestmark = [
    pytest.mark.services,
    pytest.mark.sandbox,
    pytest.mark.skipif(os.getuid() != 0, reason="only root mounts something and becomes another user"),
]

NO_CONTROL_GROUPS = "mount -t tmpfs tmpfs /sys/fs/cgroup"
STARTING = "Starting the service"
RULE = "demo:\n\t@{}\n"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy with three solutions of one exercise, in a folder whose name has a space and letters that are not ASCII."""
    copy = copy_project(tmp_path_factory.mktemp("demo") / "Übung für Ada", solutions="max-pooling", of_each=1)
    (copy / "demo.mk").write_text(RULE.format(shlex.join(demo())))
    return copy


@pytest.fixture
def no_git(tmp_path: Path) -> Iterator[str]:
    """A PATH on which git is a program that fails, and that must not be asked."""
    program = tmp_path / "git"
    program.write_text(f"#!/bin/sh\ntouch '{tmp_path}/asked'\nexit 127\n")
    program.chmod(0o755)
    yield f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    assert not (tmp_path / "asked").exists()


def test_from_an_archive_without_control_groups_beside_another_demo(place: Path, no_git: str) -> None:
    with started(place, *demo(), mounts=NO_CONTROL_GROUPS, PATH=no_git) as first:
        said = read_until(first, "The service is up at")
        with started(place, *demo()) as second:
            assert "var/demo-2" in read_until(second, STARTING)
            assert end(second, signal.SIGKILL)[0] == -signal.SIGKILL
        assert first.stdout is not None
        said += first.stdout.read()
        assert first.wait(60) == 0, said
    assert "This demo goes on without limits of memory and" in said
    assert "3 of 3 verdicts are the expected ones." in said
    assert "GRADER_ALLOW_DEGRADED_SANDBOX=yes .venv/bin/grader serve" in said
    assert re.search(r"(?m)^ +\d+ s  (the service is starting|\d of 3 graded, 0 unexpected)", said)


def test_without_control_groups_others_go_on_refusing(place: Path) -> None:
    words = [sys.executable, "-m", "grader.cli", "serve", "--port", "0", "--data-dir", "var/other"]
    done = run(place, *words, mounts=NO_CONTROL_GROUPS)
    assert done.returncode == 3
    assert "GRADER_ALLOW_DEGRADED_SANDBOX" in done.stdout


def test_no_sandbox_is_no_degraded_one(place: Path) -> None:
    without = 'mount --bind /dev/null "$(command -v bwrap)"'
    done = run(place, *demo(), mounts=without, GRADER_SANDBOX="bubblewrap")
    assert done.returncode == 3
    assert "nothing is graded here" in done.stdout
    assert STARTING not in done.stdout


@pytest.mark.parametrize(
    ("number", "name"), [(signal.SIGTERM, "SIGTERM"), (signal.SIGHUP, "SIGHUP"), (signal.SIGINT, "Ctrl-C")]
)
def test_who_ends_it_is_told_so_and_nothing_runs_any_more(
    place: Path, number: signal.Signals, name: str
) -> None:
    with started(place, *demo()) as process:
        read_until(process, STARTING)
        status, said = end(process, number)
    assert status == 128 + number
    assert f"Ended by {name}. The service has stopped" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("number", "moment"), [(signal.SIGTERM, STARTING), (signal.SIGKILL, "The service is up at")]
)
def test_it_ends_with_the_make_that_started_it(place: Path, number: signal.Signals, moment: str) -> None:
    """SIGTERM is what `timeout` sends. Where the service grades already, sandboxes and trainers end, too."""
    with started(place, "make", "-f", "demo.mk", "demo") as make:
        read_until(make, moment)
        below = descendants(make.pid)
        make.send_signal(number)
        await_end_of(below)


def test_it_ends_with_its_terminal(place: Path) -> None:
    """And a closed terminal, to which nothing can be written any more, is no reason for a traceback."""
    ours, theirs = pty.openpty()
    errors = place / "errors"
    with errors.open("wb") as file:
        process = subprocess.Popen(
            ["setsid", "--ctty", *demo()], cwd=place, env=environment(),
            stdin=theirs, stdout=theirs, stderr=file,
        )  # fmt: skip
    os.close(theirs)
    said = b""
    while STARTING.encode() not in said:
        said += os.read(ours, 4096)
    below = descendants(process.pid)
    os.close(ours)
    assert process.wait(60) == 128 + signal.SIGHUP
    await_end_of(below)
    assert errors.read_text() == ""


def test_an_ordinary_user_without_anything_gets_a_sample() -> None:
    """Neither control groups nor subordinate ids: fresh sandboxes, said, and graded all the same."""
    with everybodys_folder() as folder:
        place = copy_project(folder / "grader", solutions="max-pooling", of_each=2)
        libraries, python = own_environment(place)
        os.chown(place, USER, USER)
        mounts = f"{NO_CONTROL_GROUPS}; mount -o bind,ro {site.getsitepackages()[0]} {libraries}"
        done = run(place, python, "-B", "-m", "grader.demo", mounts=mounts, user=USER, HOME=str(place))
    assert done.returncode == 0, done.stdout
    assert "A sample is handed in, 3 files" in done.stdout
    assert "make demo DEMO=all" in done.stdout
    assert "3 of 3 verdicts are the expected ones." in done.stdout


def own_environment(place: Path) -> tuple[Path, str]:
    """A .venv of a Python that everybody may run, with nothing in it; where its libraries are to be seen."""
    version = "python{}.{}".format(*sys.version_info[:2])
    base = shutil.which(version, path="/usr/bin:/usr/local/bin")
    assert base, f"no {version} that an ordinary user may run"
    subprocess.run([base, "-m", "venv", "--without-pip", place / ".venv"], check=True)
    return place / ".venv" / "lib" / version / "site-packages", ".venv/bin/python"
