"""Many mixed submissions, and every ten seconds one process of the service is killed, each kind in its turn."""

from __future__ import annotations

import itertools
import random
import signal
import time
from collections.abc import Callable

from tests.chaos.deployment import Deployment
from tests.chaos.family import KINDS, tell
from tests.chaos.scenario import Told, play

BETWEEN_KILLS = 10.0
EVERY = 0.8
SEED = 4711


def soak(count: int, kind: str) -> Told:
    """`count` submissions on one deployment."""
    return play(
        f"soak: one kill every {BETWEEN_KILLS:.0f} s", _killing(count * EVERY), kind, count=count, every=EVERY
    )


def _killing(seconds: float) -> Callable[[Deployment], None]:
    chance = random.Random(SEED)

    def happen(one: Deployment) -> None:
        until = time.monotonic() + seconds
        for name in itertools.cycle(KINDS):
            if time.monotonic() > until:
                return
            while not one.ready() and time.monotonic() < until:
                time.sleep(0.5)  # or whoever starts would be killed again and again
            pids = one.find(name)
            if pids and tell([chance.choice(pids)], signal.SIGKILL):
                time.sleep(BETWEEN_KILLS)
            else:
                time.sleep(0.5)

    return happen
