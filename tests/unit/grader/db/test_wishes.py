"""What endpoints are owed: the newest of each student and exercise, once, in order, whatever happens meanwhile."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, text

from grader.db.columns import utc_now
from grader.db.wish_tables import WishRow
from grader.domain.course import CountingRule
from grader.domain.report import Verdict
from grader.lms.addresses import read_networks
from grader.lms.courier import Courier
from grader.lms.outbound import Sender
from grader.lms.signature import make_secret
from grader.services.ports import Origin
from grader.services.regrade import regrade
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
    return Courier(school.parts.wishes, sender, school.parts.courier.write, WebhookPatience(), lambda: 0.0)


@pytest.fixture
def endpoint(school: School, receiver: Receiver) -> str:
    return str(school.parts.endpoints.add_endpoint(school.course, receiver.url, SECRET))


class Lms:
    """Hands in as an LMS would, and grades at once."""

    def __init__(self, school: School, make_report: Any) -> None:
        self.school, self.make_report = school, make_report
        self.seconds = 600

    def grade(self, score: float, attempt: int = 0, who: str = "ada", assignment: str = "dense") -> str:
        self.seconds -= 1
        moment = utc_now() - timedelta(seconds=self.seconds)
        more: dict[str, Any] = {}
        if attempt:
            external = {
                "source": "campus", "submission_id": "99", "attempt": str(attempt), "user_id": who, "assignment_id": "1",
                "submitted_at": (moment - timedelta(hours=9 - attempt)).isoformat(),
            }  # fmt: skip
            more = {"origin": Origin.LMS, "external": external}
        source = f"x = {self.seconds}\n"
        saved = self.school.hand_in(who, source, moment, assignment=assignment, **more)
        self.school.grade(saved, self.report(score), moment)
        return str(saved.id)

    def report(self, score: float) -> Any:
        return self.make_report(Verdict.PASSED if score >= 10 else Verdict.FAILED, score)

    def wish(self, **wanted: Any) -> Any:
        found = self.school.parts.wishes.wishes(self.school.course, utc_now())
        (one,) = [each for each in found if all(getattr(each, k) == v for k, v in wanted.items())]
        return one


@pytest.fixture
def lms(school: School, make_report: Any) -> Lms:
    return Lms(school, make_report)


def scores(receiver: Receiver) -> list[float]:
    return [told["score"] for told in receiver.told]


def test_what_waits_is_superseded_and_a_retry_says_the_newest(
    school: School, lms: Lms, courier: Courier, receiver: Receiver, endpoint: str
) -> None:
    """A regrade while the old grade waits to be tried again: the old one is never said after it."""
    submission = lms.grade(3.0)
    receiver.statuses = [500]
    courier.deliver(endpoint, utc_now())
    assert lms.wish().attempts == 1
    assert regrade(submission, school.ids["tess"], "again", school.parts.dispatcher, utc_now())
    saved = school.parts.store.get(submission)
    school.grade(saved, lms.report(9.0), utc_now() - timedelta(seconds=1))
    receiver.statuses = [200]
    courier.deliver(endpoint, utc_now())
    assert courier.deliver(endpoint, utc_now() + timedelta(days=2)) is None
    assert scores(receiver) == [3.0, 9.0]
    assert len(set(receiver.ids)) == 2
    assert [told["sequence"] for told in receiver.told] == [1, 2]
    assert lms.wish().state is Progress.DELIVERED


def test_a_grade_that_changes_while_the_old_one_is_under_way_waits_for_its_end(
    school: School, lms: Lms, courier: Courier, receiver: Receiver, endpoint: str
) -> None:
    """Never two about one student and exercise at once, and the success of the old one does not stand for the new."""
    lms.grade(3.0)

    def meanwhile() -> None:
        receiver.meanwhile = lambda: None
        lms.grade(9.0)
        assert courier.deliver(endpoint, utc_now()) is None
        assert school.parts.wishes.due(utc_now()) == []

    receiver.meanwhile = meanwhile
    courier.deliver(endpoint, utc_now())
    assert lms.wish().state is Progress.WAITING
    courier.deliver(endpoint, utc_now())
    assert (scores(receiver), receiver.overlaps) == ([3.0, 9.0], [])
    assert lms.wish().state is Progress.DELIVERED


def test_an_old_one_that_fails_does_not_put_the_new_one_off(
    lms: Lms, courier: Courier, receiver: Receiver, endpoint: str
) -> None:
    lms.grade(3.0)

    def meanwhile() -> None:
        receiver.meanwhile = lambda: None
        lms.grade(9.0)

    receiver.meanwhile, receiver.statuses = meanwhile, [500, 200]
    courier.deliver(endpoint, utc_now())
    assert (lms.wish().attempts, lms.wish().next_try_at <= utc_now()) == (0, True)
    courier.deliver(endpoint, utc_now())
    assert scores(receiver) == [3.0, 9.0]


def test_an_endpoint_that_is_off_is_owed_all_the_same(
    school: School, lms: Lms, courier: Courier, receiver: Receiver, endpoint: str
) -> None:
    """Off for a month: each student's newest grade, once; what was told before is not said again."""
    lms.grade(10.0, who="bob")
    courier.deliver(endpoint, utc_now())
    assert school.parts.endpoints.disable_endpoint(endpoint, "off") == 0
    for score in (1.0, 2.0, 3.0):
        lms.grade(score)
    lms.grade(5.0, assignment="conv")
    month = utc_now() + timedelta(days=30)
    assert courier.deliver(endpoint, month) is None
    assert school.parts.endpoints.owed(school.course) == {endpoint: 2}
    assert school.parts.endpoints.enable(endpoint, month) == 2
    while courier.deliver(endpoint, month) is not None:
        pass
    assert sorted(scores(receiver)) == [3.0, 5.0, 10.0]
    assert school.parts.endpoints.owed(school.course) == {}


def test_an_endpoint_that_is_switched_off_while_a_message_is_under_way(
    school: School, lms: Lms, courier: Courier, receiver: Receiver, endpoint: str
) -> None:
    lms.grade(10.0)
    lms.grade(10.0, who="bob")
    receiver.meanwhile = lambda: school.parts.endpoints.disable_endpoint(endpoint, "off")
    courier.deliver(endpoint, utc_now())
    assert courier.deliver(endpoint, utc_now()) is None
    assert lms.wish(student_name="Ada").state is Progress.DELIVERED
    assert (lms.wish(student_name="Bob").state, len(receiver.got)) == (Progress.WAITING, 1)


@pytest.mark.parametrize("status", [410, 500])
def test_what_fails_after_an_operator_switched_off_leaves_the_operators_words(
    school: School, lms: Lms, courier: Courier, receiver: Receiver, endpoint: str, status: int
) -> None:
    lms.grade(10.0)
    receiver.statuses = [status]
    receiver.meanwhile = lambda: school.parts.endpoints.disable_endpoint(endpoint, "by hand")
    courier.deliver(endpoint, utc_now())
    known = school.parts.endpoints.endpoint(endpoint, utc_now())
    assert (known.enabled, known.disabled_reason) == (False, "by hand")
    assert school.parts.endpoints.owed(school.course) == {endpoint: 1}


def test_an_endpoint_that_is_removed_while_a_message_is_under_way(
    school: School, lms: Lms, courier: Courier, receiver: Receiver, endpoint: str
) -> None:
    lms.grade(10.0)
    receiver.meanwhile = lambda: school.parts.endpoints.remove(endpoint)
    assert courier.deliver(endpoint, utc_now()) is not None
    for table in ("wishes", "wish_messages", "wish_tries", "webhook_endpoints"):
        with school.parts.database.read() as session:
            assert session.scalar(text(f"SELECT count(*) FROM {table}")) == 0


def test_everybodys_newest_is_said_again_under_the_old_ids(
    school: School, lms: Lms, courier: Courier, receiver: Receiver, endpoint: str
) -> None:
    """And what the endpoint was never owed, because it is older than it; a second press while they wait adds nothing."""
    lms.grade(10.0)
    courier.deliver(endpoint, utc_now())
    with school.parts.database.write() as session:
        session.execute(text("DELETE FROM wish_tries"))
        session.execute(text("DELETE FROM wish_messages"))
        session.execute(text("DELETE FROM wishes"))
    lms.grade(7.0, who="bob")
    courier.deliver(endpoint, utc_now())
    for _ in range(2):
        assert school.parts.endpoints.enable(endpoint, utc_now(), everybody=True) == 2
    while courier.deliver(endpoint, utc_now()) is not None:
        pass
    assert scores(receiver) == [10.0, 7.0, 7.0, 10.0] or scores(receiver) == [10.0, 7.0, 10.0, 7.0]
    again = [index for index, told in enumerate(receiver.told) if told["score"] == 7.0]
    assert len({receiver.ids[index] for index in again}) == 1


def test_the_last_attempt_is_the_lmss_last_whatever_came_first(
    school: School, lms: Lms, courier: Courier, receiver: Receiver, endpoint: str
) -> None:
    """Attempt 2 overtakes attempt 1 on its way here: the LMS is told 10 points, and then 10 again."""
    assert school.parts.courses.set_rule(school.course, CountingRule.LAST, utc_now()) == 0
    second = lms.grade(10.0, attempt=2)
    courier.deliver(endpoint, utc_now())
    lms.grade(0.0, attempt=1)
    courier.deliver(endpoint, utc_now())
    assert scores(receiver) == [10.0, 10.0]
    assert {told["counting_submission_id"] for told in receiver.told} == {second}
    (line,) = school.parts.queries.grades(school.course, CountingRule.LAST, school.ids["ada"])
    assert line.submission == second


def test_a_change_of_rule_tells_whom_it_concerns(
    school: School, lms: Lms, courier: Courier, receiver: Receiver, endpoint: str
) -> None:
    best = lms.grade(9.0)
    last = lms.grade(3.0)
    lms.grade(8.0, who="bob")
    while courier.deliver(endpoint, utc_now()) is not None:
        pass
    before = len(receiver.got)
    for rule, told, score in ((CountingRule.LAST, last, 3.0), (CountingRule.BEST, best, 9.0)):
        moment = utc_now()
        assert school.parts.courses.set_rule(school.course, rule, moment) == 1
        assert school.parts.courses.set_rule(school.course, rule, moment) == 0
        while courier.deliver(endpoint, moment) is not None:
            pass
        data = receiver.told[-1]
        assert (data["score"], data["counting_rule"]) == (score, rule.value)
        assert data["counting_submission_id"] == data["grader_submission_id"] == told
    assert len(receiver.got) == before + 2
    change = school.parts.courses.changes(school.course)[0]
    assert (change.action, change.old, change.new) == ("rule", {"rule": "last"}, {"rule": "best"})
    assert school.parts.courses.set_rule("nonsense", CountingRule.LAST, utc_now()) is None


def test_a_clock_that_was_put_back_still_makes_later_messages(
    school: School, lms: Lms, courier: Courier, receiver: Receiver, endpoint: str
) -> None:
    lms.grade(3.0)
    courier.deliver(endpoint, utc_now())
    lms.seconds = 9000
    lms.grade(9.0)
    courier.deliver(endpoint, utc_now())
    first, second = (json.loads(body)["timestamp"] for _, body in receiver.got)
    assert first < second


def test_two_that_claim_at_once_have_two_messages_or_one(
    school: School, lms: Lms, courier: Courier, endpoint: str
) -> None:
    lms.grade(3.0)
    lms.grade(3.0, who="bob")
    now = utc_now()
    until = now + timedelta(seconds=60)
    claims = [school.parts.wishes.claim(endpoint, now, until, courier.write) for _ in range(3)]
    assert len({one.id for one in claims if one is not None}) == 2
    assert claims[2] is None


def test_a_sender_whose_claim_ran_out_changes_nothing_by_failing(
    school: School, lms: Lms, courier: Courier, receiver: Receiver, endpoint: str
) -> None:
    """A worker that was paused for longer than its claim: another one has told it since."""
    lms.grade(3.0)
    now = utc_now()
    paused = school.parts.wishes.claim(endpoint, now, now + timedelta(seconds=60), courier.write)
    courier.deliver(endpoint, now + timedelta(seconds=61))
    later = After(Progress.WAITING, now + timedelta(hours=5))
    assert not school.parts.wishes.note_try(paused, Try(now, 500, "x"), later)
    assert (lms.wish().state, receiver.ids) == (Progress.DELIVERED, [paused.id])
    other = replace(paused, number=paused.number - 1)
    assert not school.parts.wishes.note_try(other, Try(now, 200, None), After(Progress.DELIVERED))
    with school.parts.database.read() as session:
        assert session.scalars(select(WishRow)).one().told_number == paused.number


def test_ten_thousand_owed_cost_a_round_no_more_than_a_few(
    school: School, lms: Lms, courier: Courier, endpoint: str
) -> None:
    """Each statement of a round and of a claim finds its rows by an index, and sorts nothing."""
    lms.grade(3.0)
    with school.parts.database.write() as session:
        session.execute(text("PRAGMA foreign_keys = OFF"))
        row = session.scalars(select(WishRow)).one()
        columns = {name: getattr(row, name) for name in WishRow.__mapper__.columns.keys()}  # noqa: SIM118 - by name
        many = [columns | {"id": f"{number:026}", "assignment": f"a{number}"} for number in range(10_000)]
        session.execute(WishRow.__table__.insert(), many)
    said: list[tuple[str, Any]] = []

    def hear(_conn: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        if "wishes" in statement and statement.startswith("SELECT"):
            said.append((statement, parameters))

    engine = school.parts.database.engine
    event.listen(engine, "before_cursor_execute", hear)
    now = utc_now()
    assert school.parts.wishes.due(now) == [endpoint]
    assert school.parts.wishes.claim(endpoint, now, now, courier.write) is not None
    event.remove(engine, "before_cursor_execute", hear)
    assert len(said) == 2
    for statement, parameters in said:
        with engine.connect() as connection:
            plan = [
                str(line[3])
                for line in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            ]
        assert any("wishes USING" in line and "ix_wishes_due" in line for line in plan), plan
        assert not any("TEMP B-TREE" in line or "SCAN wishes" in line for line in plan), plan
