from __future__ import annotations

import sys
from pathlib import Path

from workers.sandbox.bubblewrap_command import _above
from workers.sandbox.runtime import GUEST_SOURCE, Runtime, this_runtime


def test_libraries_are_shown_elsewhere() -> None:
    runtime = Runtime(
        Path("/usr/bin/python3"), (Path("/home/x/python"),), (Path("/home/x/venv/lib"), Path("/usr/lib/p"))
    )
    assert runtime.mounts() == [
        (Path("/home/x/python"), Path("/home/x/python")),
        (Path("/home/x/venv/lib"), Path("/opt/grader/libraries/0")),
        (GUEST_SOURCE, Path("/opt/grader/guest")),
    ]
    assert "['/opt/grader', '/opt/grader/libraries/0', '/usr/lib/p']" in runtime.command()[-1]


def test_the_guest_is_isolated_from_everybodys_folders() -> None:
    assert this_runtime().command()[1:4] == ["-I", "-S", "-B"]


def test_this_runtime_exists_and_shows_no_project() -> None:
    runtime = this_runtime()
    project = Path(__file__).resolve().parents[4]
    assert runtime.python.exists()
    assert runtime.libraries
    assert all(folder.is_dir() for folder in (*runtime.folders, *runtime.libraries, *runtime.hidden))
    assert not any(project.is_relative_to(folder) for folder in (*runtime.folders, *runtime.libraries))
    assert sys.version_info >= (3, 11)


def test_folders_above_come_outermost_first() -> None:
    assert _above([Path("/a/b/c"), Path("/a/d")]) == [Path("/a"), Path("/a/b")]
