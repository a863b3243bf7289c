"""What the control plane orders itself: done only where it came by a queue that no worker has a reason to write to."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from celery import Celery, Task

from grader import queue
from grader.db.away import may_be_away
from grader.services.ports import WhyRefused
from grader.services.record import Recorder

HEAR_OUT_SECONDS = 5.0
PAUSE_SECONDS = 0.05

Act = Callable[..., None]


class Orders:
    """Adds tasks that are refused, and counted, where they come by another queue than their own.

    The queue is the one that the message was taken from, not what its sender wrote (`sound.TrueQueues`).
    """

    def __init__(self, app: Celery, recorder: Recorder) -> None:
        self._app = app
        self._recorder = recorder

    def __call__(self, name: str, place: str, how: Mapping[str, Any]) -> Callable[[Act], Act]:
        """Make a function the order `name` that comes by the queue `place`; `how` are options of the task."""

        def add(act: Act) -> Act:
            def obey(task: Task, *said: Any) -> None:
                came_by = task.request.delivery_info.get("routing_key")
                if came_by == place:
                    act(*said)
                    return
                detail = f"{name} came by {came_by!r:.40}, not by {place}"
                self._recorder.refuse(WhyRefused.MISPLACED, "", 0, detail)

            self._app.task(name=name, shared=False, bind=True, **how)(may_be_away()(obey))
            return act

        return add


def hear_out(app: Celery, seconds: float = HEAR_OUT_SECONDS) -> None:
    """Let workers' words that wait be read first, for at most so long: a report that is there costs nobody another try."""
    until = time.monotonic() + seconds
    while queue.waiting(app, queue.CONTROL) and time.monotonic() < until:
        time.sleep(PAUSE_SECONDS)
