"""Whether this worker still takes messages, and what is done where it does not: it ends, and whoever runs it starts another.

After an outage of the broker Celery's consumer may wait for ever for a connection that is gone, while all else of the
process is well (celery's issues 8030, 9054, 10205, 10302). So an idle worker, of grading or of control, sends itself a
message now and then, through broker, consumer and pool. A busy one vouches by the signs of what it does.

Time is counted in looks, not read from a clock: a worker that stood still has looked at nothing meanwhile.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from celery import Celery
from kombu.exceptions import OperationalError

from grader import queue

log = logging.getLogger(__name__)

TO_BE_STARTED_AGAIN = 75
"""The status of a worker that takes no more messages, EX_TEMPFAIL of sysexits.h: whoever runs it starts another."""


class Signs(Protocol):
    """What a worker shows of itself: numbers that only grow, and whether it has anything in hand."""

    @property
    def is_busy(self) -> bool:
        """Whether it does something now."""

    @property
    def beats(self) -> int:
        """How often that has gone on."""

    @property
    def echo(self) -> int:
        """The number of the last message to itself that came back."""


@dataclass(frozen=True)
class WatchLimits:
    """In looks: between two messages to itself, until one is lost, until work without a sign is; and how many may be lost."""

    between: int = 3
    lost: int = 2
    silent: int = 12
    most_lost: int = 2


@dataclass
class Watchdog:
    """`send(number)` sends this worker a message, raising where the broker is away; `is_away()` asks whether it is."""

    signs: Signs
    send: Callable[[int], None]
    is_away: Callable[[], bool]
    limits: WatchLimits = field(default_factory=WatchLimits)
    number: int = 0
    waited: int = 0
    lost: int = 0
    beats: int = -1

    def look(self) -> str:
        """One look; what is wrong, empty where nothing is."""
        if self.signs.is_busy:
            return self._look_at_the_work()
        self.beats = -1
        if self.signs.echo < self.number:
            return self._wait_for_the_echo()
        self.lost = 0
        self.waited += 1
        if self.waited > self.limits.between:
            self._send()
        return ""

    def _look_at_the_work(self) -> str:
        if self.beats != self.signs.beats:
            self.beats, self.waited = self.signs.beats, 0
            return ""
        self.waited += 1
        return "what it does gives no sign" if self.waited >= self.limits.silent else ""

    def _wait_for_the_echo(self) -> str:
        """A broker that is away may have lost the message; one that was emptied has."""
        self.waited += 1
        if self.waited < self.limits.lost:
            return ""
        if self.is_away():
            self.waited = 0
            return ""
        self.lost += 1
        if self.lost >= self.limits.most_lost:
            return "messages to itself do not come back, though the broker answers"
        self._send()
        return ""

    def _send(self) -> None:
        self.waited = 0
        try:
            self.send(self.number + 1)
        except Exception as error:  # noqa: BLE001 - each transport has errors of its own, and the next look tries again
            log.warning("no message to itself was sent: %s", error)
        else:
            self.number += 1


def guard(app: Celery, signs: Signs, own: Sequence[str], limits: WatchLimits) -> Callable[[], None]:
    """What looks once, and ends this process where something is wrong.

    `own` are the worker's own queues, one at least; its app has the task `queue.ECHO`.
    """
    watchdog = Watchdog(
        signs,
        lambda number: queue.send(app, queue.ECHO, own[0], number),
        lambda: not queue.broker_alive(app),
        limits,
    )

    def look() -> None:
        trouble = watchdog.look()
        if trouble:
            log.critical("this worker ends, to be started again: %s", trouble)
            try:
                for name in own:
                    queue.purge(app, name)  # its next life has others
            finally:
                os._exit(TO_BE_STARTED_AGAIN)

    return look


def repeat(act: Callable[[], None], every: float) -> threading.Event:
    """Do something now and then in a thread until the event is set; a broker that is away is tried again next time."""
    over = threading.Event()

    def loop() -> None:
        while True:
            try:
                act()
            except (OperationalError, OSError) as error:
                log.warning("no sign of life sent: %s", error)
            except Exception:
                log.exception("no sign of life sent")
            if over.wait(every):
                return

    threading.Thread(target=loop, name="signs-of-life", daemon=True).start()
    return over
