"""Whether this worker still takes jobs, and what is done where it does not: it ends, and whoever runs it starts another.

After an outage of the broker Celery's consumer may wait for ever for a connection that is gone, while all else of the
process is well (celery's issues 8030, 9054, 10205, 10302). So an idle worker sends itself a message now and then, through
broker, consumer and child. A busy one vouches by its child's signs, which stop where the child does.

Time is counted in looks, not read from a clock: a worker that stood still has looked at nothing meanwhile.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from workers.signs import Signs

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class WatchLimits:
    """In looks: between two messages to itself, until one is lost, until a child without a sign is; and how many may be lost."""

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
            return self._look_at_the_child()
        self.beats = -1
        if self.signs.echo < self.number:
            return self._wait_for_the_echo()
        self.lost = 0
        self.waited += 1
        if self.waited > self.limits.between:
            self._send()
        return ""

    def _look_at_the_child(self) -> str:
        if self.beats != self.signs.beats:
            self.beats, self.waited = self.signs.beats, 0
            return ""
        self.waited += 1
        return "the process that grades gives no sign" if self.waited >= self.limits.silent else ""

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
