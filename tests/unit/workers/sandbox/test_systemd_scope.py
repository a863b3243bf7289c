"""Answers of systemd-run as they were recorded; a real user manager is not to be had where the tests run."""

from __future__ import annotations

from pathlib import Path

import pytest

from workers.sandbox import systemd_scope


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An ordinary user's machine with control groups version 2 and a systemd-run that `answering` writes."""
    unified = tmp_path / "cgroup.controllers"
    unified.touch()
    monkeypatch.setattr(systemd_scope, "_UNIFIED", unified)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


def answering(machine: Path, script: str) -> None:
    program = machine / "systemd-run"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="ascii")
    program.chmod(0o755)


@pytest.mark.parametrize(
    ("script", "believed"),
    [
        ("printf '67108864\\n17\\n'", True),
        # A manager without delegation starts the scope, says 0 and limits nothing.
        ("printf 'max\\nmax\\n'", False),
        ("exit 0", False),
        ("printf '67108864\\nmax\\n'", False),
        ("echo 'Failed to connect to bus: No medium found' >&2; exit 1", False),
    ],
    ids=["delegated", "not delegated", "no files", "memory alone", "no bus"],
)
def test_only_limits_that_stand_in_the_group_are_believed(script: str, believed: bool, machine: Path) -> None:
    answering(machine, script)
    assert systemd_scope.is_there() is believed


def test_without_control_groups_version_2_nobody_is_asked(machine: Path) -> None:
    answering(machine, f"touch {machine}/asked; printf '67108864\\n17\\n'")
    (machine / "cgroup.controllers").unlink()
    assert not systemd_scope.is_there()
    assert not (machine / "asked").exists()


def test_a_command_in_a_scope_has_an_empty_environment(machine: Path) -> None:
    answering(machine, "exit 0")
    words = systemd_scope.within(["bwrap", "--unshare-all"], 100, 20)
    assert words[0] == str(machine / "systemd-run")
    assert {"MemoryMax=100M", "MemorySwapMax=0", "TasksMax=20"} <= set(words)
    assert words[words.index("--") + 1 :] == ["/usr/bin/env", "-i", "bwrap", "--unshare-all"]
