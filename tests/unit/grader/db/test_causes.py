from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from grader.domain.errors import Reason, StudentError
from grader.domain.message import message
from grader.domain.report import Report, Verdict
from grader.services.regrade import regrade

School = Any
MakeReport = Callable[..., Report]


def stopped(error: str, text: str = "") -> Report:
    told = message("exception_in_code", error=error, text=text)
    return Report.invalid("dense", "sha256:dense", 10.0, StudentError(Reason.BAD_CODE, told))


def test_a_class_is_grouped_by_what_stopped_it(school: School, make_report: MakeReport) -> None:
    for who, error in (
        ("ada", "NameError"),
        ("ada", "NameError"),
        ("bob", "NameError"),
        ("bob", "TypeError"),
    ):
        school.grade(school.hand_in(who), stopped(error, f"of {who}"))
    school.grade(school.hand_in("ada"), make_report())
    first, second = school.parts.causes.misconceptions(school.course)
    assert (first.cause, first.students, first.stuck, first.submissions) == (
        "exception_in_code error=NameError",
        2,
        1,
        3,
    )
    assert first.example[1].params["text"] == "of bob"
    assert (second.cause, second.students, second.stuck) == ("exception_in_code error=TypeError", 1, 1)


def test_only_what_counts_is_counted(school: School, make_report: MakeReport) -> None:
    submission = school.hand_in("ada")
    school.grade(submission, stopped("NameError"))
    assert regrade(submission.id, school.ids["tess"], "", school.parts.dispatcher, submission.received_at)
    school.grade(submission, make_report())
    assert school.parts.causes.misconceptions(school.course) == []


def test_another_course_and_another_exercise_are_not_mixed_in(school: School) -> None:
    school.grade(school.hand_in("ada"), stopped("NameError"))
    school.grade(school.hand_in("ada", assignment="conv"), stopped("NameError"))
    other = school.parts.courses.course("other").id
    assert school.parts.causes.misconceptions(other) == []
    assert [each.assignment for each in school.parts.causes.misconceptions(school.course, "conv")] == ["conv"]
    assert len(school.parts.causes.misconceptions(school.course)) == 2


def test_a_hint_reaches_everybody_who_meets_its_cause(school: School, now: datetime) -> None:
    causes, tess = school.parts.causes, school.ids["tess"]
    before = school.hand_in("ada")
    school.grade(before, stopped("NameError"))
    key = (school.course, "dense", "exception_in_code error=NameError")
    assert causes.hint_for(before.id) is None
    assert causes.write_hint(*key, " Look at line 1 ", tess, now)
    later, different = school.hand_in("bob"), school.hand_in("bob")
    school.grade(later, stopped("NameError"))
    school.grade(different, stopped("TypeError"))
    assert [causes.hint_for(each.id) for each in (before, later, different)] == ["Look at line 1"] * 2 + [
        None
    ]
    assert causes.write_hint(*key, "Look at line 2", tess, now)
    (hint,) = [each.hint for each in causes.misconceptions(school.course) if each.hint]
    assert (hint.text, hint.written_by) == ("Look at line 2", "Tess")
    assert causes.write_hint(*key, "  ", tess, now)
    assert causes.hint_for(later.id) is None


def test_a_hint_for_what_nobody_met_is_refused(school: School, now: datetime) -> None:
    assert not school.parts.causes.write_hint(school.course, "dense", "nothing", "x", school.ids["tess"], now)


def test_our_own_fault_afterwards_keeps_the_cause(school: School) -> None:
    submission = school.hand_in("ada")
    school.grade(submission, stopped("NameError"))
    assert regrade(submission.id, school.ids["tess"], "", school.parts.dispatcher, submission.received_at)
    school.grade(submission, Report.fault("dense", "sha256:dense", 10.0))
    (group,) = school.parts.causes.misconceptions(school.course)
    assert (group.students, Verdict.INVALID.value) == (1, school.parts.store.get(submission.id).verdict)
