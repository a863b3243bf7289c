from __future__ import annotations

import io
import signal
from collections.abc import Iterator

import pytest
from rich.console import Console

from grader.demo.ending import SIGNALS, Ended, Ending


@pytest.fixture(autouse=True)
def handlers_as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("MAKELEVEL", raising=False)
    before = {number: signal.getsignal(number) for number in SIGNALS}
    for number in SIGNALS:  # under nohup one would be ignored
        signal.signal(number, signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_signal_is_noted_and_ends_what_asks_next() -> None:
    ending, out = Ending(), io.StringIO()
    ending.check()
    signal.raise_signal(signal.SIGTERM)
    with pytest.raises(Ended):
        ending.check()
    assert ending.say(Console(file=out, width=200)) == 143
    assert "Ended by SIGTERM." in out.getvalue()


def test_who_only_waits_is_ended_at_once_and_once() -> None:
    ending = Ending()
    with pytest.raises(Ended), ending.waiting():
        signal.raise_signal(signal.SIGHUP)
    signal.raise_signal(signal.SIGTERM)
    assert ending.number is signal.SIGHUP


def test_what_nohup_ignores_stays_ignored() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    Ending()
    signal.raise_signal(signal.SIGHUP)
