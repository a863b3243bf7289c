from __future__ import annotations

import os
import threading

from grader.in_hand import InHand
from grader.watchdog import Watchdog, WatchLimits, repeat
from workers.signs import Signs

LIMITS = WatchLimits(between=2, lost=3, silent=4, most_lost=2)


class Broker:
    """What a worker sends to itself, and whether it comes back."""

    def __init__(self) -> None:
        self.signs = Signs()
        self.sent: list[int] = []
        self.is_deaf = self.is_away = self.refuses = False
        self.dog = Watchdog(self.signs, self.send, lambda: self.is_away, LIMITS)

    def send(self, number: int) -> None:
        if self.refuses:
            raise ConnectionError("away")
        self.sent.append(number)
        if not self.is_deaf:
            self.signs.heard(number)

    def look(self, times: int) -> list[str]:
        return [trouble for trouble in (self.dog.look() for _ in range(times)) if trouble]


def test_a_worker_that_hears_itself_is_well() -> None:
    broker = Broker()
    assert broker.look(50) == []
    assert len(broker.sent) > 10


def test_a_deaf_worker_ends_after_two_messages_not_after_one() -> None:
    broker = Broker()
    broker.look(4)
    broker.is_deaf = True
    looks = 0
    while not broker.look(1):
        looks += 1
        assert looks < 50
    assert looks >= LIMITS.lost
    assert len(broker.sent) >= 3


def test_a_message_that_was_flushed_away_is_sent_again() -> None:
    broker = Broker()
    broker.is_deaf = True
    broker.look(LIMITS.between + LIMITS.lost)
    broker.is_deaf = False
    assert broker.look(30) == []


def test_nobody_is_deaf_while_the_broker_is_away() -> None:
    broker = Broker()
    broker.is_deaf = broker.is_away = True
    assert broker.look(100) == []
    broker.refuses = True
    assert broker.look(100) == []
    broker.is_away = broker.refuses = broker.is_deaf = False
    broker.signs.heard(broker.dog.number)
    assert broker.look(30) == []


def test_a_child_at_work_vouches_by_its_signs_and_not_by_its_echo() -> None:
    broker = Broker()
    broker.is_deaf = True
    with broker.signs.at_work():
        for _ in range(50):
            broker.signs.beat()
            assert broker.look(1) == []
        assert broker.look(LIMITS.silent) == ["what it does gives no sign"]
    assert not broker.signs.is_busy


def test_a_task_in_hand_vouches_and_is_counted_however_it_ends() -> None:
    in_hand = InHand()
    dog = Watchdog(in_hand, lambda _number: None, lambda: False, LIMITS)
    in_hand.begin(sender="a signal's words")
    in_hand.begin()
    in_hand.end()
    assert in_hand.is_busy
    assert [dog.look() for _ in range(LIMITS.silent)] == [""] * LIMITS.silent
    in_hand.end()
    assert (in_hand.is_busy, in_hand.beats) == (False, 4)
    in_hand.heard(2)
    in_hand.heard(1)
    assert in_hand.echo == 2


def test_a_fork_shows_its_signs_to_its_parent() -> None:
    signs = Signs()
    child = os.fork()
    if child == 0:
        signs.heard(7)
        signs.beat()
        os._exit(0)
    os.waitpid(child, 0)
    assert (signs.echo, signs.beats) == (7, 1)


def test_a_sign_of_life_that_fails_does_not_end_the_others() -> None:
    heard, enough = [0], threading.Event()

    def act() -> None:
        heard[0] += 1
        if heard[0] == 1:
            raise ConnectionError
        enough.set()

    over = repeat(act, 0.01)
    assert enough.wait(20)
    over.set()
