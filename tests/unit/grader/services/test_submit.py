from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from grader.domain.report import Verdict
from grader.domain.submission import State
from grader.messages import render_report
from grader.services.submit import UnknownAssignment

School = Any


def test_refused_bytes_are_saved_with_a_report_and_never_queued(school: School, parts: Any) -> None:
    saved = school.hand_in(data=b"%PDF-1.4")
    assert (saved.state, saved.verdict, saved.score, saved.max_score) == (
        State.DONE,
        Verdict.INVALID,
        0.0,
        10.0,
    )
    public = render_report(parts.store.latest_report(saved.id))
    assert public["reason"] == "bad_upload"
    assert "PDF" in public["feedback"]
    assert (
        list(
            (parts.settings.data_dir / "queue" / "messages").glob("*")
            if (parts.settings.data_dir / "queue").exists()
            else []
        )
        == []
    )


def test_an_upload_is_queued_after_it_was_saved(school: School, parts: Any, now: datetime) -> None:
    saved = school.hand_in()
    assert (saved.state, saved.attempt, saved.dispatched_at) == (State.QUEUED, 1, now)
    assert len(list((parts.settings.data_dir / "queue" / "messages").glob("*.grading.msg"))) == 1


def test_an_unknown_assignment_is_no_submission(school: School, parts: Any) -> None:
    with pytest.raises(UnknownAssignment):
        school.hand_in(assignment="nonsense")
    assert parts.backlog.unfinished() == []
