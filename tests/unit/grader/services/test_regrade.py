from __future__ import annotations

from datetime import datetime
from typing import Any

from grader.domain.submission import State
from grader.services.regrade import regrade

School = Any


def test_only_what_is_final_can_be_graded_again(school: School, make_report: Any, now: datetime) -> None:
    parts, saved = school.parts, school.hand_in()
    assert not regrade(saved.id, school.ids["tess"], "", parts.dispatcher, now)
    school.grade(saved, make_report())
    assert regrade(saved.id, school.ids["tess"], "", parts.dispatcher, now)
    again = parts.store.get(saved.id)
    assert (again.state, again.attempt) == (State.QUEUED, 2)
    assert not regrade("none", school.ids["tess"], "", parts.dispatcher, now)
