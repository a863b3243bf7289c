from __future__ import annotations

import logging
import sys

import pytest

from grader import queue
from grader.telemetry import SIGNS_OF_LIFE, OneLine, is_worth_a_line, set_up_logging


def record(text: str, error: bool = False) -> logging.LogRecord:
    info = None
    if error:
        try:
            1 / 0  # noqa: B018
        except ZeroDivisionError:
            info = sys.exc_info()
    return logging.LogRecord("x", logging.INFO, "f", 1, text, (), info)


def test_a_message_cannot_fake_a_line() -> None:
    assert OneLine("%(message)s").format(record("a\n2026 ERROR fake")) == "a\\n2026 ERROR fake"


def test_a_message_moves_no_cursor_and_turns_no_line_round() -> None:
    assert OneLine("%(message)s").format(record("a\x1b[2J\u202eb\x07")) == "a␛[2J\ufffdb␇"


def test_a_traceback_keeps_its_lines() -> None:
    lines = OneLine("%(message)s").format(record("a", error=True)).splitlines()
    assert lines[0] == "a"
    assert len(lines) > 2
    assert all(line.startswith("    ") for line in lines[1:])


def of_celery(name: str, words: str, task: str, level: int = logging.INFO) -> logging.LogRecord:
    return logging.LogRecord(name, level, "f", 1, words, ({"name": task, "id": "x"},), None)


def test_a_sign_of_life_is_no_line_and_any_other_task_is_one() -> None:
    came, done = "Task %(name)s[%(id)s] received", "Task %(name)s[%(id)s] succeeded"
    for task, lines in (
        ("grader.heartbeat", 0),
        ("grader.worker_seen", 0),
        ("grader.echo", 0),
        ("grader.record_report", 1),
    ):
        told = [of_celery("celery.worker.strategy", came, task), of_celery("celery.app.trace", done, task)]
        assert sum(map(is_worth_a_line, told)) == lines, task
    raised = of_celery("celery.app.trace", "Task %(name)s[%(id)s] raised expected", "grader.heartbeat")
    wrong = of_celery("celery.worker.strategy", came, "grader.heartbeat", logging.ERROR)
    ours = logging.LogRecord("grader.tasks", logging.INFO, "f", 1, "grader.heartbeat succeeded", (), None)
    assert all(map(is_worth_a_line, (raised, wrong, ours)))


def test_celery_itself_says_what_we_listen_for() -> None:
    """The names of its loggers and the words of its lines, as this version of it has them."""
    from celery.app import trace
    from celery.worker import strategy

    assert (strategy.logger.name, trace.logger.name) == ("celery.worker.strategy", "celery.app.trace")
    assert "succeeded" in trace.LOG_SUCCESS
    assert not any("succeeded" in words for words in (trace.LOG_FAILURE, trace.LOG_RETRY, trace.LOG_REJECTED))
    known = {queue.HEARTBEAT, queue.WORKER_SEEN, queue.ECHO}
    assert known == SIGNS_OF_LIFE


def test_the_filter_is_where_logs_are_written_and_debug_has_all(capsys: pytest.CaptureFixture[str]) -> None:
    root, kept = logging.getLogger(), logging.getLogger().handlers[:]
    level = root.level
    try:
        for name, seen in (("info", False), ("debug", True)):
            set_up_logging(name)
            logging.getLogger("celery.app.trace").info("Task %(name)s succeeded", {"name": queue.HEARTBEAT})
            assert (queue.HEARTBEAT in capsys.readouterr().err) is seen
    finally:
        root.handlers[:], root.level = kept, level
