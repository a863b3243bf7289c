"""The Celery app of both sides, the names of queues and tasks, and how a job gets to a worker.

JSON is the only format anywhere. A task's arguments never reach a log or a header. The queue is not the truth: the
submissions table is (see `services/dispatch.py` and `services/sweep.py`), so a message may be lost.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from celery import Celery
from kombu import Exchange, Queue

from grader import wire
from grader.domain.submission import Job, Lane

CONTROL = "control"
GRADING = Lane.QUICK.value
SLOW = Lane.SLOW.value
WEBHOOKS = "webhooks"
LANES = (GRADING, SLOW)
QUEUES = (CONTROL, *LANES, WEBHOOKS)

GRADE = "grader.grade"
RECORD_REPORT = "grader.record_report"
PROGRESS = "grader.progress"
HEARTBEAT = "grader.heartbeat"
JOB_FAILED = "grader.job_failed"
JOB_IS_SLOW = "grader.job_is_slow"
JOB_RETURNED = "grader.job_returned"
WORKER_SEEN = "grader.worker_seen"
CANARY_SEEN = "grader.canary_seen"
RECOVER = "grader.recover"
DELIVER = "grader.deliver"

_BRIEF = {"max_retries": 2, "interval_start": 0.1, "interval_step": 0.2, "interval_max": 0.5}
_PATIENT = {"max_retries": 40, "interval_start": 0.2, "interval_step": 0.5, "interval_max": 5.0}

POLLING_SECONDS = 0.05
VISIBILITY_SECONDS = 2 * 3600


def make_celery(broker_url: str, data_dir: Path) -> Celery:
    """An app without tasks for `broker_url`; empty means the embedded broker below `data_dir`."""
    app = Celery("grader", set_as_current=False)
    app.conf.update(_BASICS)
    app.conf.update(_embedded(data_dir) if not broker_url else _remote(broker_url))
    return app


class CeleryJobQueue:
    """Implements `services.ports.JobQueue` on a Celery app."""

    def __init__(self, app: Celery) -> None:
        self._app = app

    def send(self, job: Job) -> None:
        """Put one job on its lane; raises kombu's OperationalError when the broker is away."""
        send(self._app, GRADE, job.lane.value, wire.to_json(job))


def send(app: Celery, task: str, queue: str, *args: Any, patient: bool = False) -> None:
    """Send one task by name, with no trace of its arguments in headers; patience outlasts a broker's restart."""
    policy = _PATIENT if patient else _BRIEF
    app.send_task(
        task, args=args, queue=queue, argsrepr="()", kwargsrepr="{}", ignore_result=True, retry_policy=policy
    )


def purge(app: Celery, queue: str) -> int:
    """Drop what waits in `queue`; the number of messages dropped."""
    with app.connection_for_write() as connection:
        return int(connection.default_channel.queue_purge(queue) or 0)


def broker_alive(app: Celery) -> bool:
    """Whether the broker answers within about two seconds."""
    try:
        with app.connection_for_write(connect_timeout=2) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0.1, timeout=2)
    except Exception:  # noqa: BLE001 - each transport has its own tree of errors, and all mean the same here
        return False
    return True


_BASICS: dict[str, Any] = {
    "task_queues": [Queue(name, Exchange(""), routing_key=name) for name in QUEUES],
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
    options = {"visibility_timeout": VISIBILITY_SECONDS} if broker_url.startswith("redis") else {}
    return {"broker_url": broker_url, "broker_transport_options": options}
