"""Trying, waiting, trying again, giving up: against a real receiver on this machine."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from grader.db.columns import utc_now
from grader.lms.addresses import read_networks
from grader.lms.courier import GONE_REASON, SILENT_REASON, Courier
from grader.lms.outbound import Sender
from grader.lms.places import AT_ONCE
from grader.lms.signature import make_secret
from grader.services.webhook_ports import After, Progress, WebhookPatience

School = Any
SECRET = make_secret()


class Receiver(http.server.ThreadingHTTPServer):
    """Answers with the statuses it was given, the last one for ever; keeps what it got."""

    daemon_threads = True

    def __init__(self) -> None:
        self.statuses = [200]
        self.retry_after = ""
        self.got: list[tuple[dict[str, str], bytes]] = []
        super().__init__(("127.0.0.1", 0), Answering)


class Answering(http.server.BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append(({name.lower(): text for name, text in self.headers.items()}, body))
        statuses = self.server.statuses
        self.send_response(statuses.pop(0) if len(statuses) > 1 else statuses[0])
        if self.server.retry_after:
            self.send_header("Retry-After", self.server.retry_after)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def courier(school: School) -> Courier:
    sender = Sender(read_networks("127.0.0.0/8"), timeout=5)
    return Courier(school.parts.endpoints, sender, WebhookPatience(), jitter=lambda: 0.0)


@pytest.fixture
def message(school: School, receiver: Receiver, make_report: Any) -> str:
    """One message in the outbox."""
    url = f"http://127.0.0.1:{receiver.server_port}/hook"
    school.parts.endpoints.add_endpoint(school.course, url, SECRET)
    school.grade(school.hand_in(), make_report(), utc_now())
    return str(school.parts.endpoints.deliveries(school.course, utc_now())[0].id)


def look(school: School, message: str) -> Any:
    return school.parts.endpoints.delivery(message, utc_now())


def test_delivered_and_signed(school: School, courier: Courier, receiver: Receiver, message: str) -> None:
    tried = courier.deliver(message, utc_now())
    assert tried is not None
    assert (tried.status, tried.error) == (200, None)
    headers, body = receiver.got[0]
    assert Webhook(SECRET).verify(body, headers) == look(school, message).payload
    assert headers["webhook-id"] == message
    assert headers["content-type"] == "application/json"
    assert look(school, message).state is Progress.DELIVERED
    assert courier.deliver(message, utc_now()) is None
    assert len(receiver.got) == 1


def test_the_whole_of_the_waiting(school: School, courier: Courier, receiver: Receiver, message: str) -> None:
    """Ten tries: each under the same id with a new timestamp, at the hours that are promised."""
    receiver.statuses = [500]
    waits = []
    for _ in range(9):
        before = utc_now()
        moment = max(before, look(school, message).next_try_at)
        assert courier.deliver(message, moment) is not None
        waits.append((look(school, message).next_try_at - before).total_seconds())
    promised = courier.patience.delays[1:]
    assert all(wanted <= got < wanted + 60 for wanted, got in zip(promised, waits, strict=True))
    assert courier.deliver(message, look(school, message).next_try_at) is not None
    after = look(school, message)
    assert (after.state, after.next_try_at, len(after.tries)) == (Progress.GIVEN_UP, None, 10)
    assert (after.endpoint.enabled, after.endpoint.disabled_reason) == (False, SILENT_REASON)
    assert {headers["webhook-id"] for headers, _ in receiver.got} == {message}
    assert len({headers["webhook-timestamp"] for headers, _ in receiver.got}) == 10


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 429, 500, 503])
def test_only_2xx_is_success(
    school: School, courier: Courier, receiver: Receiver, message: str, status: int
) -> None:
    receiver.statuses = [status]
    tried = courier.deliver(message, utc_now())
    assert tried is not None
    assert tried.status == status
    assert str(status) in (tried.error or "")
    assert (look(school, message).state, len(receiver.got)) == (Progress.WAITING, 1)


def test_410_switches_the_endpoint_off(
    school: School, courier: Courier, receiver: Receiver, message: str, make_report: Any
) -> None:
    receiver.statuses = [410]
    courier.deliver(message, utc_now())
    after = look(school, message)
    assert (after.state, after.endpoint.disabled_reason) == (Progress.GIVEN_UP, GONE_REASON)
    school.grade(school.hand_in(source="y = 1\n"), make_report(), utc_now())
    assert len(school.parts.endpoints.deliveries(school.course, utc_now())) == 1


@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [
        ("120", 120, 180),
        ("999999999999", 86_400, 86_460),
        ("0", 5, 65),
        ("nonsense", 5, 65),
        ("-5", 5, 65),
        ("date", 550, 660),
    ],
)
def test_retry_after(
    school: School, courier: Courier, receiver: Receiver, message: str, asked: str, least: float, most: float
) -> None:
    later = format_datetime(utc_now() + timedelta(seconds=600), usegmt=True)
    receiver.statuses, receiver.retry_after = [503], later if asked == "date" else asked
    before = utc_now()
    courier.deliver(message, before)
    wait = (look(school, message).next_try_at - before).total_seconds()
    assert least <= wait < most


def test_jitter_makes_waits_longer(
    school: School, courier: Courier, receiver: Receiver, message: str
) -> None:
    receiver.statuses = [500]
    patient = replace(courier, patience=WebhookPatience(delays=(0, 1000), jitter=0.1), jitter=lambda: 1.0)
    before = utc_now()
    patient.deliver(message, before)
    wait = (look(school, message).next_try_at - before).total_seconds()
    assert 1100 <= wait < 1160


def test_an_address_that_may_not_be_reached_is_a_failed_try(
    school: School, receiver: Receiver, message: str
) -> None:
    """Allowed when it was saved, not any more when it is used."""
    tried = Courier(school.parts.endpoints, Sender()).deliver(message, utc_now())
    assert tried is not None
    assert (tried.status, tried.error) == (None, "127.0.0.1 is not on the public internet")
    assert receiver.got == []
    assert look(school, message).state is Progress.WAITING


def test_a_courier_that_died_is_replaced_after_its_claim(
    school: School, courier: Courier, receiver: Receiver, message: str
) -> None:
    now = utc_now()
    claimed = school.parts.endpoints.claim(message, now, now + timedelta(seconds=60))
    assert claimed is not None
    assert courier.deliver(message, now) is None
    assert school.parts.outbox.hand_out(now + timedelta(seconds=59)) == 0
    assert school.parts.outbox.hand_out(now + timedelta(seconds=61)) == 1
    assert courier.deliver(message, now + timedelta(seconds=61)) is not None
    assert (look(school, message).state, len(receiver.got)) == (Progress.DELIVERED, 1)


def test_what_moved_on_meanwhile_is_left_alone(
    school: School, courier: Courier, receiver: Receiver, message: str
) -> None:
    """Staff send again while a slow try is under way: the slow one's failure does not undo that."""
    now = utc_now()
    slow = school.parts.endpoints.claim(message, now, now + timedelta(seconds=60))
    assert school.parts.endpoints.replay(message, school.course, now)
    tried = courier.deliver(message, now)
    assert tried is not None
    assert not school.parts.endpoints.note_try(
        replace(slow, attempts=1), replace(tried, status=500, error="x"), After(Progress.GIVEN_UP)
    )
    assert look(school, message).state is Progress.DELIVERED
    assert len(look(school, message).tries) == 2


def test_replay_sends_again_under_the_same_id(
    school: School, courier: Courier, receiver: Receiver, message: str
) -> None:
    courier.deliver(message, utc_now())
    assert not school.parts.endpoints.replay(message, "another course", utc_now())
    assert school.parts.endpoints.replay(message, school.course, utc_now())
    assert school.parts.outbox.hand_out(utc_now()) == 1
    courier.deliver(message, utc_now())
    assert [headers["webhook-id"] for headers, _ in receiver.got] == [message, message]
    assert len(look(school, message).tries) == 2


def test_rotation_signs_with_both(school: School, courier: Courier, receiver: Receiver, message: str) -> None:
    fresh = make_secret()
    endpoint = look(school, message).endpoint.id
    assert school.parts.endpoints.rotate(endpoint, fresh, utc_now())
    courier.deliver(message, utc_now())
    headers, body = receiver.got[0]
    assert Webhook(SECRET).verify(body, headers) == Webhook(fresh).verify(body, headers) == json.loads(body)


def test_a_full_endpoint_takes_no_more_for_now(school: School, courier: Courier, message: str) -> None:
    endpoint = look(school, message).endpoint.id
    school.parts.outbox.hand_out(utc_now() + timedelta(hours=1))
    for _ in range(AT_ONCE):
        assert courier.places.take(endpoint)
    assert courier.deliver(message, utc_now()) is None
    assert courier.begin(message, utc_now()) is None
    assert look(school, message).attempts == 0
    assert school.parts.outbox.hand_out(utc_now()) == 1
    courier.places.give_back(endpoint)
    assert courier.deliver(message, utc_now()) is not None
    assert courier.places.take(endpoint)


def test_an_unknown_message_takes_no_place(courier: Courier) -> None:
    assert courier.deliver("nonsense", utc_now()) is None


class Hanging(http.server.ThreadingHTTPServer):
    """Says that all is well, and never ends saying it."""

    daemon_threads = True

    def __init__(self) -> None:
        self.reached = threading.Semaphore(0)
        self.over = threading.Event()
        super().__init__(("127.0.0.1", 0), Held)


class Held(http.server.BaseHTTPRequestHandler):
    server: Hanging

    def do_POST(self) -> None:
        self.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n")
        self.server.reached.release()
        self.server.over.wait(60)

    def log_message(self, *_arguments: Any) -> None:
        pass


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    server = Hanging()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.over.set()
    server.shutdown()
    server.server_close()


def test_slow_endpoints_delay_no_other(
    school: School, courier: Courier, receiver: Receiver, message: str, hanging: Hanging, make_report: Any
) -> None:
    """Two receivers hang with all the places they have and more messages in line; a third one hears at once."""
    endpoints, threads = school.parts.endpoints, []
    for name in ("a", "b"):
        endpoints.add_endpoint(school.course, f"http://127.0.0.1:{hanging.server_port}/{name}", SECRET)
    for number in range(60):
        school.grade(school.hand_in(source=f"x = {number}\n"), make_report(), utc_now())
    later = utc_now() + timedelta(hours=1)
    due = endpoints.due(later, later)
    threads = [courier.begin(one, later) for one in due]
    under_way = [one for one in threads if one is not None]
    for _ in range(2 * AT_ONCE):
        assert hanging.reached.acquire(timeout=30)
    until = utc_now() + timedelta(seconds=30)
    while not receiver.got and utc_now() < until:
        threading.Event().wait(0.01)
    assert receiver.got
    assert look(school, message).endpoint.url.endswith("/hook")
    hanging.over.set()
    for thread in under_way:
        thread.join(30)
    waiting = {"/a": 0, "/b": 0, "ok": 0}
    for one in endpoints.due(later, later):
        waiting[look(school, one).endpoint.url[-2:]] += 1
    assert min(waiting.values()) > 0
    for endpoint in endpoints.endpoints(utc_now()):
        assert courier.places.take(endpoint.id)
