"""Everything that was acknowledged is held against the database and against what the LMS was told."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select

from grader.db.tables import ReportRow, SubmissionRow
from grader.db.upload_keys import kept_key
from grader.services.ports import Origin
from grader.wiring import Wiring
from tests.chaos.client import Handed
from tests.chaos.receiver import Receiver

DONE = "done"


@dataclass
class Outcome:
    """What became of them; `seconds` from the acknowledgement to the end, `problems` in words."""

    count: int = 0
    seconds: list[float] = field(default_factory=list)
    grader_errors: int = 0
    stuck: int = 0
    after: float = 0.0
    problems: list[str] = field(default_factory=list)


def await_ends(parts: Wiring, handed: Sequence[Handed], longest: float) -> Outcome:
    """Wait until every one is final, or `longest` seconds have gone by; who came to which end is looked up then."""
    outcome = Outcome(len(handed))
    began = time.monotonic()
    open_ones = {one.submission: one for one in handed if one.submission}
    while open_ones and time.monotonic() - began < longest:
        now = time.monotonic()
        for submission in _final(parts, list(open_ones)):
            outcome.seconds.append(now - open_ones.pop(submission).acknowledged)
            outcome.after = now - began
        time.sleep(0.25)
    outcome.stuck = len(open_ones)
    outcome.problems += [f"not final: {submission}" for submission in open_ones]
    outcome.problems += ["never acknowledged" for one in handed if not one.submission]
    return outcome


def judge(
    parts: Wiring, handed: Sequence[Handed], receiver: Receiver, outcome: Outcome, longest: float
) -> None:
    """One row for each key, one end, the right one, and one message about it."""
    known = {one.submission for one in handed if one.submission}
    until = time.monotonic() + longest
    while known - set(receiver.ids) and time.monotonic() < until:
        time.sleep(0.25)
    for one in handed:
        if one.submission:
            outcome.problems += [
                f"{one.submission}: {words}" for words in _problems(parts, one, receiver, outcome)
            ]


def _problems(parts: Wiring, one: Handed, receiver: Receiver, outcome: Outcome) -> list[str]:
    with parts.database.read() as session:
        key = kept_key(Origin.API, one.key)
        rows = session.scalars(select(SubmissionRow).where(SubmissionRow.idempotency_key == key)).all()
        ends = session.scalar(
            select(func.count()).select_from(ReportRow).where(ReportRow.submission_id == one.submission)
        )
        told = [(row.id, row.verdict, row.score, row.fault_detail) for row in rows]
    if [entry[0] for entry in told] != [one.submission]:
        return [f"rows: {[entry[0] for entry in told]}"]
    _, verdict, score, detail = told[0]
    outcome.grader_errors += verdict == "grader_error"
    found = []
    if ends != 1:
        found.append(f"{ends} reports")
    if (verdict, score) != (one.piece.verdict, one.piece.score):
        found.append(f"{verdict} {score} instead of {one.piece.verdict} {one.piece.score} ({detail})")
    if len(receiver.ids.get(one.submission, ())) != 1:
        found.append(f"messages: {sorted(receiver.ids.get(one.submission, ()))}")
    elif receiver.scores[one.submission] != score:
        found.append(f"the LMS was told {receiver.scores[one.submission]} instead of {score}")
    return found


def _final(parts: Wiring, submissions: Sequence[str]) -> list[str]:
    try:
        with parts.database.read() as session:
            return list(
                session.scalars(
                    select(SubmissionRow.id).where(
                        SubmissionRow.id.in_(submissions), SubmissionRow.state == DONE
                    )
                )
            )
    except Exception:
        return []
