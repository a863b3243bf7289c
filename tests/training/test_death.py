"""The common ways to die, by really dying."""

from __future__ import annotations

import subprocess
import sys

import pytest

from workers.training.death import Cause, judge


@pytest.mark.parametrize(
    ("program", "cause", "about_model"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", Cause.KILLED, False),
        (
            "import resource; resource.setrlimit(resource.RLIMIT_AS, (2**29, 2**29)); bytearray(2**30)",
            Cause.MEMORY,
            True,
        ),
        ("import os; os.abort()", Cause.CRASHED, True),
        ("import ctypes; ctypes.string_at(0)", Cause.CRASHED, True),
        (
            "import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 9))\nwhile True: pass",
            Cause.TIME,
            True,
        ),
        ("raise KeyError('ours')", Cause.FAILED, False),
        ("pass", Cause.GONE, False),
    ],
)
def test_real_deaths(program, cause, about_model):
    quiet = "import resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n"
    ended = subprocess.run(
        [sys.executable, "-c", quiet + program], capture_output=True, text=True, timeout=120
    )
    death = judge(ended.returncode, ended.stderr)
    assert (death.cause, death.about_model) == (cause, about_model), death
