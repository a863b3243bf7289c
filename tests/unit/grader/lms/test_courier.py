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
from grader.services.webhook_ports import After, Progress, Try, WebhookPatience
from tests.receivers import Receiver, receiving

School = Any
SECRET = make_secret()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as server:
        yield server


@pytest.fixture
def courier(school: School) -> Courier:
    sender = Sender(read_networks("127.0.0.0/8"), timeout=5)
    return Courier(
        school.parts.wishes, sender, school.parts.courier.write, WebhookPatience(turn=60.0), lambda: 0.0
    )


@pytest.fixture
def endpoint(school: School, receiver: Receiver) -> str:
    return str(school.parts.endpoints.add_endpoint(school.course, receiver.url, SECRET))


@pytest.fixture
def wish(school: School, endpoint: str, make_report: Any) -> str:
    """One grade that the endpoint is owed."""
    school.grade(school.hand_in(), make_report(), just_now())
    return str(school.parts.wishes.wishes(school.course, utc_now())[0].id)


def just_now() -> Any:
    """The small school's reports come a second after what they are about."""
    return utc_now() - timedelta(seconds=1)


def look(school: School, wish: str) -> Any:
    return school.parts.wishes.wish(wish, utc_now())


def test_delivered_and_signed(
    school: School, courier: Courier, receiver: Receiver, endpoint: str, wish: str
) -> None:
    tried = courier.deliver(endpoint, utc_now())
    assert tried is not None
    assert (tried.status, tried.error) == (200, None)
    headers, body = receiver.got[0]
    assert Webhook(SECRET).verify(body, headers)["type"] == "submission.graded"
    assert headers["content-type"] == "application/json"
    assert look(school, wish).state is Progress.DELIVERED
    assert courier.deliver(endpoint, utc_now()) is None
    assert len(receiver.got) == 1


def test_the_whole_of_the_waiting(
    school: School, courier: Courier, receiver: Receiver, endpoint: str, wish: str
) -> None:
    """Ten tries: each the same message with a new timestamp, at the hours that are promised; then it stays owed."""
    receiver.statuses = [500]
    waits = []
    for _ in range(9):
        before = utc_now()
        moment = max(before, look(school, wish).next_try_at)
        assert courier.deliver(endpoint, moment) is not None
        waits.append((look(school, wish).next_try_at - before).total_seconds())
    promised = courier.patience.delays[1:]
    assert all(wanted <= got < wanted + 60 for wanted, got in zip(promised, waits, strict=True))
    assert courier.deliver(endpoint, look(school, wish).next_try_at) is not None
    after = look(school, wish)
    assert (after.state, after.next_try_at, len(after.tries)) == (Progress.WAITING, None, 10)
    assert (after.endpoint.enabled, after.endpoint.disabled_reason) == (False, SILENT_REASON)
    assert len(set(receiver.ids)) == len({body for _, body in receiver.got}) == 1
    assert len({headers["webhook-timestamp"] for headers, _ in receiver.got}) == 10


def test_one_message_that_nobody_takes_does_not_silence_the_others(
    school: School, courier: Courier, receiver: Receiver, endpoint: str, wish: str, make_report: Any
) -> None:
    """The endpoint took another one since the ninth try, so it is not the endpoint that fails."""
    receiver.statuses = [500]
    for _ in range(9):
        courier.deliver(endpoint, max(utc_now(), look(school, wish).next_try_at))
    last = look(school, wish).next_try_at
    school.grade(school.hand_in("bob"), make_report(), just_now())
    receiver.statuses = [200]
    moment = last - timedelta(minutes=1)
    assert courier.deliver(endpoint, moment).status == 200  # type: ignore[union-attr]
    receiver.statuses = [400]
    courier.deliver(endpoint, last)
    after = look(school, wish)
    assert (after.state, after.endpoint.enabled) == (Progress.GIVEN_UP, True)
    assert school.parts.endpoints.owed(school.course) == {endpoint: 1}
    assert school.parts.endpoints.enable(endpoint, utc_now()) == 1
    assert look(school, wish).state is Progress.WAITING


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 429, 500, 503])
def test_only_2xx_is_success(
    school: School, courier: Courier, receiver: Receiver, endpoint: str, wish: str, status: int
) -> None:
    receiver.statuses = [status]
    tried = courier.deliver(endpoint, utc_now())
    assert tried is not None
    assert tried.status == status
    assert str(status) in (tried.error or "")
    assert (look(school, wish).state, len(receiver.got)) == (Progress.WAITING, 1)


def test_410_switches_the_endpoint_off_and_what_it_is_owed_stays_owed(
    school: School, courier: Courier, receiver: Receiver, endpoint: str, wish: str, make_report: Any
) -> None:
    receiver.statuses = [410]
    courier.deliver(endpoint, utc_now())
    after = look(school, wish)
    assert (after.state, after.endpoint.disabled_reason) == (Progress.WAITING, GONE_REASON)
    school.grade(school.hand_in("bob"), make_report(), just_now())
    assert courier.deliver(endpoint, utc_now() + timedelta(days=9)) is None
    assert school.parts.endpoints.owed(school.course) == {endpoint: 2}
    receiver.statuses = [200]
    assert school.parts.endpoints.enable(endpoint, utc_now()) == 2
    for _ in range(2):
        assert courier.deliver(endpoint, utc_now()) is not None
    assert receiver.ids[1] == receiver.ids[0] or receiver.ids[2] == receiver.ids[0]
    assert len(set(receiver.ids)) == 2


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
    school: School,
    courier: Courier,
    receiver: Receiver,
    endpoint: str,
    wish: str,
    asked: str,
    least: float,
    most: float,
) -> None:
    later = format_datetime(utc_now() + timedelta(seconds=600), usegmt=True)
    receiver.statuses, receiver.retry_after = [503], later if asked == "date" else asked
    before = utc_now()
    courier.deliver(endpoint, before)
    wait = (look(school, wish).next_try_at - before).total_seconds()
    assert least <= wait < most


def test_jitter_makes_waits_longer(
    school: School, courier: Courier, receiver: Receiver, endpoint: str, wish: str
) -> None:
    receiver.statuses = [500]
    patient = replace(courier, patience=WebhookPatience(delays=(0, 1000), jitter=0.1), jitter=lambda: 1.0)
    before = utc_now()
    patient.deliver(endpoint, before)
    wait = (look(school, wish).next_try_at - before).total_seconds()
    assert 1100 <= wait < 1160


def test_an_address_that_may_not_be_reached_is_a_failed_try(
    school: School, courier: Courier, receiver: Receiver, endpoint: str, wish: str
) -> None:
    """Allowed when it was saved, not any more when it is used."""
    tried = replace(courier, sender=Sender()).deliver(endpoint, utc_now())
    assert tried is not None
    assert (tried.status, tried.error) == (None, "127.0.0.1 is not on the public internet")
    assert receiver.got == []
    assert look(school, wish).state is Progress.WAITING


@pytest.mark.parametrize("status", [429, 503])
def test_an_endpoint_that_asks_for_silence_gets_it(
    school: School,
    courier: Courier,
    receiver: Receiver,
    endpoint: str,
    wish: str,
    make_report: Any,
    status: int,
) -> None:
    """Not one message waits, all do; what others ask for with another status is about their message alone."""
    school.grade(school.hand_in("bob"), make_report(), just_now())
    receiver.statuses, receiver.retry_after = [status], "600"
    now = utc_now()
    assert courier.deliver(endpoint, now) is not None
    assert courier.deliver(endpoint, now + timedelta(seconds=590)) is None
    assert school.parts.wishes.due(now + timedelta(seconds=590)) == []
    receiver.statuses, receiver.retry_after = [500], "600"
    for _ in range(2):
        assert courier.deliver(endpoint, now + timedelta(seconds=660)) is not None
    assert len(receiver.got) == 3


def test_a_courier_that_died_is_replaced_after_its_claim(
    school: School, courier: Courier, receiver: Receiver, endpoint: str, wish: str
) -> None:
    now = utc_now()
    claimed = school.parts.wishes.claim(endpoint, now, now + timedelta(seconds=60), courier.write)
    assert claimed is not None
    assert courier.deliver(endpoint, now + timedelta(seconds=59)) is None
    assert school.parts.wishes.due(now + timedelta(seconds=59)) == []
    assert school.parts.wishes.due(now + timedelta(seconds=61)) == [endpoint]
    assert courier.deliver(endpoint, now + timedelta(seconds=61)) is not None
    assert (look(school, wish).state, receiver.ids) == (Progress.DELIVERED, [claimed.id])


def test_what_moved_on_meanwhile_is_left_alone(
    school: School, courier: Courier, receiver: Receiver, endpoint: str, wish: str
) -> None:
    """Staff send again while a slow try is under way: they wait for its end, and its failure does not undo that."""
    now = utc_now()
    slow = school.parts.wishes.claim(endpoint, now, now + timedelta(seconds=60), courier.write)
    assert school.parts.wishes.replay(wish, school.course, now)
    assert courier.deliver(endpoint, now) is None
    later = now + timedelta(hours=1)
    assert not school.parts.wishes.note_try(slow, Try(now, 500, "x"), After(Progress.WAITING, later))
    assert courier.deliver(endpoint, now) is not None
    assert (look(school, wish).state, receiver.ids) == (Progress.DELIVERED, [slow.id])
    assert len(look(school, wish).tries) == 2


def test_replay_sends_again_under_the_same_id(
    school: School, courier: Courier, receiver: Receiver, endpoint: str, wish: str
) -> None:
    courier.deliver(endpoint, utc_now())
    assert not school.parts.wishes.replay(wish, "another course", utc_now())
    assert school.parts.wishes.replay(wish, school.course, utc_now())
    courier.deliver(endpoint, utc_now())
    assert len(receiver.ids) == 2
    assert len(set(receiver.ids)) == 1
    assert len(look(school, wish).tries) == 2


def test_rotation_signs_with_both(
    school: School, courier: Courier, receiver: Receiver, endpoint: str, wish: str
) -> None:
    fresh = make_secret()
    assert school.parts.endpoints.rotate(endpoint, fresh, utc_now())
    courier.deliver(endpoint, utc_now())
    headers, body = receiver.got[0]
    assert Webhook(SECRET).verify(body, headers) == Webhook(fresh).verify(body, headers) == json.loads(body)


def test_a_full_endpoint_takes_no_more_for_now(
    school: School, courier: Courier, endpoint: str, wish: str
) -> None:
    for _ in range(AT_ONCE):
        assert courier.places.take(endpoint)
    assert courier.deliver(endpoint, utc_now()) is None
    assert courier.begin(endpoint) is None
    assert look(school, wish).attempts == 0
    courier.places.give_back(endpoint)
    assert courier.deliver(endpoint, utc_now()) is not None
    assert courier.places.take(endpoint)


def test_an_unknown_endpoint_takes_no_place(courier: Courier) -> None:
    assert courier.deliver("nonsense", utc_now()) is None
    assert courier.places.take("nonsense")


def test_a_turn_goes_on_until_one_fails(
    school: School, courier: Courier, receiver: Receiver, endpoint: str, make_report: Any
) -> None:
    """A class is told in a moment; a receiver that fails is not run through with all that it is owed."""
    for who in ("ada", "bob", "tess"):
        for assignment in ("dense", "conv"):
            school.grade(school.hand_in(who, assignment=assignment), make_report(), just_now())
    receiver.statuses = [200, 200, 500, 200]
    for done in (3, 6):
        thread = courier.begin(endpoint)
        assert thread is not None
        thread.join(30)
        assert len(receiver.got) == done
    assert school.parts.endpoints.owed(school.course) == {endpoint: 1}


def test_a_test_is_sent_once_and_nothing_follows(
    school: School, courier: Courier, receiver: Receiver, endpoint: str
) -> None:
    receiver.statuses = [410]
    tried = courier.test(school.parts.endpoints.endpoint(endpoint, utc_now()), utc_now())
    assert tried.error == "410 instead of 2xx"
    headers, body = receiver.got[0]
    assert Webhook(SECRET).verify(body, headers)["data"] == {"endpoint_id": endpoint}
    assert school.parts.endpoints.endpoint(endpoint, utc_now()).enabled
    assert school.parts.wishes.due(utc_now() + timedelta(days=1)) == []


def test_a_message_that_cannot_be_made_stands_in_nobodys_way(
    school: School, courier: Courier, receiver: Receiver, endpoint: str, wish: str, make_report: Any
) -> None:
    school.grade(school.hand_in("bob"), make_report(), just_now())
    first = look(school, wish).submission

    def write(wished: Any) -> Any:
        if wished.submission.id == first:
            raise RuntimeError("no words")
        return courier.write(wished)

    broken = replace(courier, write=write)
    now = utc_now()
    assert broken.deliver(endpoint, now) is None
    assert broken.deliver(endpoint, now) is not None
    assert look(school, wish).state is Progress.WAITING
    assert courier.deliver(endpoint, now + timedelta(hours=2)) is not None
    assert len(receiver.got) == 2


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
    school: School, courier: Courier, receiver: Receiver, endpoint: str, hanging: Hanging, make_report: Any
) -> None:
    """Two receivers hang with all the places they have and more in line; a third one hears at once."""
    endpoints = school.parts.endpoints
    slow = [
        endpoints.add_endpoint(school.course, f"http://127.0.0.1:{hanging.server_port}/{name}", SECRET)
        for name in ("a", "b")
    ]
    for who in ("ada", "bob", "tess"):
        for assignment in ("dense", "conv"):
            school.grade(school.hand_in(who, assignment=assignment), make_report(), just_now())
    due = school.parts.wishes.due(utc_now())
    assert sorted(due) == sorted([*slow, endpoint])
    threads = [courier.begin(one) for one in (*slow, *due, *slow)]
    under_way = [one for one in threads if one is not None]
    for _ in range(2 * AT_ONCE):
        assert hanging.reached.acquire(timeout=30)
    until = utc_now() + timedelta(seconds=30)
    while endpoint in endpoints.owed(school.course) and utc_now() < until:
        threading.Event().wait(0.01)
    assert len(receiver.got) == 6
    assert endpoints.owed(school.course).keys() == set(slow)
    hanging.over.set()
    for thread in under_way:
        thread.join(30)
    for one in endpoints.endpoints(utc_now()):
        assert courier.places.take(one.id)
