"""Messages from an LMS at the real door, and the page for staff."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from grader.db.access_tables import LmsIdentityRow
from grader.db.columns import utc_now
from grader.db.tables import SubmissionRow, UserRow
from grader.db.webhook_tables import InboundDeliveryRow
from grader.domain.course import Role
from grader.domain.report import Verdict
from grader.lms.signature import make_secret, sign
from grader.services.ports import Origin
from tests.visitors import served

PAGE = Path(__file__).resolve().parents[4] / "docs" / "webhooks.md"
SECRET = make_secret()
School = Any


def event(**data: Any) -> dict[str, Any]:
    """A good event with some fields of its data changed."""
    good: dict[str, Any] = {
        "platform": "campus", "course_id": "7", "assignment_id": "dense", "submission_id": "99", "attempt": 1,
        "user": {"id": "U-1", "name": "Zoë <b>", "email": "ada@example.edu", "sis_id": "S1"},
        "submitted_at": "2026-11-20T20:35:00Z", "code": "x = 1\n",
    }  # fmt: skip
    return {"type": "submission.created", "timestamp": "2026-11-20T20:35:00Z", "data": good | data}


class Lms:
    """Sends signed messages."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.number = 0

    def send(self, message: Any, *, to: str = "campus", secret: str = SECRET, **more: Any) -> Any:
        self.number += 1
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        moment = more.get("moment") or utc_now()
        headers = sign([secret], more.get("message_id") or f"msg_{self.number}", moment, body)
        return self.client.post(f"/webhooks/lms/{to}", data=body, headers=headers | more.get("headers", {}))


@pytest.fixture
def lms(client: Any, school: School) -> Lms:
    """The LMS of course `keras`."""
    assert school.parts.sources.add(school.course, "campus", SECRET)
    return Lms(client)


def rows(school: School, table: Any) -> list[Any]:
    with school.parts.database.read() as session:
        return list(session.scalars(select(table)))


def test_a_submission_comes_in(lms: Lms, school: School) -> None:
    answer = lms.send(event())
    assert (answer.status_code, answer.json["status"]) == (202, "accepted")
    saved = school.parts.store.get(answer.json["submission_id"])
    assert (saved.origin, saved.assignment, saved.course, saved.source, saved.attempt) == (
        Origin.LMS, "dense", school.course, "x = 1\n", 1,
    )  # fmt: skip
    assert saved.external["submission_id"] == "99"
    assert saved.external["source"] == "campus"
    person = school.parts.accounts.store.user(saved.student)
    assert (person.email.endswith("@invalid"), person.display_name, person.has_password) == (
        True,
        "Zoë <b>",
        False,
    )
    assert school.parts.courses.role(school.course, saved.student) is Role.STUDENT


def test_people_are_known_by_id_and_never_by_address(lms: Lms, school: School) -> None:
    first = lms.send(event()).json["submission_id"]
    second = lms.send(event(submission_id="100")).json["submission_id"]
    other = lms.send(event(submission_id="101", user={"id": "u-1", "email": "ada@example.edu"})).json[
        "submission_id"
    ]
    students = [school.parts.store.get(one).student for one in (first, second, other)]
    assert students[0] == students[1] != students[2]
    assert school.ids["ada"] not in students
    assert len(rows(school, LmsIdentityRow)) == 2


@pytest.mark.parametrize("planted_first", [True, False])
def test_a_students_key_never_meets_one_of_the_lms(lms: Lms, school: School, planted_first: bool) -> None:
    """At both doors: the student knows how our keys of an LMS are made, and has a token of the account that it means."""
    first = lms.send(event(submission_id="1")).json["submission_id"]
    student = school.parts.store.get(first).student
    token, _ = school.parts.accounts.issue_token(student, "laptop", utc_now())
    source = school.parts.sources.source("campus", utc_now())
    digest = hashlib.sha256(b"1:99").hexdigest()
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"lms:{source.id}:{digest}"}

    def plant() -> Any:
        work = {"assignment": "dense", "source": "mine = 1\n"}
        return lms.client.post("/api/v1/submissions", json=work, headers=headers)

    planted = plant() if planted_first else None
    true = lms.send(event())
    assert (true.status_code, true.json["status"]) == (202, "accepted")
    planted = planted or plant()
    assert planted.status_code == 202
    assert planted.json["id"] != true.json["submission_id"]
    (key,) = [
        row.idempotency_key for row in rows(school, SubmissionRow) if row.id == true.json["submission_id"]
    ]
    assert key == headers["Idempotency-Key"], "the student has guessed it"
    assert school.parts.store.get(true.json["submission_id"]).source == "x = 1\n"
    assert lms.send(event()).json["submission_id"] == true.json["submission_id"]
    assert plant().json["id"] == planted.json["id"]


def test_an_address_that_is_taken_merges_nobody(lms: Lms, school: School) -> None:
    squatter = school.parts.accounts.create("lms-campus-u-1@invalid", "Squatter")
    saved = lms.send(event(user={"id": "u-1"})).json["submission_id"]
    assert school.parts.store.get(saved).student != squatter.id


def test_a_person_who_became_a_ta_stays_one(lms: Lms, school: School) -> None:
    student = school.parts.store.get(lms.send(event()).json["submission_id"]).student
    school.parts.courses.set_role(school.course, student, Role.TA)
    assert lms.send(event(submission_id="100")).status_code == 202
    assert school.parts.courses.role(school.course, student) is Role.TA


def test_a_message_that_comes_twice_does_nothing_twice(lms: Lms, school: School) -> None:
    first = lms.send(event(), message_id="same")
    again = lms.send(event(), message_id="same")
    assert (again.status_code, again.json) == (
        202, {"status": "already received", "submission_id": first.json["submission_id"]},
    )  # fmt: skip
    changed = lms.send(event(submission_id="other"), message_id="same")
    assert (changed.status_code, changed.json["field"]) == (422, "webhook-id")
    assert len(rows(school, SubmissionRow)) == len(rows(school, InboundDeliveryRow)) == 1


def test_a_submission_that_comes_under_two_ids_is_graded_once(lms: Lms, school: School) -> None:
    first = lms.send(event()).json["submission_id"]
    for changed in ({}, {"submitted_at": "2026-11-20T20:36:00Z"}, {"user": {"id": " U-1 "}}):
        again = lms.send(event(**changed))
        assert again.json == {"status": "already received", "submission_id": first}
    assert lms.send(event(attempt=2)).json["status"] == "accepted"
    assert len(rows(school, SubmissionRow)) == 2
    assert len(rows(school, UserRow)) == 6


@pytest.mark.parametrize("attempt", [1, None])
@pytest.mark.parametrize(
    ("changed", "field"),
    [({"user": {"id": "somebody else"}}, "data.user.id"), ({"assignment_id": "conv"}, "data.assignment_id")],
)
def test_a_submission_belongs_to_one_person_and_one_assignment(
    lms: Lms, school: School, attempt: int | None, changed: dict[str, Any], field: str
) -> None:
    lms.send(event(attempt=attempt))
    answer = lms.send(event(attempt=attempt, **changed))
    assert (answer.status_code, answer.json["field"]) == (422, field)
    assert (len(rows(school, SubmissionRow)), len(rows(school, LmsIdentityRow))) == (1, 1)


def test_an_attempt_with_a_number_never_changes(lms: Lms, school: School) -> None:
    lms.send(event())
    answer = lms.send(event(code="y = 2\n"))
    assert (answer.status_code, answer.json["field"]) == (422, "data.code")
    file = {"name": "a.py", "content_base64": "eSA9IDIK"}
    assert lms.send(event(code=None, files=[file])).json["field"] == "data.files"
    assert [one.source for one in rows(school, SubmissionRow)] == ["x = 1\n"]


def test_without_a_number_other_content_or_a_later_time_is_the_next_attempt(lms: Lms, school: School) -> None:
    sent = [
        lms.send(event(attempt=None, code=code, submitted_at=f"2026-11-20T{clock}:00Z")).json
        for code, clock in (
            ("x = 1\n", "10:00"), ("y = 2\n", "11:00"), ("x = 1\n", "12:00"),
            ("y = 2\n", "11:00"), ("x = 1\n", "10:00"), (" ", "12:00"), ("", "12:00"), (" ", "12:00"),
        )
    ]  # fmt: skip
    assert [one["status"] for one in sent] == [*["accepted"] * 3, *["already received"] * 2, *["accepted"] * 2,
                                               "already received"]  # fmt: skip
    ids = [one["submission_id"] for one in sent]
    assert (ids[3], ids[4], ids[7]) == (ids[1], ids[2], ids[5])
    kept = {one.id: one.external["attempt"] for one in rows(school, SubmissionRow)}
    assert [kept[ids[place]] for place in (0, 1, 2, 5, 6)] == ["1", "2", "3", "4", "5"]


def test_what_was_saved_by_a_process_that_died_before_it_wrote_it_down_is_kept(
    lms: Lms, school: School
) -> None:
    """The same message finds its submission, another one without a number comes after it."""
    first = lms.send(event(attempt=None)).json["submission_id"]
    with school.parts.database.write() as session:
        session.execute(delete(InboundDeliveryRow))
    assert lms.send(event(code="y = 2\n")).json["field"] == "data.code"
    second = lms.send(event(attempt=None, code="y = 2\n")).json["submission_id"]
    assert school.parts.store.get(second).external["attempt"] == "2"
    assert lms.send(event(attempt=1)).json["submission_id"] == first
    assert len(rows(school, SubmissionRow)) == 2


def test_a_repetition_is_known_after_the_assignment_was_mapped_elsewhere(lms: Lms, school: School) -> None:
    first = lms.send(event()).json["submission_id"]
    source = school.parts.sources.source("campus", utc_now())
    school.parts.sources.map_assignment(source.id, "dense", "conv")
    assert lms.send(event()).json == {"status": "already received", "submission_id": first}


def test_a_name_that_comes_later_is_shown(lms: Lms, school: School) -> None:
    saved = lms.send(event(user={"id": "U-1"})).json["submission_id"]
    student = school.parts.store.get(saved).student
    names = []
    for number, name in enumerate((None, "Zoë", "Another")):
        lms.send(event(submission_id=f"n{number}", user={"id": "U-1", "name": name}))
        names.append(school.parts.accounts.store.user(student).display_name)
    assert names == ["U-1", "Zoë", "Zoë"]


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00:00+14:00", "1999-12-31T00:00:00Z", "2099-01-01T00:00:00Z"]
)
def test_a_time_that_cannot_be_is_named(lms: Lms, moment: str) -> None:
    answer = lms.send(event(submitted_at=moment))
    assert (answer.status_code, answer.json["field"]) == (422, "data.submitted_at")


def test_an_old_replay_is_refused(lms: Lms, school: School) -> None:
    assert lms.send(event(), moment=utc_now() - timedelta(minutes=6)).status_code == 401
    assert lms.send(event(), moment=utc_now() + timedelta(minutes=6)).status_code == 401
    assert rows(school, SubmissionRow) == []


def test_what_is_not_proven_is_answered_alike(lms: Lms, school: School) -> None:
    refused = [
        lms.send(event(), secret=make_secret()),
        lms.send(event(), to="nobody"),
        lms.send(event(), headers={"webhook-signature": "v1"}),
        lms.send(event(), headers={"webhook-signature": "v1,ÿ"}),
        lms.send(event(), headers={"webhook-timestamp": "now"}),
        lms.send(event(), headers={"webhook-id": "a.b"}),
        lms.send(b"\xff", secret=make_secret()),
        lms.client.post("/webhooks/lms/campus", json=event()),
    ]
    assert school.parts.sources.remove("campus")
    refused.append(lms.send(event()))
    assert {answer.status_code for answer in refused} == {401}
    assert len({answer.data for answer in refused}) == 1
    assert refused[0].content_type == "application/problem+json"
    assert rows(school, SubmissionRow) == []


def test_rotation(lms: Lms, school: School) -> None:
    fresh = make_secret()
    assert school.parts.sources.rotate("campus", fresh, utc_now())
    assert lms.send(event()).status_code == 202
    assert lms.send(event(submission_id="100"), secret=fresh).status_code == 202
    assert school.parts.sources.rotate("campus", make_secret(), utc_now() - timedelta(hours=25))
    assert lms.send(event(submission_id="101"), secret=fresh).status_code == 401


def test_a_removed_source_comes_back_with_its_people(lms: Lms, school: School) -> None:
    lms.send(event())
    assert not school.parts.sources.add(school.course, "campus", SECRET)
    assert school.parts.sources.remove("campus")
    assert school.parts.sources.add(school.course, "campus", SECRET)
    assert lms.send(event(submission_id="100")).status_code == 202
    assert len(rows(school, LmsIdentityRow)) == 1


def test_other_events_are_ignored_and_remembered(lms: Lms, school: School) -> None:
    other = {"type": "course.updated", "timestamp": "2026-11-20T20:35:00Z", "data": 5}
    answer = lms.send(other, message_id="m")
    assert (answer.status_code, answer.json) == (202, {"status": "ignored"})
    assert lms.send(other, message_id="m").json == {"status": "already received"}


def test_a_bad_field_is_named_and_may_be_put_right_under_the_same_id(lms: Lms, school: School) -> None:
    answer = lms.send(event(user={}), message_id="m")
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert answer.json["field"] == "data.user.id"
    assert lms.send(event(assignment_id="nonsense")).json["field"] == "data.assignment_id"
    assert lms.send(b"\xff").json["field"] == "body"
    assert rows(school, LmsIdentityRow) == []
    assert lms.send(event(), message_id="m").json["status"] == "accepted"


def test_assignments_are_mapped(lms: Lms, school: School) -> None:
    source = school.parts.sources.source("campus", utc_now())
    school.parts.sources.map_assignment(source.id, "48151", "conv")
    saved = lms.send(event(assignment_id=48151)).json["submission_id"]
    assert school.parts.store.get(saved).assignment == "conv"


def test_code_that_cannot_be_read_gets_its_report(lms: Lms, school: School) -> None:
    saved = school.parts.store.get(lms.send(event(code="  ")).json["submission_id"])
    assert saved.verdict is Verdict.INVALID


def test_too_much_is_refused_before_it_is_read(lms: Lms) -> None:
    assert lms.send(b"x" * (1024 * 1024 + 1)).status_code == 413
    assert lms.client.get("/webhooks/lms/campus").status_code == 405


def test_the_sender_of_the_documentation(lms: Lms, app: Any, school: School) -> None:
    """The program in docs/webhooks.md, as it stands there, against a real server."""
    found = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    with served(app) as address:
        environ = os.environ | {
            "WEBHOOK_URL": f"{address}/webhooks/lms/campus",
            "WEBHOOK_SECRET": SECRET,
            "ASSIGNMENT": "dense",
        }
        done = subprocess.run(
            [sys.executable, "-c", found[1]], env=environ, capture_output=True, text=True, timeout=60
        )
    assert done.stdout.startswith("202 "), done.stderr
    saved = rows(school, SubmissionRow)
    assert [(one.external["submission_id"], one.source) for one in saved] == [
        ("1001", "def build_model():\n    return None\n")
    ]


def test_staff_see_what_is_owed_and_send_it_again(browser: Any, school: School, make_report: Any) -> None:
    endpoint = school.parts.endpoints.add_endpoint(school.course, "https://lms.example/<hook>", SECRET)
    school.grade(school.hand_in(), make_report(), utc_now())
    (wish,) = school.parts.wishes.wishes(school.course, utc_now())
    school.parts.endpoints.disable_endpoint(endpoint, "It answered <b>410</b>.")
    browser.sign_in("tess")
    page = browser.client.get("/courses/keras/webhooks").text
    assert "Ada" in page
    assert "Grades that it does not know: 1" in page
    assert "until its endpoint is on" in page
    assert "&lt;b&gt;410" in page
    assert SECRET not in page
    path = "/courses/keras/webhooks"
    assert (
        "its endpoint is off"
        in browser.client.get(browser.post(f"{path}/{wish.id}/replay", path).location).text
    )
    answer = browser.post(f"{path}/endpoints/{endpoint}/enable", path)
    assert "The endpoint is on. Grades to send: 1." in browser.client.get(answer.location).text
    assert "in line again" in browser.client.get(browser.post(f"{path}/{wish.id}/replay", path).location).text
    assert school.parts.wishes.wish(wish.id, utc_now()).state == "waiting"
    assert "Webhooks" in browser.client.get("/courses/keras/dashboard").text


def test_staff_send_everybodys_newest(browser: Any, school: School, make_report: Any) -> None:
    """Also to an endpoint that is on, and grades from before it was there."""
    school.grade(school.hand_in(), make_report(), utc_now())
    endpoint = school.parts.endpoints.add_endpoint(school.course, "https://lms.example/", SECRET)
    browser.sign_in("tess")
    path = "/courses/keras/webhooks"
    assert "Send everybody&#39;s newest" in browser.client.get(path).text
    answer = browser.post(f"{path}/endpoints/{endpoint}/enable", path, everybody="1")
    assert "Grades to send: 1." in browser.client.get(answer.location).text
    (wish,) = school.parts.wishes.wishes(school.course, utc_now())
    assert (wish.student_name, wish.state) == ("Ada", "waiting")


@pytest.mark.parametrize(("who", "status"), [("ada", 403), ("otto", 404)])
def test_nobody_else_sees_them(browser: Any, school: School, who: str, status: int) -> None:
    browser.sign_in(who)
    assert browser.client.get("/courses/keras/webhooks").status_code == status


def test_a_source_is_shown_with_its_whole_address(browser: Any, school: School) -> None:
    school.parts.settings = replace(school.parts.settings, public_url="https://grader.example.edu/")
    school.parts.sources.add(school.course, "campus", SECRET)
    browser.sign_in("tess")
    page = browser.client.get("/courses/keras/webhooks").text
    assert "<code>https://grader.example.edu/webhooks/lms/campus</code>" in page


def test_staff_of_another_course_change_nothing(browser: Any, school: School, make_report: Any) -> None:
    endpoint = school.parts.endpoints.add_endpoint(school.course, "https://lms.example/", SECRET)
    school.grade(school.hand_in(), make_report(), utc_now())
    school.parts.endpoints.disable_endpoint(endpoint, "off")
    now = utc_now()
    (wish,) = school.parts.wishes.wishes(school.course, now)
    browser.sign_in("otto")
    path = "/courses/other/webhooks"
    for inside in (f"/endpoints/{endpoint}/enable", f"/{wish.id}/replay"):
        assert browser.post(path + inside, "/").status_code == 302
        assert browser.post(path.replace("other", "keras") + inside, "/").status_code == 404
    assert not school.parts.endpoints.endpoint(endpoint, utc_now()).enabled
    assert school.parts.wishes.wish(wish.id, now) == wish
