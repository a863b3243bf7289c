"""docs/writing-an-assignment.md, followed word for word in a folder outside the project."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.sandbox, pytest.mark.training]

PAGE = Path(__file__).resolve().parents[2] / "docs" / "writing-an-assignment.md"


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    """What the page's commands say, one after the other, and the folder they work in."""
    folder = tmp_path_factory.mktemp("author")
    commands = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    environ = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "GRADER_DATA_DIR": str(folder / "data"),
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    environ.pop("GRADER_ASSIGNMENTS_DIR", None)
    words = ["bash", "-euo", "pipefail", "-c", "\n".join(f"{{ :; }}\n{one}\necho ====" for one in commands)]
    done = subprocess.run(words, cwd=folder, env=environ, capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return folder, done.stdout.split("===="), done.stderr


def test_the_new_assignment_works_as_it_is_written(day):
    _, said, _ = day
    assert "3 of 3 reference solutions got what their folder promises." in said[0]


def test_the_page_makes_it_another_exercise_that_proves_itself(day):
    folder, said, _ = day
    assert "4 of 4 reference solutions got what their folder promises." in said[3]
    assert "layer_order" in (folder / "my-course/squares-or-crosses/checks.py").read_text("utf-8")


def test_a_slip_is_told_as_the_page_says(day):
    _, _, errors = day
    promised = re.search(r"^```\n(my-course\S+: .*)\n```", PAGE.read_text("utf-8"), re.MULTILINE)
    assert promised is not None
    assert promised[1] in errors
