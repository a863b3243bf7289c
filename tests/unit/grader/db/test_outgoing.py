"""Messages that are held leave once, later, under the ids that they would have had."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from grader.backup import snapshot
from grader.db.columns import utc_now
from grader.db.outgoing import Released, least_number
from grader.db.restored import take_up
from grader.db.tables import SubmissionRow
from grader.domain.report import Verdict
from grader.domain.submission import State
from grader.lms.addresses import read_networks
from grader.lms.courier import Courier
from grader.lms.outbound import Sender
from grader.lms.signature import make_secret
from grader.services.webhook_ports import WebhookPatience
from grader.settings import load_settings
from grader.wiring import Wiring
from tests.receivers import Receiver, receiving

School = Any
SECOND = timedelta(seconds=1)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as server:
        yield server


def courier(parts: Wiring) -> Courier:
    return Courier(
        parts.wishes, Sender(read_networks("127.0.0.0/8"), timeout=5), parts.courier.write, WebhookPatience()
    )


def endpoint(school: School, receiver: Receiver) -> str:
    return str(school.parts.endpoints.add_endpoint(school.course, receiver.url, make_secret()))


def grade(school: School, make_report: Any, who: str = "ada", score: float = 10.0) -> str:
    saved = school.hand_in(who, f"x = {score}\n", utc_now() - timedelta(seconds=9))
    verdict = Verdict.PASSED if score >= 10 else Verdict.FAILED
    school.grade(saved, make_report(verdict, score), utc_now() - 2 * SECOND)  # it is saved a second later
    return str(saved.id)


def copy_of(school: School, folder: Path) -> Wiring:
    """The database as it is now, elsewhere."""
    folder.mkdir()
    snapshot.copy(
        school.parts.settings.data_dir / "grader.db", folder / "grader.db", lambda _done, _all: None
    )
    return Wiring(load_settings({}, data_dir=folder), school.parts.shelf)


def test_nothing_leaves_while_messages_are_held(school: School, receiver: Receiver, make_report: Any) -> None:
    to, rows = endpoint(school, receiver), school.parts.outgoing
    grade(school, make_report)
    held = rows.hold(utc_now())
    assert rows.hold(utc_now() + timedelta(hours=1)) == held == rows.held()
    assert school.parts.wishes.due(utc_now()) == []
    assert courier(school.parts).deliver(to, utc_now()) is None
    grade(school, make_report, "bob")
    (waiting,) = rows.waiting()
    assert (waiting.kind, waiting.count, waiting.off) == ("webhook", 2, 0)
    assert waiting.since is not None
    assert receiver.got == []
    assert rows.release() == [Released("webhook", 2, 0, 0)]
    assert (rows.held(), rows.release()) == (None, None)
    assert school.parts.wishes.due(utc_now()) == [to]
    for _ in range(3):
        courier(school.parts).deliver(to, utc_now())
    assert len(receiver.got) == 2


def test_what_is_owed_to_one_that_is_off_stays(school: School, receiver: Receiver, make_report: Any) -> None:
    to, rows = endpoint(school, receiver), school.parts.outgoing
    grade(school, make_report)
    school.parts.endpoints.disable_endpoint(to, "off")
    rows.hold(utc_now())
    assert rows.waiting()[0].off == 1
    assert rows.release() == [Released("webhook", 0, 0, 1)]


def test_the_same_report_keeps_its_id_over_a_restore(
    school: School, receiver: Receiver, make_report: Any, tmp_path: Path
) -> None:
    """The service goes on after the backup and tells; the restored one tells the same, and later a new grade."""
    to = endpoint(school, receiver)
    grade(school, make_report, score=3.0)
    restored, backup_of = copy_of(school, tmp_path / "again"), utc_now()
    courier(school.parts).deliver(to, utc_now())
    grade(school, make_report, score=5.0)
    courier(school.parts).deliver(to, utc_now())

    restored.outgoing.hold_after_restore(utc_now(), backup_of)
    assert courier(restored).deliver(to, utc_now()) is None
    restored.outgoing.release()
    courier(restored).deliver(to, utc_now())
    grade(on(school, restored), make_report, score=7.0)
    courier(restored).deliver(to, utc_now())
    restored.database.close()

    first, lost, same, new = receiver.ids
    assert same == first
    assert receiver.got[2][1] == receiver.got[0][1], "the same body, too"
    assert len({first, lost, new}) == 3
    sequences = [told["sequence"] for told in receiver.told]
    assert sequences[:3] == [1, 2, 1]
    assert sequences[3] > 2, "a receiver that keeps the highest sequence must take the new grade"


def on(school: School, parts: Wiring) -> School:
    return type(school)(parts, school.course, school.ids)


def test_a_second_restore_counts_on_from_a_later_number(school: School) -> None:
    rows, now, numbers = school.parts.outgoing, utc_now(), []
    for moment in (now, now + timedelta(days=1)):
        rows.hold_after_restore(moment, now)
        with school.parts.database.read() as session:
            number = least_number(session)
        numbers.append(number)
    assert numbers[1] - numbers[0] == 86_400
    assert numbers[1] < 2**31


def test_what_was_told_by_the_service_that_ran_on_can_be_dropped(
    school: School, receiver: Receiver, make_report: Any
) -> None:
    to, rows = endpoint(school, receiver), school.parts.outgoing
    grade(school, make_report)
    rows.hold(utc_now())
    with pytest.raises(LookupError, match="no backup"):
        rows.release(discard=True)
    assert rows.held() is not None
    rows.hold_after_restore(utc_now(), utc_now() - SECOND)
    grade(school, make_report, "bob")
    assert rows.release(discard=True) == [Released("webhook", 1, 1, 0)]
    for _ in range(3):
        courier(school.parts).deliver(to, utc_now())
    assert [told["user"]["id"] for told in receiver.told] == [school.ids["bob"]]
    assert school.parts.endpoints.enable(to, utc_now(), everybody=True) == 2, "by hand it can still be sent"


def test_an_id_is_of_one_wish_alone(school: School, receiver: Receiver, make_report: Any) -> None:
    to = endpoint(school, receiver)
    for score, who in ((1.0, "ada"), (2.0, "ada"), (1.0, "bob")):
        grade(school, make_report, who, score)
        courier(school.parts).deliver(to, utc_now())
    assert len(set(receiver.ids)) == 3
    assert all(len(one) == 26 for one in receiver.ids)


def test_what_was_on_its_way_is_sent_anew_and_nothing_is_spent(school: School, make_report: Any) -> None:
    parts, now = school.parts, utc_now()
    queued, running, done = (school.hand_in("ada", f"x = {n}\n", now) for n in range(3))
    school.grade(done, make_report(), now)
    with parts.database.write() as session:
        row = session.get_one(SubmissionRow, running.id)
        row.state, row.worker, row.lease_until = "running", "w-1", now
    assert take_up(parts.database) == 2
    waiting = parts.backlog.waiting(utc_now(), utc_now() - timedelta(days=1))
    assert {each.id for each in waiting} == {queued.id, running.id}
    assert {(each.state, each.losses, each.faults) for each in waiting} == {(State.QUEUED, 0, 0)}
    assert parts.store.get(done.id).state is State.DONE
