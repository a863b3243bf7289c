"""The Celery app of both sides, the names of queues and tasks, and how a job gets to a worker.

JSON is the only format anywhere. A task's arguments never reach a log or a header. The queue is not the truth: the
submissions table is (see `services/dispatch.py` and `services/sweep.py`), so a message may be lost.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from celery import Celery
from kombu import Exchange, Queue
from kombu.exceptions import OperationalError

from grader import wire
from grader.dispatch_secret import DispatchSecrets
from grader.domain.submission import Job, Lane
from grader.embedded_broker import UNFINISHED_SECONDS, put_aside, remove_older
from grader.punctual import Late, Punctual
from grader.redis_broker import keys_of, put_aside_key
from grader.services.ports import QueueAway

CONTROL = "control"
GRADING = Lane.QUICK.value
SLOW = Lane.SLOW.value
WEBHOOKS = "webhooks"
PLANE = "plane"
"""What the control plane orders itself; workers write to `CONTROL` alone."""

LANES = (GRADING, SLOW)
QUEUES = (CONTROL, *LANES, WEBHOOKS, PLANE)
GROUPS = (CONTROL, *LANES, "+".join(LANES))
"""Who consumes the same queues: the control plane, and workers by their lanes."""

GRADE = "grader.grade"
RECORD_REPORT = "grader.record_report"
PROGRESS = "grader.progress"
HEARTBEAT = "grader.heartbeat"
JOB_FAILED = "grader.job_failed"
JOB_IS_SLOW = "grader.job_is_slow"
JOB_RETURNED = "grader.job_returned"
JOB_REFUSED = "grader.job_refused"
RUN_DIFFERS = "grader.run_differs"
WORKER_SEEN = "grader.worker_seen"
WORKER_LEAVES = "grader.worker_leaves"
CANARY_SEEN = "grader.canary_seen"
RECOVER = "grader.recover"
RECOVER_FROM = "grader.recover_from"
ECHO = "grader.echo"
DELIVER = "grader.deliver"

_BRIEF = {"max_retries": 2, "interval_start": 0.1, "interval_step": 0.2, "interval_max": 0.5}
PATIENT_TRIES = 40
LONGEST_PAUSE_SECONDS = 5.0

POLLING_SECONDS = 0.05
VISIBILITY_SECONDS = 2 * 3600
CONNECT_SECONDS = 2.0

SEND_SECONDS = 1.0
"""How long somebody who hands in waits for the broker; later the sweep sends."""

ALIVE_SECONDS = 2.0

_OWN = "worker:"


def make_celery(broker_url: str, data_dir: Path) -> Celery:
    """An app without tasks for `broker_url`; empty means the embedded broker below `data_dir`."""
    app = Celery("grader", set_as_current=False)
    app.conf.update(_BASICS)
    app.conf.update(_embedded(data_dir) if not broker_url else _remote(broker_url))
    return app


class CeleryJobQueue:
    """Implements `services.ports.JobQueue` on a Celery app."""

    def __init__(self, app: Celery, secrets: DispatchSecrets, seconds: float = SEND_SECONDS) -> None:
        self._app = app
        self._secrets = secrets
        self._punctual = Punctual(seconds)

    def send(self, job: Job, worker: str | None = None, *, alone: bool = False) -> None:
        """Put one job on its lane, or on one worker's own queue; QueueAway where the broker is away, full or does not answer.

        What is late may still get there: a job that comes twice is graded once.
        """
        place = job.lane.value if worker is None else own_queue(worker, job.lane.value)
        data = wire.to_json(replace(job, secret=self._secrets.of(job.submission, job.attempt)))
        words = (data, alone) if alone else (data,)
        try:
            self._punctual.do(lambda: send(self._app, GRADE, place, *words))
        except (Late, OperationalError, OSError) as error:
            raise QueueAway(f"{type(error).__name__}: {error}") from error


def send(app: Celery, task: str, queue: str, *args: Any, patient: bool = False, secret: str = "") -> None:
    """Send one task by name, with no trace of its arguments in headers; a word about a job with the secret of its dispatch.

    Patience outlasts a broker that is away, or a full disk, for three minutes: 40 tries, at most 5 seconds apart.
    """
    for pause in _pauses() if patient else ():
        try:
            return _send(app, task, queue, args, secret)
        except (OperationalError, OSError):
            time.sleep(pause)
    return _send(app, task, queue, args, secret)


def _pauses() -> Iterator[float]:
    """Between the tries of somebody patient."""
    for number in range(PATIENT_TRIES - 1):
        yield min(LONGEST_PAUSE_SECONDS, 0.2 + 0.5 * number)


def worker_name(pid: int) -> str:
    """What the control plane calls the worker whose main process this is, on this machine."""
    return f"{socket.gethostname()}-{pid}"


def own_queue(worker: str, place: str) -> str:
    """The queue that one worker alone takes from, by the worker's name and the lane, or `CONTROL`, that it takes from as well.

    By lane, since a worker may say that it takes one which the broker refuses it: then it cannot read this one either.
    """
    return f"{_OWN}{place}:{worker}"


def own_queues(worker: str, places: Sequence[str] = (CONTROL, *LANES)) -> tuple[str, ...]:
    """All that one worker may have of its own."""
    return tuple(own_queue(worker, place) for place in places)


def take_apart(app: Celery, worker: str, queues: Sequence[str]) -> tuple[str, ...]:
    """Make a worker's app ready to consume these queues and its own, apart from other groups; the names of its own."""
    lanes = tuple(lane for lane in LANES if lane in queues)
    own = own_queues(worker, lanes or (CONTROL,))
    for name in own:
        app.amqp.queues.add(_queue(name))
    if str(app.conf.broker_url).startswith("redis"):
        app.conf.broker_transport_options |= keys_of("+".join(lanes) or CONTROL)
    return own


def _queue(name: str) -> Queue:
    return Queue(name, Exchange(""), routing_key=name)


def _send(app: Celery, task: str, queue: str, args: tuple[Any, ...], secret: str) -> None:
    place = _queue(queue) if queue.startswith(_OWN) else queue
    app.send_task(
        task,
        args=args,
        kwargs={"secret": secret} if secret else {},
        queue=place,
        argsrepr="()",
        kwargsrepr="{}",
        ignore_result=True,
        retry_policy=_BRIEF,
    )


def purge(app: Celery, queue: str) -> int:
    """Drop what waits in `queue`; the number of messages dropped."""
    with app.connection_for_write() as connection:
        return int(connection.default_channel.queue_purge(queue) or 0)


def waiting(app: Celery, queue: str) -> int:
    """How many messages wait in `queue`; none where it does not exist, as an empty one in Redis does not."""
    with app.connection_for_read() as connection:
        try:
            return int(connection.default_channel.queue_declare(queue=queue, passive=True).message_count)
        except connection.channel_errors:
            return 0


def broker_alive(app: Celery) -> bool:
    """Whether the broker answers within about two seconds."""

    def ask() -> None:
        with app.connection_for_write(connect_timeout=ALIVE_SECONDS) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0.1, timeout=ALIVE_SECONDS)

    try:
        Punctual(ALIVE_SECONDS).do(ask)
    except Exception:  # noqa: BLE001 - each transport has its own tree of errors, and all mean the same here
        return False
    return True


def remove_unfinished(app: Celery) -> int:
    """Remove what writers of the embedded broker left that were killed, or whose disk was full; how many files."""
    folder = app.conf.broker_transport_options.get("processed_folder")
    return 0 if folder is None else remove_older(Path(folder), UNFINISHED_SECONDS)


def count_put_aside(app: Celery) -> int:
    """How many messages were put aside because they are corrupt; whatever the transport raises where it is away."""
    folder = app.conf.broker_transport_options.get("processed_folder")
    if folder is not None:
        return sum(1 for _ in put_aside(Path(folder)).iterdir())
    found: list[int] = []

    def ask() -> None:
        with app.connection_for_write(connect_timeout=ALIVE_SECONDS) as connection:
            client = connection.default_channel.client
            found.append(sum(int(client.llen(put_aside_key(group))) for group in GROUPS))

    Punctual(ALIVE_SECONDS).do(ask)
    return found[0]


_BASICS: dict[str, Any] = {
    "task_queues": [_queue(name) for name in QUEUES],
    "task_default_queue": CONTROL,
    "task_default_exchange": "",
    "task_create_missing_queues": False,
    "accept_content": ["json"],
    "task_serializer": "json",
    "result_serializer": "json",
    "event_serializer": "json",
    "task_ignore_result": True,
    "task_store_errors_even_if_ignored": False,
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "worker_prefetch_multiplier": 1,
    "worker_enable_remote_control": False,
    "worker_send_task_events": False,
    "worker_hijack_root_logger": False,
    "broker_connection_retry_on_startup": True,
    "worker_cancel_long_running_tasks_on_connection_loss": False,
    "enable_utc": True,
    "timezone": "UTC",
}


def _embedded(data_dir: Path) -> dict[str, Any]:
    folder = data_dir / "queue"
    for name in ("messages", "claimed"):
        (folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)
    messages = str(folder / "messages")
    return {
        "broker_url": "embedded",
        "broker_transport": "grader.embedded_broker:Transport",
        "broker_transport_options": {
            "data_folder_in": messages,
            "data_folder_out": messages,
            "processed_folder": str(folder / "claimed"),
            "store_processed": True,
            "polling_interval": POLLING_SECONDS,
        },
    }


def _remote(broker_url: str) -> dict[str, Any]:
    if not broker_url.startswith("redis"):
        return {"broker_url": broker_url}
    return {
        "broker_url": broker_url,
        "broker_transport": "grader.redis_broker:Transport",
        "broker_transport_options": dict(_REDIS),
    }


_REDIS: dict[str, Any] = {
    "visibility_timeout": VISIBILITY_SECONDS,
    "socket_connect_timeout": CONNECT_SECONDS,
    # No limit of an answer: an acknowledgement that it cut off would cost a worker. Whoever sends has its own, and a
    # machine that is gone without a word is missed by the kernel.
    "socket_keepalive": True,
    "socket_keepalive_options": {
        socket.TCP_KEEPIDLE: 15,
        socket.TCP_KEEPINTVL: 5,
        socket.TCP_KEEPCNT: 3,
        socket.TCP_USER_TIMEOUT: 30_000,
    },
    **_BRIEF,  # else kombu tries for six seconds to connect, whatever a sender's policy says
}
