"""Scripts as students write them, run here without any sandbox: what they claim."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from workers.guest import student
from workers.guest.job import Job, Limits, Part

LIMITS = Limits(10, 60, 512, 32, 16, 1000, 10_000, 10_000)
PART = Part("model", "build_model", (), (), (), (4,))


@pytest.fixture(autouse=True)
def untouched(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("warnings.formatwarning", lambda *_: "")
    yield
    sys.modules.pop(student.MODULE_NAME, None)


def claim(source: str) -> dict[str, Any]:
    return json.loads(student.encoded(student.claim(Job("n", source, (), LIMITS, preload=False))))


def error(source: str) -> dict[str, Any]:
    """What is told of a script that stops."""
    return claim(source)["error"]


def test_a_script_without_parts() -> None:
    assert claim("x = 1") == {"format": 1, "parts": [], "training": None, "notes": []}


def test_a_syntax_error_shows_line_and_caret() -> None:
    found = error("x = 1\ndef f(:\n  pass\n")
    assert found["code"] == "syntax_error"
    assert found["location"] == {"line": 2, "column": 7}
    assert found["params"] == {"text": "def f(:", "detail": "invalid syntax"}


@pytest.mark.parametrize(
    "source",
    ["print 'x'", "if True:\n\tx = 1\n        y = 2", "x = '\0'", "(" * 300, "x = 1 +", "é = \x01"],
    ids=["python 2", "tabs", "nul byte", "deep", "unfinished", "control character"],
)
def test_what_does_not_compile(source: str) -> None:
    assert error(source)["code"] == "syntax_error"


def test_an_exception_names_the_students_lines_only() -> None:
    found = error("def f():\n    return 1 / 0\n\nf()\n")
    assert (found["reason"], found["code"]) == ("bad_code", "exception_in_code")
    assert found["params"]["error"] == "ZeroDivisionError"
    assert found["params"]["text"] == "division by zero"
    assert found["params"]["trace"] == "line 4: f()\nline 2, in f: return 1 / 0"
    assert found["location"] == {"line": 2, "column": None}


def test_frames_of_libraries_are_left_out() -> None:
    found = error("import json\njson.loads('{')")
    assert found["params"]["trace"] == "line 2: json.loads('{')"
    assert "/" not in json.dumps(found)


@pytest.mark.parametrize(
    ("source", "code", "params"),
    [
        ("import torch", "missing_module", {"module": "torch", "nearest": None}),
        ("import nunpy", "missing_module", {"module": "nunpy", "nearest": "numpy", "hint": "numpy"}),
        ("raise EOFError('EOF when reading a line')", "asks_input", {}),
        ("import urllib.error\nraise urllib.error.URLError('x')", "no_internet", {}),
        ("raise OSError(97, 'Address family not supported')", "no_internet", {}),
        ("raise Exception('URL fetch failure on https://x: None')", "no_internet", {}),
        ("open('data.csv')", "file_not_found", {"name": "data.csv"}),
        ("raise MemoryError", "memory_limit", {}),
        ("raise OSError(28, 'No space left')", "disk_limit", {"errno": 28}),
        ("raise BlockingIOError(11, 'again')", "process_limit", {}),
        ('raise RuntimeError("can\'t start new thread")', "process_limit", {}),
        ("raise SystemExit(0)", "ended_early", {"function": None}),
        ("raise KeyboardInterrupt", "exception_in_code", {"error": "KeyboardInterrupt"}),
    ],
)
def test_what_a_beginner_runs_into(source: str, code: str, params: dict[str, Any]) -> None:
    found = error(source)
    assert found["code"] == code
    assert found["params"].items() >= params.items()


def test_a_cause_explains_too() -> None:
    source = "try: open('nowhere.csv')\nexcept OSError as e: raise ValueError('bad') from e"
    assert error(source)["code"] == "file_not_found"


@pytest.mark.parametrize(
    "body",
    ["raise SystemExit", "return 5", "raise self", "return 'x' * 10 ** 8", "\n    while True: pass"],
    ids=["leaves", "no text", "itself", "long", "endless"],
)
def test_a_hostile_text(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.guest.explain._SECONDS_FOR_TEXT", 0.1)
    source = f"class E(Exception):\n  def __str__(self): {body}\nraise E"
    found = error(source)
    assert found["code"] == "exception_in_code"
    assert len(found["params"]["text"]) <= 500


def test_a_ring_of_causes() -> None:
    assert (
        error("a, b = KeyError(), KeyError()\na.__cause__, b.__cause__ = b, a\nraise a")["code"]
        == "exception_in_code"
    )


def test_endless_recursion() -> None:
    found = error("def f(): return f()\nf()")
    assert found["params"]["error"] == "RecursionError"
    assert len(found["params"]["trace"].splitlines()) == 10


def test_the_main_block_does_not_run() -> None:
    assert "error" not in claim("if __name__ == '__main__': 1 / 0")


def test_a_class_can_be_pickled_by_its_module() -> None:
    assert "error" not in claim("import pickle\nclass A: pass\npickle.loads(pickle.dumps(A()))")


def test_training_is_read_as_a_literal() -> None:
    assert claim("TRAINING = {'epochs': 3, 'optimizer': 'adam'}")["training"] == {
        "epochs": 3,
        "optimizer": "adam",
    }
    assert claim("TRAINING: dict = {'epochs': 2}")["training"] == {"epochs": 2}


@pytest.mark.parametrize("value", ["dict(epochs=3)", "{'epochs': 1e999}", "{1, 2}", "{'x': b'y'}"])
def test_training_that_is_no_plain_literal(value: str) -> None:
    found = claim(f"TRAINING = {value}")
    assert found["training"] is None
    assert found["notes"][0]["code"] == "training_not_literal"
    assert found["notes"][0]["params"]["line"] == 1


def test_texts_are_cut() -> None:
    assert len(error("raise ValueError('x' * 10 ** 6)")["params"]["text"]) == 500


def test_printing_into_a_replaced_stream_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", None)
    student.flush_output()


@pytest.mark.parametrize(
    "source",
    [
        "import os\nos.fork()\n",
        "import os\nos.fork()\n1 / 0\n",
        "import os\ndef build_model():\n    os.fork()\n",
    ],
    ids=["goes on", "fails", "in the function"],
)
def test_what_a_script_forks_has_no_claim_of_its_own(source: str) -> None:
    told = subprocess.run(
        [sys.executable, "-c", _TELLS_ITS_CLAIM, source], capture_output=True, check=True, timeout=60
    )
    assert len(told.stdout.splitlines()) == 1, told.stdout


_TELLS_ITS_CLAIM = """
import os, sys
from workers.guest import student
from tests.unit.workers.guest.test_student import LIMITS, PART, Job
print(student.claim(Job("n", sys.argv[1], (PART,), LIMITS, preload=False)), flush=True)
"""
