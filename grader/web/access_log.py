"""One line in the log for each answer: method, path, status, bytes, milliseconds, and whose account asked; no secret, no name.

It is written where Waitress answers, so that a refused header and a page that failed have a line as well. A path is shown as
it travels, in ASCII with percent signs: it cannot fake a second column or a second line. What follows `?` is left out.
"""

from __future__ import annotations

import logging
import re
import time
from typing import Any
from urllib.parse import quote

from waitress.task import ErrorTask, Task, WSGITask

log = logging.getLogger("grader.access")

USER = "grader.user"
"""Key of WSGI's environment under which the site says whose request it is."""

LONGEST_PATH = 200
LONGEST_METHOD = 16
_SECRET = re.compile(r"(/link/+)[^?#]+", re.IGNORECASE)


def without_secret(address: str) -> str:
    """An address, or its path, without the secret of a one-time link."""
    return _SECRET.sub(r"\1-", address)


def shown_path(path: str) -> str:
    """A path without that secret, without anything that moves a cursor, and not too long."""
    return quote(without_secret(path), safe="/:@!$&'()*+,;=~-._")[:LONGEST_PATH]


class _Told(Task):  # type: ignore[misc]
    """A task of Waitress that says afterwards what it did."""

    def service(self) -> None:
        """Answer, then write the line. What failed before it answered is answered, and told, by a `Refusal`."""
        began = time.monotonic()
        failed = True
        try:
            super().service()
            failed = False
        finally:
            if self.wrote_header or not failed:
                _tell(self, (time.monotonic() - began) * 1000)
            else:
                self.channel.unanswered = self.request


class Answer(_Told, WSGITask):  # type: ignore[misc]
    """What the site says."""


class Refusal(_Told, ErrorTask):  # type: ignore[misc]
    """What Waitress itself says to what is no request, or too large a one."""


def _tell(task: Any, milliseconds: float) -> None:
    """`GET /courses/keras 200 5123 12ms 01JD…`; `-` for nobody."""
    request = getattr(task.channel, "unanswered", None) or task.request
    task.channel.unanswered = None
    method = quote(str(getattr(request, "command", "") or "-"), safe="")[:LONGEST_METHOD]
    # Waitress gives each byte of a path as a letter.
    path = shown_path(
        str(getattr(request, "path", "") or "-").encode("latin-1", "replace").decode(errors="replace")
    )
    status = str(task.status).partition(" ")[0]
    user = (getattr(task, "environ", None) or {}).get(USER) or "-"
    log.info("%s %s %s %d %.0fms %s", method, path, status, task.content_bytes_written, milliseconds, user)
