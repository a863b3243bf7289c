"""A notebook as students hand it in, through the whole pipeline: once on the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import closing

import pytest

from grader.messages import render_report
from grader.settings import load_settings
from workers.pipeline import open_pipeline

pytestmark = [pytest.mark.sandbox, pytest.mark.training]

MODEL = """def build_model():
    return keras.Sequential([keras.Input((32, 32, 3)), layers.Flatten(),
                             layers.Dense(128, activation="relu"), layers.Dense(5, activation="softmax")])
"""
TRAINING = """model = build_model()
model.compile("adam", "categorical_crossentropy", ["accuracy"])
"""


def notebook(*cells):
    described = [{"cell_type": "code", "source": text.splitlines(keepends=True)} for text in cells]
    described.insert(0, {"cell_type": "markdown", "source": "# <script>alert(1)</script>"})
    return json.dumps({"nbformat": 4, "metadata": {}, "cells": described}).encode()


@pytest.fixture
def command(data_of_all, tmp_path):
    """`grader grade` of a file with these cells."""

    def run(*cells):
        file = tmp_path / "homework.ipynb"
        file.write_bytes(notebook(*cells))
        words = [sys.executable, "-m", "grader.cli", "grade", "traffic-dense", str(file), "--json"]
        environ = {**os.environ, "GRADER_DATA_DIR": str(data_of_all)}
        done = subprocess.run(words, capture_output=True, text=True, timeout=300, env=environ)
        return json.loads(done.stdout)

    return run


@pytest.fixture(scope="module")
def grade(data_of_all):
    """The same in this process."""
    with closing(open_pipeline(load_settings({}, data_dir=data_of_all, sandbox="bubblewrap"))) as pipeline:
        yield lambda *cells: render_report(
            pipeline.grade_file("traffic-dense", notebook(*cells), "homework.ipynb")
        )


def note_codes(report):
    """The notes, without the numbers that each pass has."""
    return [note["code"] for note in report["note_messages"] if note["code"] != "passed_accuracy"]


def test_a_whole_notebook_is_graded_and_a_missing_file_takes_nothing_from_it(command):
    report = command(
        "%matplotlib inline\nimport keras\nfrom keras import layers",
        "!pip install something",
        MODEL,
        TRAINING,
        "import pandas\npandas.read_csv('my_results.csv')",
        "Epoch 1/3\n100/100 [=====] - 1s",
    )
    assert (report["verdict"], report["feedback"]) == ("passed", "Nice work!\nLooks good!")
    codes = {note["code"]: note["params"] for note in report["note_messages"]}
    (stopped,) = [text for text in report["notes"] if text.startswith("Stopped here: ")]
    assert "cell 5, line 2; cell 6, line 2." in stopped
    assert "my_results.csv" in stopped
    assert codes["note_magics_dropped"]["first"] == "%matplotlib inline"


def test_a_mistake_is_told_by_its_cell(grade):
    report = grade("import keras\nfrom keras import layers", MODEL.replace("Flatten(),", "Flatten()"))
    assert (report["verdict"], report["reason"]) == ("invalid", "bad_code")
    assert report["location"]["cell"] == 2
    assert report["location"]["line"] in {2, 3}
    assert "of cell 2" in report["feedback"]


def test_an_exception_in_the_function_is_told_by_its_cell(grade):
    report = grade("import keras\nfrom keras import layers", MODEL.replace("128", "width"))
    assert report["location"] == {"line": 3, "column": None, "cell": 2}
    assert "cell 2, line 3, in build_model" in report["feedback"]


def test_the_first_cause_is_told_and_not_what_follows_from_it(grade):
    report = grade("import keraz", MODEL, TRAINING)
    assert report["reason"] == "bad_code"
    assert "keraz" in report["feedback"]
    assert report["location"]["cell"] == 1


def test_a_module_that_a_cell_wrote_is_found_and_its_errors_are_told_by_its_cell(grade):
    report = grade(
        "%%writefile nets/made.py\nimport keras\nfrom keras import layers\n" + MODEL,
        "from nets.made import build_model",
    )
    assert (report["verdict"], note_codes(report)) == ("passed", [])
    report = grade("%%writefile made.py\nimport keras\n" + MODEL, "from made import *\n")
    assert (report["verdict"], report["location"]["cell"]) == ("invalid", 1)
    assert "layers is not imported" in report["feedback"] or "'layers'" in report["feedback"]


def test_a_module_can_be_written_neither_outside_nor_beyond_the_disk(grade):
    endless = "%%capture\nfor _ in range(10_000):\n    __notebook__.write('-a big.txt', 'x' * 1_000_000, 1)"
    model = "import keras\nfrom keras import layers\n" + MODEL
    report = grade("%%writefile /etc/passwd\nme", endless, model)
    assert report["verdict"] == "passed"
    (note,) = [text for text in report["notes"] if text.startswith("Stopped here")]
    assert "cell 1" in note
    assert "cell 2" in note


def test_cells_wait_and_lists_are_lists(grade):
    report = grade(
        "import asyncio, keras\nfrom keras import layers",
        "files = !ls\nn = len(files) + 5",
        "async def later(x):\n    await asyncio.sleep(0.01)\n    return x",
        "units = await later(n)\n" + MODEL.replace("Dense(5", "Dense(units"),
        "ls",
        "pwd\nls -l\ncd ..\nprint('here', files)",
    )
    assert report["verdict"] == "passed"
    assert note_codes(report) == ["note_magics_dropped"]
    assert report["stdout"] == "here []\n"


def test_await_in_a_plain_function_is_told_by_its_line(grade):
    report = grade("x = 1", MODEL.replace("    return", "    await f()\n    return"))
    assert (report["reason"], report["location"]) == ("bad_code", {"line": 2, "column": 5, "cell": 2})
