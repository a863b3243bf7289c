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


def set_up_logging(level: str) -> None:
    """Write everything of at least `level` to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
