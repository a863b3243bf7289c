"""Large uploads are read in a process of their own, a few at once, and a reader that dies is nobody's verdict."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from grader import wire
from grader.db.away import is_away
from grader.domain.errors import StudentError
from grader.services import apart
from grader.services.apart import LARGE, Asked, ReaderAway, Readers, Told, answer

SMALL, WORDS = b"x = 1\n", b"x" * (LARGE + 1)


def notebook(size: int) -> bytes:
    cell = {"cell_type": "code", "source": "x = 1", "outputs": ["A" * size]}
    return json.dumps({"cells": [cell], "metadata": {}}).encode()


def test_a_large_notebook_is_read_as_a_small_one_is() -> None:
    assert Readers().read(notebook(LARGE), "a.ipynb") == Readers().read(notebook(9), "a.ipynb")


def test_an_answer_is_the_source_or_what_is_wrong() -> None:
    head = wire.dumps(Asked("a.py", is_text=False)) + b"\n"
    assert wire.loads(Told, answer(head + SMALL)).source == "x = 1\n"
    (wrong,) = wire.loads(Told, answer(head + WORDS)).wrong
    assert (wrong.code, wrong.params["size"]) == ("too_large", len(WORDS))


def test_what_is_wrong_is_told_as_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(_command: Any, *, input: bytes, **_how: Any) -> Any:  # noqa: A002 - its name there
        return subprocess.CompletedProcess((), 0, answer(input))

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(StudentError) as caught:
        Readers().read(WORDS, "a.py")
    assert caught.value.messages[0].code == "too_large"


@pytest.mark.parametrize("words", ["import os; os.abort()", "print('no answer')", "raise MemoryError"])
def test_a_reader_that_dies_is_our_fault(words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    run = subprocess.run
    monkeypatch.setattr(
        subprocess, "run", lambda _command, **how: run([sys.executable, "-ISc", words], **how)
    )
    with pytest.raises(ReaderAway) as caught:
        Readers().read(WORDS)
    assert is_away(caught.value)


def test_the_line_is_bounded_and_a_place_comes_free(monkeypatch: pytest.MonkeyPatch) -> None:
    readers = Readers(at_once=1, waiting=1, patience=0.01)
    told: list[str] = []

    def ask(_data: bytes, _asked: Asked) -> Told:
        for _ in range(2):
            with pytest.raises(ReaderAway, match="too long" if len(told) == 0 else "."):
                readers.read(WORDS)
            told.append("away")
        assert readers.read(SMALL) == "x = 1\n"
        return Told("done")

    monkeypatch.setattr(apart, "_ask", ask)
    assert [readers.read(WORDS), readers.read(WORDS)] == ["done", "done"]
