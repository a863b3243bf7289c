from __future__ import annotations

import json
import threading
from collections import Counter
from pathlib import Path

import pytest
from kombu import Connection, Exchange, Queue

from grader.queue import _embedded, count_put_aside, make_celery
from tests.corrupt import CORRUPT


def connect(folder: Path) -> Connection:
    conf = _embedded(folder)
    return Connection(
        conf["broker_url"],
        transport=conf["broker_transport"],
        transport_options=conf["broker_transport_options"],
    )


QUEUE = Queue("grading", Exchange(""), routing_key="grading")


def put(connection: Connection, number: int) -> None:
    with connection.Producer() as producer:
        producer.publish({"number": number}, routing_key="grading", exchange="")


def test_messages_come_in_the_order_they_went(tmp_path: Path) -> None:
    with connect(tmp_path) as connection:
        for number in range(20):
            put(connection, number)
        queue = QUEUE(connection.default_channel)
        assert [queue.get(no_ack=True).payload["number"] for _ in range(20)] == list(range(20))
        assert queue.get() is None


def test_two_readers_never_get_the_same_message(tmp_path: Path) -> None:
    count, seen, lock = 200, Counter[int](), threading.Lock()
    with connect(tmp_path) as connection:
        for number in range(count):
            put(connection, number)

    def read() -> None:
        with connect(tmp_path) as connection:
            queue = QUEUE(connection.default_channel)
            while (message := queue.get(no_ack=True)) is not None:
                with lock:
                    seen[message.payload["number"]] += 1

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(30)
    assert seen == Counter(range(count))


def test_a_half_written_message_is_never_read(tmp_path: Path) -> None:
    with connect(tmp_path) as connection:
        put(connection, 1)
        (tmp_path / "queue" / "claimed" / "0001_x.grading.msg.new").write_text('{"body": "ab')
        queue = QUEUE(connection.default_channel)
        assert queue.get(no_ack=True).payload == {"number": 1}
        assert queue.get() is None


def test_a_message_given_back_says_so(tmp_path: Path) -> None:
    with connect(tmp_path) as connection:
        put(connection, 1)
        queue = QUEUE(connection.default_channel)
        first = queue.get()
        assert not first.delivery_info.get("redelivered")
        first.requeue()
        assert queue.get().delivery_info["redelivered"] is True


def test_purging_one_queue_leaves_the_other(tmp_path: Path) -> None:
    with connect(tmp_path) as connection:
        put(connection, 1)
        with connection.Producer() as producer:
            producer.publish({}, routing_key="control", exchange="")
        assert connection.default_channel.queue_purge("grading") == 1
        assert connection.default_channel._size("control") == 1


@pytest.mark.parametrize("name", ["messages", "claimed"])
def test_the_queue_is_its_owners_alone(tmp_path: Path, name: str) -> None:
    connect(tmp_path)
    assert (tmp_path / "queue" / name).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("text", CORRUPT)
def test_what_is_no_message_is_put_aside_and_the_next_one_comes(tmp_path: Path, text: str) -> None:
    with connect(tmp_path) as connection:
        put(connection, 1)
        (sound,) = (tmp_path / "queue" / "messages").iterdir()
        broken = sound.with_name(f"{0:020d}_x.grading.msg")
        broken.write_bytes(text.encode("utf-8", "surrogateescape"))
        queue = QUEUE(connection.default_channel)
        assert queue.get(no_ack=True).payload == {"number": 1}
        assert queue.get(no_ack=True) is None
    (aside,) = (tmp_path / "queue" / "corrupt").iterdir()
    assert aside.name == broken.name
    assert list((tmp_path / "queue" / "claimed").iterdir()) == []
    assert count_put_aside(make_celery("", tmp_path)) == 1


def test_a_message_says_from_which_queue_it_was_taken_whatever_its_sender_wrote(tmp_path: Path) -> None:
    with connect(tmp_path) as connection:
        put(connection, 1)
        (path,) = (tmp_path / "queue" / "messages").iterdir()
        forged = json.loads(path.read_text())
        forged["properties"]["delivery_info"] = {"exchange": "other", "routing_key": "plane"}
        path.write_text(json.dumps(forged))
        taken: list[object] = []
        with connection.Consumer(QUEUE, callbacks=[lambda _, message: taken.append(message.delivery_info)]):
            connection.drain_events(timeout=10)
        assert taken == [{"exchange": "", "routing_key": "grading"}]
