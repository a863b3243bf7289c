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


MODEL = """def build_model():
    return keras.Sequential([keras.Input((32, 32, 3)), layers.Flatten(),
                             layers.Dense(FIRST, activation="relu"), layers.Dense(CLASSES, activation="softmax")])
"""


@pytest.fixture(scope="module")
def grader(data_of_all):
    environ = {**os.environ, "GRADER_DATA_DIR": str(data_of_all)}

    def run(*arguments, encoding="utf-8", **more):
        command = [sys.executable, "-m", "grader.cli", *map(str, arguments)]
        # What Python does on Windows where output is redirected, and on an old console.
        env = environ | {"PYTHONIOENCODING": encoding}
        return subprocess.run(command, capture_output=True, encoding=encoding, timeout=300, env=env, **more)

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
    (folder / "NOTES.TXT").write_bytes(b"words")
    cells = [{"cell_type": "code", "source": WRONG.read_text()}]
    book = json.dumps({"nbformat": 4, "cells": cells})
    (folder / "LATE.PY").write_bytes(book.encode("utf-8-sig"))
    (folder / "HOMEWORK.IPYNB").write_bytes(book.encode("utf-16"))
    (folder / ".ipynb_checkpoints").mkdir()
    (folder / ".ipynb_checkpoints" / "HOMEWORK-checkpoint.ipynb").write_text(book)
    done = grader("grade", "traffic-dense", folder, "--csv", table)
    assert done.returncode == 1
    rows = {row["file"]: row for row in csv.DictReader(table.read_text("utf-8").splitlines())}
    assert rows["cut_short.py"]["verdict"] == "failed"
    assert rows["open_parenthesis.py"]["reason"] == "bad_code"
    assert rows["'=1+1.py"]["reason"] == "bad_upload"
    assert (rows["LATE.PY"]["verdict"], rows["HOMEWORK.IPYNB"]["verdict"]) == ("failed", "failed")
    assert len(rows) == 5
    told = " ".join(done.stderr.split())
    assert "Not graded, being neither .py nor .ipynb: NOTES.TXT." in told
    assert "Not graded, being Jupyter's own copies: .ipynb_checkpoints/HOMEWORK-checkpoint.ipynb." in told


def test_a_file_that_is_too_large_is_told_with_its_own_size(grader, tmp_path):
    large = tmp_path / "large.ipynb"
    large.write_bytes(b'{"cells": "' + b" " * 24_000_000 + b'"}')
    done = grader("grade", "traffic-dense", large, "--json")
    told = json.loads(done.stdout)["feedback_messages"][-1]
    assert (told["code"], told["params"]["size"]) == ("notebook_too_large", 24_000_013)


@pytest.mark.parametrize("encoding", ["cp437", "ascii"])
def test_a_pass_is_a_pass_on_every_console(grader, encoding):
    done = grader("grade", "traffic-dense", RIGHT, encoding=encoding)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Nice work!")
    assert "+ layers come in the asked order" in done.stdout


def test_json_is_the_same_object_on_every_console_and_so_is_what_the_code_prints(grader, tmp_path):
    file = tmp_path / "prints.py"
    file.write_text(f"print('模型 ✓')\n{WRONG.read_text()}", "utf-8")
    done = grader("check", "traffic-dense", file, "--json", "--lang", "zh", encoding="cp1252")
    report = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (1, "")
    assert (report["verdict"], report["stdout"]) == ("failed", "模型 ✓\n")
    assert "层" in report["feedback"]


def test_check_runs_where_the_file_lies_and_changes_nothing_there(grader, tmp_path):
    folder, elsewhere = tmp_path / "course", tmp_path / "elsewhere"
    folder.mkdir()
    elsewhere.mkdir()
    (folder / "sizes.py").write_text("import csv\nFIRST = int(next(csv.reader(open('sizes.csv')))[0])\n")
    (folder / "sizes.csv").write_text("128,5\n")
    (folder / "mine.py").write_text("CLASSES = 'kept as it is'\n")
    (folder / "trained.keras").write_bytes(b"hours of training")
    (folder / "random.py").write_text("raise RuntimeError('a name that Keras needs, too')\n")
    cells = [
        "%%writefile mine.py\nCLASSES = 5\n",
        "import keras\nfrom keras import layers\nfrom mine import CLASSES\nfrom sizes import FIRST\nimport os",
        MODEL,
        "net = build_model()\nnet.save('trained.keras')\nnet.save_weights('trained.weights.h5')",
        "assert os.path.samefile(os.getcwd(), os.path.dirname(os.path.abspath('sizes.py')))",
    ]
    book = {"nbformat": 4, "cells": [{"cell_type": "code", "source": text} for text in cells]}
    (folder / "homework.ipynb").write_text(json.dumps(book))
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}
    done = grader("check", "traffic-dense", folder / "homework.ipynb", "--json", cwd=elsewhere)
    report = json.loads(done.stdout)
    assert (report["verdict"], [note["code"] for note in report["note_messages"]]) == (
        "passed",
        ["passed_accuracy"],
    )
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()} == before
    assert list(elsewhere.iterdir()) == []


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
