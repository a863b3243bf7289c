"""Real database, broker and control worker, a real receiver: nothing lost, whoever dies."""

from __future__ import annotations

import http.server
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from grader import queue
from grader.db.columns import utc_now
from grader.db.queries import Filter
from grader.domain.report import NICE_WORK, Report, Verdict
from grader.domain.submission import State
from grader.lms.signature import make_secret, sign
from grader.services.webhook_ports import Progress
from grader.wiring import Wiring
from tests.shared import UNTIL_WE_END

pytestmark = pytest.mark.services

HERE = Path(__file__).resolve().parent
SECRET, INBOUND = make_secret(), make_secret()
Service = Any
Until = Callable[[Callable[[], Any], float, str], Any]


class Receiver(http.server.ThreadingHTTPServer):
    """Answers with these statuses, the last one for ever; 0 means: hold the sender up for ever."""

    daemon_threads = True

    def __init__(self) -> None:
        self.statuses = [200]
        self.got: list[tuple[float, dict[str, str], bytes]] = []
        self.over = threading.Event()
        super().__init__(("127.0.0.1", 0), Answering)

    def handle_error(self, *_arguments: Any) -> None:
        """Senders are killed here, on purpose."""


class Answering(http.server.BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): text for name, text in self.headers.items()}
        self.server.got.append((time.time(), headers, body))
        statuses = self.server.statuses
        status = statuses.pop(0) if len(statuses) > 1 else statuses[0]
        if status == 0:
            self.server.over.wait(60)
            return
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.over.set()
    server.shutdown()
    server.server_close()


class Control:
    """The control worker, started and killed by the test."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        settings = self._service.settings
        environ = {name: value for name, value in os.environ.items() if not name.startswith("GRADER_")} | {
            "GRADER_DATA_DIR": str(settings.data_dir),
            "GRADER_DATABASE_URL": settings.database_url,
            "GRADER_BROKER_URL": settings.broker_url,
            "GRADER_PUBLIC_URL": "https://grader.example.edu",
            "GRADER_WEBHOOK_ALLOW_PRIVATE": "127.0.0.0/8",
            "PYTHONPATH": str(HERE.parents[1]),
        }
        with (settings.data_dir / "webhooks.log").open("ab") as log:
            command = [*UNTIL_WE_END, sys.executable, str(HERE / "webhook_process.py")]
            self._process = subprocess.Popen(
                command, env=environ, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self) -> None:
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None


@pytest.fixture
def control(service: Service) -> Iterator[Control]:
    made = Control(service)
    if service.settings.broker_url:
        queue.purge(service.parts.celery, queue.WEBHOOKS)
    yield made
    made.kill()


@pytest.fixture
def endpoint(service: Service, receiver: Receiver) -> str:
    url = f"http://127.0.0.1:{receiver.server_port}/hook"
    return str(service.parts.endpoints.add_endpoint(service.course, url, SECRET))


def owed(service: Service) -> list[Any]:
    return list(service.parts.wishes.wishes(service.course, utc_now()))


def state(service: Service) -> Any:
    found = owed(service)
    return found[0].state if found else None


def save_report(parts: Wiring, submission: str) -> None:
    """What the control worker does when a report comes in."""
    found = parts.store.get(submission)
    assert found is not None
    report = Report("slow", found.assignment_version, Verdict.PASSED, 10.0, 10.0, NICE_WORK)
    assert parts.recorder.save(submission, found.attempt, report, utc_now(), has_run=True)


def test_from_an_lms_and_back_to_it(
    service: Service, control: Control, endpoint: str, receiver: Receiver, until: Until
) -> None:
    """In by a signed message, graded by a real worker, out to a receiver that fails at first."""
    receiver.statuses = [500, 200]
    parts = service.parts
    assert parts.sources.add(service.course, "campus", INBOUND)
    now = utc_now()
    event = {
        "type": "submission.created", "timestamp": now.isoformat(),
        "data": {
            "platform": "canvas", "course_id": "7", "assignment_id": "slow", "submission_id": "99", "attempt": 2,
            "user": {"id": "U-1", "name": "Ada"}, "submitted_at": now.isoformat(), "code": "# sleep 0\n",
        },
    }  # fmt: skip
    body = json.dumps(event).encode()
    answer = parts.inbox.receive("campus", sign([INBOUND], "msg_1", now, body), body, now)
    assert answer["status"] == "accepted"
    control.start()
    service.start("grading")
    service.await_state(answer["submission_id"], State.DONE)
    until(lambda: state(service) is Progress.DELIVERED, 40, service.logs())
    (wish,) = owed(service)
    assert [one.status for one in wish.tries] == [500, 200]
    (_, first, _), (_, second, sent) = receiver.got
    assert first["webhook-id"] == second["webhook-id"]
    data = Webhook(SECRET).verify(sent, second)["data"]
    assert (data["platform"], data["submission_id"], data["attempt"], data["user"]["id"]) == (
        "canvas", "99", 2, "U-1",
    )  # fmt: skip
    assert (data["score"], data["max_score"], data["verdict"]) == (10.0, 10.0, "passed")
    assert data["report_url"] == f"https://grader.example.edu/submissions/{answer['submission_id']}"
    assert parts.wishes.replay(wish.id, service.course, utc_now())
    until(lambda: len(receiver.got) == 3, 40, service.logs())
    until(lambda: state(service) is Progress.DELIVERED, 40, service.logs())
    assert receiver.got[2][1]["webhook-id"] == first["webhook-id"]


def test_a_worker_that_died_before_it_sent_loses_nothing(
    service: Service, control: Control, endpoint: str, receiver: Receiver, until: Until
) -> None:
    """The wish stands in the table, the task is gone with the broker; a new worker finds it."""
    save_report(service.parts, service.submit("# sleep 0"))
    assert state(service) is Progress.WAITING
    assert queue.purge(service.parts.celery, queue.WEBHOOKS) == 1
    control.start()
    until(lambda: state(service) is Progress.DELIVERED, 60, service.logs())
    assert len(receiver.got) == 1


def test_a_worker_that_is_killed_while_it_sends_loses_nothing(
    service: Service, control: Control, endpoint: str, receiver: Receiver, until: Until
) -> None:
    receiver.statuses = [0, 200]
    save_report(service.parts, service.submit("# sleep 0"))
    control.start()
    until(lambda: receiver.got, 60, service.logs())
    control.kill()
    assert state(service) is Progress.WAITING
    control.start()
    until(lambda: state(service) is Progress.DELIVERED, 60, service.logs())
    assert len({headers["webhook-id"] for _, headers, _ in receiver.got}) == 1


def test_after_the_last_try_the_endpoint_is_off_and_is_owed_what_it_does_not_know(
    service: Service, control: Control, endpoint: str, receiver: Receiver, until: Until
) -> None:
    """Switched on again it hears of the newest of each student alone, and of what was graded while it was off."""
    receiver.statuses = [503]
    submission = service.submit("# sleep 0")
    save_report(service.parts, submission)
    control.start()
    known = lambda: service.parts.endpoints.endpoint(endpoint, utc_now() + timedelta(seconds=1))  # noqa: E731
    until(lambda: not known().enabled, 60, service.logs())
    assert (state(service), len(receiver.got)) == (Progress.WAITING, 4)
    save_report(service.parts, service.submit("# sleep 0 again"))
    receiver.statuses = [200]
    assert service.parts.endpoints.enable(endpoint, utc_now()) == 1
    until(lambda: state(service) is Progress.DELIVERED, 60, service.logs())
    assert len(receiver.got) == 5
    assert json.loads(receiver.got[4][2])["data"]["sequence"] == 2


def test_the_same_message_from_many_senders_at_once_is_one_submission(service: Service) -> None:
    """Eight threads, one message id, one new person: one submission, one account."""
    parts = service.parts
    assert parts.sources.add(service.course, "campus", INBOUND)
    now = utc_now()
    data = {
        "assignment_id": "slow", "submission_id": "99", "user": {"id": "U-1"}, "submitted_at": now.isoformat(),
        "code": "x = 1\n",
    }  # fmt: skip
    body = json.dumps({"type": "submission.created", "timestamp": now.isoformat(), "data": data}).encode()
    headers = sign([INBOUND], "msg_1", now, body)
    before = len(parts.accounts.store.users())
    with ThreadPoolExecutor(8) as senders:
        answers = list(senders.map(lambda _: parts.inbox.receive("campus", headers, body, now), range(8)))
    assert len({answer["submission_id"] for answer in answers}) == 1
    assert len(parts.accounts.store.users()) == before + 1
    assert parts.queries.submissions(Filter(course=service.course)).total == 1


def test_attempts_without_a_number_that_come_at_once_are_each_kept_once(service: Service) -> None:
    """Twelve messages of four contents: four submissions, numbered through."""
    parts = service.parts
    assert parts.sources.add(service.course, "campus", INBOUND)
    now = utc_now()

    def send(number: int) -> dict[str, Any]:
        data = {
            "assignment_id": "slow", "submission_id": "99", "user": {"id": "U-1"}, "submitted_at": now.isoformat(),
            "code": f"x = {number % 4}\n",
        }  # fmt: skip
        body = json.dumps({"type": "submission.created", "timestamp": now.isoformat(), "data": data}).encode()
        return dict(parts.inbox.receive("campus", sign([INBOUND], f"msg_{number}", now, body), body, now))

    with ThreadPoolExecutor(12) as senders:
        answers = list(senders.map(send, range(12)))
    ids = [answer["submission_id"] for answer in answers]
    assert len(set(ids)) == 4
    assert ids[:4] == ids[4:8] == ids[8:]
    kept = [parts.store.get(one) for one in ids[:4]]
    assert [one.source for one in kept] == [f"x = {number}\n" for number in range(4)]
    assert sorted(one.external["attempt"] for one in kept) == ["1", "2", "3", "4"]
