"""Logs: one line an event, with time, level and where it comes from; nothing in it moves a terminal's cursor."""

from __future__ import annotations

import logging
import sys

from grader.visible import visible


class OneLine(logging.Formatter):
    """A message cannot fake a second line; tracebacks keep their lines, indented."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, then the indented traceback if there is one."""
        lines = super().format(record).splitlines() or [""]
        first, *rest = [visible(line) for line in lines]
        if record.exc_info is None:
            return "\\n".join([first, *rest])
        return "\n    ".join([first, *rest])


SIGNS_OF_LIFE = frozenset({"grader.heartbeat", "grader.worker_seen", "grader.echo"})
"""Tasks that come every few seconds from each worker and each job; what fails in one is told as ever."""

_RECEIVED, _DONE = "celery.worker.strategy", "celery.app.trace"


def is_worth_a_line(record: logging.LogRecord) -> bool:
    """Celery says of each task that it came and that it is done: the second is enough, and of a sign of life neither is told."""
    if record.levelno != logging.INFO or record.name not in (_RECEIVED, _DONE):
        return True
    if record.name == _RECEIVED:
        return not isinstance(record.args, dict)
    if not isinstance(record.args, dict) or "succeeded" not in str(record.msg):
        return True
    return record.args.get("name") not in SIGNS_OF_LIFE


def set_up_logging(level: str) -> None:
    """Write everything of at least `level` to standard error; with `debug` also what is not worth a line."""
    handler = logging.StreamHandler(sys.stderr)
    if level.upper() != "DEBUG":
        handler.addFilter(is_worth_a_line)
    handler.setFormatter(OneLine("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
