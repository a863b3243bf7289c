from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from grader.demo.telling import Lines, duration, how_far, shown, time_left
from grader.demo.tries import Try


def a_try(verdict: str | None, expected: str = "passed") -> Try:
    return Try(
        "xor", Path("a/accepted/b.py"), expected, "1", None if verdict is None else {"verdict": verdict}
    )


def test_a_line_every_fifteen_seconds_and_none_in_between() -> None:
    now, out = [100.0], io.StringIO()
    lines = Lines(Console(file=out, width=40), clock=lambda: now[0])
    for moment in (101, 114.9, 115, 116, 129, 175, 176, 189.9, 190):
        now[0] = moment
        lines.tell(lambda: f"at {now[0]:g}")
    assert out.getvalue().split("\n") == [
        "      15 s  at 115",
        "1 min 15 s  at 175",
        "1 min 30 s  at 190",
        "",
    ]


def test_how_far_it_is() -> None:
    tries = [a_try("passed")] * 7 + [a_try("failed")] + [a_try(None)] * 8
    assert how_far(tries, "train: xor/accepted/b.py", 60) == (
        "8 of 16 graded, 1 unexpected; about 1 min 00 s left; now train: xor/accepted/b.py"
    )
    assert how_far([a_try(None)], "", 5) == "0 of 1 graded, 0 unexpected; time left not known yet"


@pytest.mark.parametrize(("seconds", "words"), [(0, "0 s"), (59.6, "1 min 00 s"), (125, "2 min 05 s")])
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_the_time_left_is_guessed_from_enough_only() -> None:
    assert time_left(4, 100, 10) == "time left not known yet"
    assert time_left(10, 100, 10) == "about 1 min 30 s left"


def test_a_terminal_gets_a_bar() -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=100)
    with shown([a_try("passed"), a_try(None)], Lines(console)) as tell:
        tell("extract: xor/accepted/b.py")
    assert "1/2" in out.getvalue()
    assert "extract: xor/accepted/b.py" in out.getvalue()
