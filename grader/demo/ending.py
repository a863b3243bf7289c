"""A demo that is ended from outside: tidied up, one sentence, the status that shells expect; no traceback."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import Any

from rich.console import Console

from grader.lifeline import end_with

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
BY_SIGNAL = 128


class Ended(BaseException):
    """Raised in the middle of whatever is done, so that every block is left."""


class Ending:
    """Heeds the signals that end a program. Ignored ones (`nohup`) stay so."""

    def __init__(self) -> None:
        self.number: signal.Signals | None = None
        if "MAKELEVEL" in os.environ:  # make does not wait for us when it is killed
            end_with(os.getppid())
        for number in SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._end)

    def _end(self, number: int, _frame: Any) -> None:
        for other in SIGNALS:
            signal.signal(other, signal.SIG_IGN)  # a second one must not disturb the tidying up
        self.number = signal.Signals(number)
        raise Ended

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
