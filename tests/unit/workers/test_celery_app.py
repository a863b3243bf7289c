from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest
from celery.signals import worker_process_init

from grader import queue
from grader.settings import load_settings
from workers.celery_app import GradingWorker, make_worker, say_alive, worker_settings


def test_a_worker_reads_no_database_address_and_no_key(tmp_path: Path) -> None:
    environ = {
        "GRADER_DATABASE_URL": "postgresql://secret",
        "GRADER_SECRET_KEY_FILE": "/secret",
        "GRADER_BROKER_URL": "redis://x",
        "GRADER_DATA_DIR": str(tmp_path),
    }
    settings = worker_settings(environ)
    assert (settings.database_url, settings.secret_key_file) == ("", None)
    assert (settings.broker_url, settings.data_dir) == ("redis://x", tmp_path)


def idle(folder: Path) -> GradingWorker:
    return make_worker(load_settings({}, data_dir=folder), lambda _: None)  # type: ignore[arg-type,return-value]


def test_a_worker_knows_its_tasks(tmp_path: Path) -> None:
    app = idle(tmp_path).app
    assert {name for name in app.tasks if not name.startswith("celery.")} == {queue.GRADE, queue.ECHO}


def test_a_worker_process_opens_its_pipeline_when_it_starts(tmp_path: Path) -> None:
    opened: list[object] = []
    worker = make_worker(load_settings({}, data_dir=tmp_path), opened.append)  # type: ignore[arg-type,return-value]
    worker_process_init.send(sender=None)
    assert len(opened) == 1
    assert worker.app.conf.worker_proc_alive_timeout > 60


@pytest.mark.parametrize("busy", [False, True])
def test_a_worker_says_whether_its_child_has_a_job_and_what_it_can(tmp_path: Path, busy: bool) -> None:
    worker = idle(tmp_path)
    with worker.signs.at_work() if busy else nullcontext():
        say_alive(worker, (queue.GRADING,), {"dense": "v"}, is_first=True)
    (message,) = (tmp_path / "queue" / "messages").glob("*.control.msg")
    data = json.loads(message.read_text())
    assert data["headers"]["task"] == queue.WORKER_SEEN
    words = json.loads(base64.b64decode(data["body"]))[0]
    assert words == [queue.worker_name(os.getpid()), queue.GRADING, busy, {"dense": "v"}, True, True]


def test_the_worker_loads_no_database_and_no_web() -> None:
    code = (
        "import sys, workers.celery_app, workers.__main__\n"
        "bad = {'sqlalchemy', 'flask', 'alembic', 'tensorflow', 'keras'}"
        " & {name.partition('.')[0] for name in sys.modules}\n"
        "raise SystemExit(sorted(bad) or 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3], timeout=60)


@pytest.mark.parametrize(("handler", "status"), [("stuck", 1), ("prompt", 3)])
def test_a_worker_told_to_stop_at_once_ends_even_where_celery_waits_for_ever(
    handler: str, status: int
) -> None:
    program = """
import os, signal, threading, time
from workers.celery_app import bound_cold_shutdown
lost = threading.Lock()
lost.acquire()
handlers = {"stuck": lambda *_: lost.acquire(), "prompt": lambda *_: os._exit(3)}
signal.signal(signal.SIGQUIT, handlers["HANDLER"])
bound_cold_shutdown(0.2)
os.kill(os.getpid(), signal.SIGQUIT)
time.sleep(60)
"""
    words = [sys.executable, "-c", program.replace("HANDLER", handler)]
    ended = subprocess.run(words, cwd=Path(__file__).parents[3], timeout=50, check=False)
    assert ended.returncode == status
