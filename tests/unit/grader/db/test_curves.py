"""The class's median appears with the fifth student, and one student counts once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from grader.domain.report import PartReport
from grader.domain.training import SeededRun, TrainingRun

School = Any


def trained(report: Any, *accuracy: float | None) -> Any:
    run = TrainingRun((SeededRun(0, len(accuracy), {"accuracy": accuracy}),))
    return replace(report, parts=(PartReport("model", "build_model", training=run),))


def test_the_median_appears_with_the_fifth_student(school: School, make_report: Any, now: datetime) -> None:
    curves = school.parts.class_curves
    students = [
        school.parts.accounts.store.add_user(f"s{n}@example.edu", str(n), "x", is_admin=False).id
        for n in range(5)
    ]
    for number, student in enumerate(students):
        assert curves.median(school.course, "dense", "model") == {}
        school.ids[f"s{number}"] = student
        school.grade(school.hand_in(f"s{number}"), trained(make_report(), number / 10, None, number / 5))
    median = curves.median(school.course, "dense", "model")
    assert median == {"accuracy": (0.2, 0.4)}
    assert curves.median(school.course, "conv", "model") == {}
    assert curves.median(school.course, "dense", "other") == {}


def test_only_the_newest_network_of_a_student_counts(school: School, make_report: Any, now: datetime) -> None:
    for day, accuracy in enumerate((0.1, 0.2, 0.3, 0.4, 0.5, 0.6)):
        at = now + timedelta(days=day)
        school.grade(school.hand_in(at=at), trained(make_report(), accuracy), at)
    assert school.parts.class_curves.median(school.course, "dense", "model") == {}
