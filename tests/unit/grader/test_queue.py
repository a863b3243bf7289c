from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from grader import queue
from grader.domain.submission import Job
from grader.queue import CeleryJobQueue, make_celery

JOB = Job("01J", 1, "dense", "sha256:x", (), "SECRET_SOURCE = 1")


def test_only_json_is_spoken(tmp_path: Path) -> None:
    conf = make_celery("", tmp_path).conf
    assert list(conf.accept_content) == ["json"]
    assert {conf.task_serializer, conf.result_serializer, conf.event_serializer} == {"json"}
    assert conf.task_ignore_result
    assert conf.task_acks_late
    assert conf.task_reject_on_worker_lost
    assert conf.worker_prefetch_multiplier == 1


def test_a_job_is_one_message_and_its_source_stands_in_no_header(tmp_path: Path) -> None:
    app = make_celery("", tmp_path)
    CeleryJobQueue(app).send(JOB)
    (message,) = (tmp_path / "queue" / "messages").glob("*.grading.msg")
    data = json.loads(message.read_text())
    assert "SECRET" not in json.dumps(data["headers"])
    ((sent,), _, _) = json.loads(base64.b64decode(data["body"]))
    assert sent["source"] == "SECRET_SOURCE = 1"
    assert queue.purge(app, queue.GRADING) == 1


def test_redis_waits_longer_than_any_job(tmp_path: Path) -> None:
    conf = make_celery("redis://127.0.0.1:1/0", tmp_path).conf
    assert conf.broker_transport_options["visibility_timeout"] > 1800


@pytest.mark.parametrize(("url", "alive"), [("", True), ("redis://127.0.0.1:1/0", False)])
def test_a_broker_that_is_away_is_noticed(tmp_path: Path, url: str, alive: bool) -> None:
    assert queue.broker_alive(make_celery(url, tmp_path)) is alive
