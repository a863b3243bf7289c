"""`grade`, `check`, `verify` and `data` as scripts use them: exit status, JSON on stdout and nothing else there."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.sandbox, pytest.mark.training]

SOLUTIONS = Path(__file__).resolve().parents[2] / "reference_solutions" / "traffic-dense"
RIGHT = SOLUTIONS / "accepted" / "activation_layers.py"
WRONG = SOLUTIONS / "failed" / "cut_short.py"
BROKEN = SOLUTIONS / "invalid" / "open_parenthesis.py"


@pytest.fixture(scope="module")
def grader(data_of_all):
    environ = {**os.environ, "GRADER_DATA_DIR": str(data_of_all)}

    def run(*arguments):
        command = [sys.executable, "-m", "grader.cli", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=300, env=environ)

    return run


@pytest.mark.parametrize(
    ("file", "status", "verdict", "reason"),
    [(RIGHT, 0, "passed", None), (WRONG, 1, "failed", None), (BROKEN, 1, "invalid", "bad_code")],
)
def test_a_file_gives_one_json_object_and_the_status_of_its_verdict(grader, file, status, verdict, reason):
    done = grader("grade", "traffic-dense", file, "--json")
    assert done.returncode == status, done.stderr
    report = json.loads(done.stdout)
    assert (report["format"], report["verdict"], report["reason"]) == (1, verdict, reason)
    assert report["advisory"] is False
    assert report["provenance"]["sandbox"] == "bubblewrap"
    assert report["provenance"]["dataset"]["origin"] == "synthetic"


def test_a_pass_is_told_in_the_documents_words(grader):
    done = grader("grade", "traffic-dense", RIGHT)
    assert done.stdout.startswith("Nice work!\nLooks good!\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ("grade", "no-such-thing", RIGHT),
        ("grade", "traffic-dense", "no-such-file.py"),
        ("grade", "traffic-dense", SOLUTIONS),
        ("grade",),
        ("verify", "no-such-thing"),
        ("data", "import", "no-such-set", RIGHT),
    ],
)
def test_wrong_usage_is_status_two_and_runs_nothing(grader, arguments):
    done = grader(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr


def test_no_sandbox_is_no_grading(grader, tmp_path):
    done = grader("grade", "traffic-dense", RIGHT, "--sandbox", f"unix:{tmp_path}/nothing/socket")
    assert done.returncode == 3
    assert "grader itself failed" in done.stderr


def test_a_folder_gives_a_row_for_each_file(grader, tmp_path):
    folder, table = tmp_path / "handed in", tmp_path / "out.csv"
    folder.mkdir()
    for path in (WRONG, BROKEN):
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "=1+1.py").write_bytes(b"")
    done = grader("grade", "traffic-dense", folder, "--csv", table)
    assert done.returncode == 1
    rows = {row["file"]: row for row in csv.DictReader(table.read_text("utf-8").splitlines())}
    assert rows["cut_short.py"]["verdict"] == "failed"
    assert rows["open_parenthesis.py"]["reason"] == "bad_code"
    assert rows["'=1+1.py"]["reason"] == "bad_upload"


def test_check_runs_here_and_says_that_it_does_not_count(grader):
    done = grader("check", "traffic-dense", WRONG, "--json")
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert (report["advisory"], report["verdict"]) == (True, "failed")
    assert report["provenance"]["sandbox"] == "unconfined"


def test_verify_sees_a_solution_in_the_wrong_folder(grader, tmp_path):
    folder = tmp_path / "traffic-dense" / "accepted"
    folder.mkdir(parents=True)
    (folder / "wrong.py").write_bytes(WRONG.read_bytes())
    done = grader("verify", "traffic-dense", "--solutions", tmp_path)
    assert done.returncode == 1
    assert "expected passed, got failed" in done.stdout
