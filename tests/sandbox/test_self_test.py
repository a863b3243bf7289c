"""The self-test passes on every sandbox as it is, and refuses each one that lacks a defence.

The broken sandboxes are made here, out of the real ones; nothing in the product can be switched off like this.
"""

from __future__ import annotations

import dataclasses
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.domain.assignment import Limits
from grader.settings import load_settings
from tests.engine import Engine
from workers import __main__ as worker
from workers.sandbox import bubblewrap, bubblewrap_command, control_group, dialect, docker_engine, load
from workers.sandbox.base import Mode, Sandbox
from workers.sandbox.bubblewrap import BubblewrapSandbox
from workers.sandbox.docker_engine import DockerSandbox
from workers.sandbox.runtime import Runtime, this_runtime
from workers.sandbox.self_test import Findings, examine, first_look

pytestmark = pytest.mark.sandbox

Patch = pytest.MonkeyPatch


def test_every_sandbox_holds(sandbox: Sandbox, tmp_path: Path) -> None:
    findings = examine(sandbox, [tmp_path, Path.home()])
    assert findings.complaint == ""


def broken(sandbox: Sandbox, folder: Path) -> Findings:
    try:
        return examine(sandbox, [folder])
    finally:
        sandbox.close()


def altered(
    runtime: Runtime, mounts: Callable[[list[tuple[Path, Path]]], list[tuple[Path, Path]]]
) -> Runtime:
    """A runtime that shows something else of the machine."""

    class Altered(Runtime):
        def mounts(self) -> list[tuple[Path, Path]]:
            return mounts(super().mounts())

    return Altered(**{field.name: getattr(runtime, field.name) for field in dataclasses.fields(runtime)})


@pytest.fixture
def data() -> Iterator[Path]:
    """A data folder that everybody may read, outside the folders that a sandbox has anyhow."""
    folder = Path(tempfile.mkdtemp(prefix="keras-grader-test-", dir="/var/lib"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize("what", ["/etc", "the data folder"])
def test_a_folder_of_the_machine(what: str, data: Path) -> None:
    shown = data if what == "the data folder" else Path(what)
    runtime = altered(this_runtime(), lambda mounts: [*mounts, (shown, shown)])
    findings = broken(BubblewrapSandbox(runtime=runtime), data)
    assert any("folders of the machine: open" in escape for escape in findings.escapes)
    assert any("files of the machine: open" in escape for escape in findings.escapes) == (shown == data)


def without(*taken: str) -> Callable[..., list[str]]:
    """`bubblewrap_command.command` with some words left out."""
    command = bubblewrap_command.command
    return lambda *arguments: [word for word in command(*arguments) if word not in taken]


@pytest.mark.parametrize(
    ("taken", "noticed"),
    [
        (["--unshare-net"], "a Unix socket of the machine: open"),
        (["--unshare-pid", "--as-pid-1"], "processes of the machine: open"),
    ],
    ids=["network", "processes"],
)
def test_a_missing_namespace(taken: list[str], noticed: str, tmp_path: Path, monkeypatch: Patch) -> None:
    monkeypatch.setattr(bubblewrap_command, "command", without(*taken))
    findings = broken(BubblewrapSandbox(), tmp_path)
    assert any(noticed in escape for escape in findings.escapes), findings


def test_an_environment_that_is_handed_on(tmp_path: Path, monkeypatch: Patch) -> None:
    """Root alone may read the supervisor's own, so this guest hands on what it was started with."""
    start = subprocess.Popen

    def leaking(words: list[str], **options: Any) -> Any:
        if "env" in options and options["env"] == {}:
            options["env"] = dict(os.environ)
        return start(words, **options)

    monkeypatch.setattr(bubblewrap.subprocess, "Popen", leaking)
    runtime = changed_guest(tmp_path, "preload.py", "    os.environ.clear()\n", "")
    findings = broken(BubblewrapSandbox(runtime=runtime), tmp_path)
    assert any("environment: open" in escape for escape in findings.escapes), findings


def changed_guest(folder: Path, file: str, old: str, new: str) -> Runtime:
    """The guest with one line of its sources changed."""
    whole = this_runtime()
    copy = Path(shutil.copytree(whole.mounts()[-1][0], folder / f"guest-{file}"))
    text = (copy / file).read_text("utf-8")
    assert text.count(old) == 1
    (copy / file).write_text(text.replace(old, new), "utf-8")
    for path in (folder, copy, *copy.rglob("*")):
        path.chmod(0o755)

    return altered(whole, lambda mounts: [*mounts[:-1], (copy, mounts[-1][1])])


@pytest.mark.parametrize(
    ("file", "old", "noticed"),
    [
        ("jail.py", "    seccomp.install(memory_is_counted=counted.memory)\n", "sockets of other families"),
        (
            "jail.py",
            "    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)\n    kernel.drop_capabilities()\n",
            "powers: open",
        ),
        ("jail.py", "    kernel.close_descriptors_from(RESULTS + 1)\n", "descriptors of the worker"),
        ("jail.py", "        os.setresuid(cell.uid, cell.uid, cell.uid)\n", "another user"),
    ],
    ids=["no filter", "no new privileges", "open descriptors", "same user"],
)
def test_a_guest_that_gives_nothing_away(file: str, old: str, noticed: str, tmp_path: Path) -> None:
    nothing = old[: len(old) - len(old.lstrip())] + "pass\n"
    findings = broken(BubblewrapSandbox(runtime=changed_guest(tmp_path, file, old, nothing)), tmp_path)
    assert any(noticed in escape for escape in findings.escapes), findings


@pytest.mark.parametrize(
    ("file", "old", "noticed"),
    [
        (
            "seccomp.py",
            "    steps += _newer_if_listed(machine)\n",
            ["namespaces", "calls that nobody knows", "pages in memory"],
        ),
        (
            "seccomp.py",
            "    steps += _on_files_of_others(machine)\n",
            ["watching files", "pages in memory", "locks that keep others out"],
        ),
        ("calls.py", '    "inotify_init1": 294,\n', ["watching files"]),
        ("calls.py", '    "mincore": 27,\n', ["pages in memory"]),
        ("calls.py", '    "sync": 162,\n', ["the machine's disks"]),
        ("calls.py", '    "sysinfo": 99,\n', ["the machine's load"]),
    ],
    ids=["newer calls", "files of others", "inotify", "mincore", "sync", "sysinfo"],
)
@pytest.mark.skipif(platform.machine() != "x86_64", reason="the numbers are x86-64's")
def test_a_filter_with_a_gap(file: str, old: str, noticed: list[str], tmp_path: Path) -> None:
    findings = glanced_at(BubblewrapSandbox(runtime=changed_guest(tmp_path, file, old, "")), tmp_path)
    assert [said.split(":")[0] for said in findings.escapes] == noticed, findings


def glanced_at(sandbox: Sandbox, folder: Path) -> Findings:
    try:
        return first_look(sandbox, [folder])
    finally:
        sandbox.close()


def test_the_machines_own_proc(tmp_path: Path, monkeypatch: Patch) -> None:
    monkeypatch.setattr(load, "covered", list)
    findings = glanced_at(BubblewrapSandbox(), tmp_path)
    (said,) = findings.escapes
    assert said.startswith("the machine's load: open")
    assert all(name in said for name in ("/proc/vmstat", "/proc/softirqs"))


def test_a_container_without_masks(
    engine: Engine, guest_image: str, tmp_path: Path, monkeypatch: Patch
) -> None:
    monkeypatch.setattr(load, "MASKED", ())
    findings = glanced_at(DockerSandbox(image=guest_image, base_url=engine.url), tmp_path)
    (said,) = findings.escapes
    assert said.startswith("the machine's load: open")


@pytest.mark.parametrize(("limit", "missing"), [("memory", "memory"), ("pids", "processes")])
def test_a_control_group_without_a_limit(
    limit: str, missing: str, tmp_path: Path, monkeypatch: Patch
) -> None:
    write = control_group._write

    def forgetful(file: Path, value: int) -> None:
        if not file.name.startswith(limit):
            write(file, value)

    monkeypatch.setattr(control_group, "_write", forgetful)
    findings = broken(BubblewrapSandbox(), tmp_path)
    assert any(said.startswith(missing) for said in findings.missing), findings


@pytest.mark.parametrize(
    ("file", "old", "missing"),
    [
        ("watch.py", "self.cpu_seconds > self.limits.cpu_seconds", "cpu"),
        ("watch.py", "wall > self.limits.wall_seconds", "wall clock"),
        ("watch.py", "self.printed > self.limits.output_bytes", "output"),
    ],
)
def test_a_supervisor_that_looks_away(file: str, old: str, missing: str, tmp_path: Path) -> None:
    findings = broken(BubblewrapSandbox(runtime=changed_guest(tmp_path, file, old, "False")), tmp_path)
    assert [said.split(" (")[0] for said in findings.missing] == [missing], findings


def test_a_sandbox_that_runs_nothing(tmp_path: Path) -> None:
    """A guest that answers every job at once, without running it."""
    runtime = changed_guest(
        tmp_path, "student.py", "        return _claim(job, tell)\n", '        return {"format": 1}\n'
    )
    findings = broken(BubblewrapSandbox(runtime=runtime), tmp_path)
    assert any("nothing was heard of: environment" in escape for escape in findings.escapes)
    assert len(findings.missing) == 6


DOCKER_FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "the machine's network": ({"network_mode": "host"}, "a Unix socket of the machine: open"),
    "the machine's processes": ({"pid_mode": "host"}, "processes of the machine: open"),
    "a folder of the machine": (
        {"volumes": {"/etc": {"bind": "/etc", "mode": "ro"}}},
        "folders of the machine: open",
    ),
    "no memory limit": ({"mem_limit": 0, "memswap_limit": 0}, "memory"),
    "no limit of processes": ({"pids_limit": 0}, "processes"),
    "no size of file systems": ({"tmpfs": {"/tmp": "mode=1777", "/dev/shm": "mode=1777"}}, "disk"),
}


@pytest.mark.parametrize("fault", DOCKER_FAULTS)
def test_a_container_that_lacks_something(
    fault: str, engine: Engine, guest_image: str, tmp_path: Path, monkeypatch: Patch
) -> None:
    changed, noticed = DOCKER_FAULTS[fault]
    options = docker_engine._options

    def weaker(limits: Limits, engine: dialect.Dialect) -> dict[str, Any]:
        return options(limits, engine) | changed

    monkeypatch.setattr(docker_engine, "_options", weaker)
    findings = broken(DockerSandbox(image=guest_image, base_url=engine.url), tmp_path)
    assert any(noticed in said for said in (*findings.escapes, *findings.missing)), findings


def test_a_worker_says_which_and_does_not_grade(tmp_path: Path, monkeypatch: Patch, capsys: Any) -> None:
    monkeypatch.setattr(bubblewrap_command, "command", without("--unshare-net"))
    monkeypatch.setenv("GRADER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("GRADER_SANDBOX", "bubblewrap")
    monkeypatch.setattr("sys.argv", ["python -m workers"])
    with pytest.raises(SystemExit) as ended:
        worker.main()
    assert ended.value.code == 3
    said = capsys.readouterr().err
    assert "failed its self-test" in said
    assert "a Unix socket of the machine" in said
    settings = load_settings({}, data_dir=tmp_path / "data", sandbox="bubblewrap")
    assert worker.what_is_wrong(settings, is_examined=True) == ""


def test_a_worker_on_a_whole_sandbox_has_no_complaint(tmp_path: Path) -> None:
    settings = load_settings(
        {}, data_dir=tmp_path / "data", sandbox="bubblewrap", sandbox_mode=Mode.FORKSERVER.value
    )
    assert worker.what_is_wrong(settings) == ""
