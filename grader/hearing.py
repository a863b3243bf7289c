"""What a worker says of a job: believed where it has the secret of its dispatch, else counted and forgotten."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from celery import Celery

from grader import queue, wire
from grader.db.away import DatabaseAway, may_be_away
from grader.db.columns import utc_now
from grader.dispatch_secret import DispatchSecrets
from grader.domain.report import Report
from grader.domain.submission import Lack, Stage
from grader.services.ports import Refusal, Step, WhyRefused
from grader.services.record import Recorder

QUIET: dict[str, Any] = {"throws": (DatabaseAway,)}
"""A database that is away is told in one line; signs of life that it misses come again."""

AGAIN: dict[str, Any] = QUIET | {"autoretry_for": (DatabaseAway,), "retry_backoff": 1, "max_retries": 8}
"""A database that is away for a while must not cost a report."""

Deed = Callable[[datetime], object]


class Hearing:
    """Adds the tasks that workers call. Each takes submission and attempt, what is said of them, and the secret."""

    def __init__(self, app: Celery, recorder: Recorder, secrets: DispatchSecrets) -> None:
        self._app = app
        self._recorder = recorder
        self._secrets = secrets

    def begin(self) -> None:
        """Give the app its tasks."""
        self._hear(queue.RECORD_REPORT, self._report, AGAIN)
        self._hear(queue.PROGRESS, self._progress, QUIET)
        self._hear(queue.HEARTBEAT, self._heartbeat, QUIET)
        self._hear(queue.JOB_FAILED, self._failed, AGAIN)
        self._hear(queue.JOB_REFUSED, self._refused, AGAIN)
        self._hear(queue.JOB_IS_SLOW, self._slow, AGAIN)
        self._hear(queue.JOB_RETURNED, self._returned, QUIET)
        self._hear(queue.RUN_DIFFERS, self._differs, AGAIN)

    def _hear(self, name: str, read: Callable[..., Deed], how: Mapping[str, Any]) -> None:
        def hear(submission: Any = None, attempt: Any = None, *said: Any, secret: Any = None) -> None:
            if not self._secrets.knows(submission, attempt, secret):
                why = WhyRefused.UNSIGNED if secret is None else WhyRefused.FORGED
                self._recorder.refuse(why, submission, attempt, f"{name} without the secret of its dispatch")
                return
            try:
                deed = read(submission, attempt, *said)
            except (ValueError, TypeError) as error:
                self._recorder.refuse(WhyRefused.GARBLED, submission, attempt, f"{name}: {error}")
                return
            deed(utc_now())

        self._app.task(name=name, shared=False, **how)(may_be_away()(hear))

    def _report(self, submission: str, attempt: int, data: Mapping[str, Any]) -> Deed:
        report = wire.from_json(Report, data)
        wire.dumps(report)
        return lambda now: self._recorder.report(submission, attempt, report, now)

    def _progress(self, submission: str, attempt: int, stage: str, worker: str | None = None) -> Deed:
        step = Step(submission, attempt, Stage(stage), None if worker is None else _text(worker))
        return lambda now: self._recorder.stage(step, now)

    def _heartbeat(self, submission: str, attempt: int) -> Deed:
        return lambda now: self._recorder.heartbeat(submission, attempt, now)

    def _failed(self, submission: str, attempt: int, detail: str, further: int | None = None) -> Deed:
        told, most = _text(detail), further if isinstance(further, int) and further >= 0 else None
        return lambda now: self._recorder.fault(submission, attempt, told, now, further=most)

    def _refused(self, submission: str, attempt: int, worker: str, lack: str, detail: str) -> Deed:
        refusal = Refusal(submission, attempt, _text(worker), Lack(lack), _text(detail))
        return lambda now: self._recorder.refused(refusal, now)

    def _slow(self, submission: str, attempt: int) -> Deed:
        return lambda now: self._recorder.slow(submission, attempt, now)

    def _returned(self, submission: str, attempt: int) -> Deed:
        return lambda now: self._recorder.returned(submission, attempt, now)

    def _differs(self, submission: str, attempt: int, key: str) -> Deed:
        told = _text(key)
        return lambda _now: self._recorder.run_differs(submission, attempt, told)


LONGEST_TEXT = 4000


def _text(said: object) -> str:
    """What a column of a database takes; TypeError for what is no text."""
    if not isinstance(said, str):
        raise TypeError(f"a text was expected, not {type(said).__name__}")
    return said[:LONGEST_TEXT].replace("\0", "").encode("utf-8", "replace").decode()
