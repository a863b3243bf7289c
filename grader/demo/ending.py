"""A demo that is ended from outside: tidied up, one sentence, the status that shells expect; no traceback."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from rich.console import Console

from grader.lifeline import end_with

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
BY_SIGNAL = 128


class Ended(BaseException):
    """Raised where the demo looks whether it shall end, so that every block is left."""


class Ending:
    """Heeds the signals that end a program. Ignored ones (`nohup`) stay so.

    A signal is only noted, since an exception is lost in what Python calls around a fork; whoever goes on asks `check`.
    """

    def __init__(self) -> None:
        self.number: signal.Signals | None = None
        self._is_waiting = False
        if "MAKELEVEL" in os.environ:  # make does not wait for us when it is killed
            end_with(os.getppid())
        for number in SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._note)

    def _note(self, number: int, _frame: Any) -> None:
        self.number = self.number or signal.Signals(number)
        if self._is_waiting:
            self._is_waiting = False  # a second one must not disturb the tidying up
            raise Ended

    def check(self) -> None:
        """Raise `Ended` if a signal has come."""
        if self.number is not None:
            raise Ended

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """A block that does nothing but wait: a signal ends it at once."""
        self._is_waiting = True
        self.check()
        yield
        self._is_waiting = False

    def say(self, console: Console) -> int:
        """The last sentence, where anybody can still read it, and the exit status."""
        number = self.number or signal.SIGTERM
        how = "Ctrl-C" if number is signal.SIGINT else number.name
        try:
            console.print(f"\nEnded by {how}. The service has stopped; nothing of this demo runs any more.")
        except OSError:  # the terminal is gone, and Python would complain of that at its very end
            with suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return BY_SIGNAL + number
