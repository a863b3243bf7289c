from __future__ import annotations

import copy
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update

from grader.db.queries import Filter
from grader.db.tables import ReportRow, SubmissionRow
from grader.domain.report import PartReport, Provenance, Verdict
from grader.domain.submission import Stage, State
from grader.domain.training import PlanName, SeededRun, TrainingRun
from grader.services.ports import KeyInUse, Step

School = Any
SECOND = timedelta(seconds=1)


def test_a_key_gives_the_first_submission_again(school: School) -> None:
    first = school.hand_in(idempotency_key="k")
    again = school.hand_in(idempotency_key="k")
    other = school.hand_in("bob", source="y = 2\n", idempotency_key="k")
    assert first.id == again.id != other.id
    assert again.attempt == 1


@pytest.mark.parametrize("first", ["x = 1\n", "", "\0"])
def test_a_key_is_bound_to_what_it_was_used_for(school: School, first: str) -> None:
    """Also where the bytes are no source, and nothing of them is kept but what they were."""
    school.hand_in(source=first, idempotency_key="k")
    with pytest.raises(KeyInUse) as caught:
        school.hand_in(source=" " if first != " " else "y", idempotency_key="k")
    assert caught.value.field == "content"
    with pytest.raises(KeyInUse) as caught:
        school.hand_in(source=first, assignment="conv", idempotency_key="k")
    assert caught.value.field == "assignment"
    assert len(school.parts.queries.submissions(Filter()).items) == 1


def test_a_key_from_before_the_bytes_were_kept_is_bound_to_its_source(school: School) -> None:
    first = school.hand_in(idempotency_key="k")
    with school.parts.database.write() as session:
        session.execute(update(SubmissionRow).values(content_sha256=None))
    assert school.hand_in(idempotency_key="k").id == first.id
    with pytest.raises(KeyInUse):
        school.hand_in(source="y = 2\n", idempotency_key="k")


def test_a_report_is_saved_once(school: School, make_report: Any, now: datetime) -> None:
    submission, store = school.hand_in(), school.parts.store
    assert store.save_report(submission.id, 1, make_report(), now)
    assert not store.save_report(submission.id, 1, make_report(Verdict.FAILED, 0.0), now)
    saved = store.get(submission.id)
    assert (saved.state, saved.verdict, saved.score, saved.done_at) == (State.DONE, Verdict.PASSED, 10.0, now)


@pytest.mark.parametrize("attempt", [0, 2])
def test_a_report_of_another_attempt_is_refused(
    school: School, make_report: Any, now: datetime, attempt: int
) -> None:
    submission = school.hand_in()
    assert not school.parts.store.save_report(submission.id, attempt, make_report(), now)
    assert school.parts.store.latest_report(submission.id) is None


def test_only_one_of_two_dispatchers_wins(school: School, now: datetime) -> None:
    submission, store = school.hand_in(), school.parts.store
    assert store.begin_dispatch(submission.id, 1, None, now).attempt == 2
    assert store.begin_dispatch(submission.id, 1, None, now) is None


def test_progress_moves_only_the_current_attempt(school: School, now: datetime) -> None:
    submission, store = school.hand_in(), school.parts.store
    lease = now + 20 * SECOND
    assert not store.note_stage(Step(submission.id, 2, Stage.TRAIN), now, lease)
    assert not store.extend_lease(submission.id, 1, lease)
    assert store.note_stage(Step(submission.id, 1, Stage.TRAIN), now, lease)
    running = store.get(submission.id)
    assert (running.state, running.stage, running.started_at) == (State.RUNNING, Stage.TRAIN, now)
    assert store.note_stage(Step(submission.id, 1, Stage.SCORE), now + SECOND, lease)
    assert store.get(submission.id).started_at == now


def test_what_comes_after_the_report_changes_nothing(school: School, make_report: Any, now: datetime) -> None:
    submission, store = school.hand_in(), school.parts.store
    store.save_report(submission.id, 1, make_report(), now)
    assert not store.note_stage(Step(submission.id, 1, Stage.TRAIN), now, now)
    assert store.note_fault(submission.id, 1, now, "late") is None
    assert not store.note_loss(submission.id, 1, now)
    assert store.begin_dispatch(submission.id, 1, None, now) is None
    assert store.get(submission.id).state is State.DONE


def test_a_regrade_keeps_the_old_report_and_writes_the_change_down(
    school: School, make_report: Any, now: datetime
) -> None:
    submission, store = school.hand_in(), school.parts.store
    school.grade(submission, make_report(Verdict.FAILED, 4.0))
    assert store.reopen(submission.id, school.ids["tess"], "threshold was wrong", "sha256:dense", now)
    assert not store.reopen(submission.id, school.ids["tess"], "", "sha256:dense", now)
    school.parts.dispatcher.dispatch(store.get(submission.id), now)
    school.grade(submission, make_report())
    assert [old.attempt for old in school.parts.queries.reports(submission.id)] == [2, 1]
    (change,) = school.parts.queries.changes(submission.id)
    assert (change.changed_by, change.reason) == ("Tess", "threshold was wrong")
    assert change.old == {"verdict": "failed", "score": 4.0}
    assert change.new == {"verdict": "passed", "score": 10.0}


def test_our_fault_never_replaces_a_grade(school: School, make_report: Any, now: datetime) -> None:
    submission, store = school.hand_in(), school.parts.store
    school.grade(submission, make_report())
    store.reopen(submission.id, school.ids["tess"], "", "sha256:dense", now)
    school.parts.dispatcher.dispatch(store.get(submission.id), now)
    school.grade(submission, make_report(Verdict.GRADER_ERROR, None))
    after = store.get(submission.id)
    assert (after.verdict, after.score, after.state) == (Verdict.PASSED, 10.0, State.DONE)
    assert store.latest_report(submission.id).verdict is Verdict.PASSED


def test_a_report_from_before_an_upgrade_is_still_read(
    school: School, make_report: Any, now: datetime
) -> None:
    """A later release adds keys with defaults; what was stored without them stays readable."""
    submission, store = school.hand_in(), school.parts.store
    run = TrainingRun((SeededRun(0, 1, {"loss": (0.5,)}),))
    known = Provenance("0.1", "3.15.1", "2.21.0", "bubblewrap")
    store.save_report(
        submission.id,
        1,
        replace(make_report(), provenance=known, parts=(PartReport("m", "f", training=run),)),
        now,
    )
    with school.parts.database.write() as session:
        session.execute(text("DROP TRIGGER reports_append_only_update"))
        row = session.scalar(select(ReportRow))
        old = copy.deepcopy(row.report)
        del old["provenance"]["plan"], old["parts"][0]["training"]["threshold"]
        row.report = old
    assert store.latest_report(submission.id).provenance.plan is PlanName.CLASS
