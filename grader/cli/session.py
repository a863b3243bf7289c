"""Which server somebody is signed in to, and the talk with it. Needs urllib3 and platformdirs only."""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import platformdirs
import urllib3

WRONG_USAGE = 2
OUR_FAULT = 3
CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 60.0
AWAY = (502, 503, 504)
LONG_PATIENCE_SECONDS = 600.0
"""Of somebody who waits for a report anyway."""

PAUSE_SECONDS = 3.0
BACKOFF = 0.2
"""Between the tries of one call pass 0, 2 and 4 times as many seconds."""


class Refused(click.ClickException):
    """The server said no, or nothing; `status` is 2 where the caller can put it right, else 3."""

    def __init__(self, text: str, status: int) -> None:
        super().__init__(text)
        self.status = status

    def show(self, file: Any = None) -> None:
        """Print the words, then end with our exit status instead of click's 1."""
        super().show(file)
        raise SystemExit(self.status)


class Away(Refused):
    """The server does not answer, or is without its data: the same may well succeed in a minute."""


@dataclass(frozen=True)
class Session:
    """A server's address and a token for it; `language` is asked for, None leaves it to the server."""

    url: str
    token: str
    language: str | None = None


def session_file() -> Path:
    """Where the token is kept."""
    return Path(platformdirs.user_config_dir("keras-grader", appauthor=False)) / "session.json"


def save(session: Session) -> Path:
    """Keep the token, readable by its owner alone."""
    path = session_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump({"url": session.url, "token": session.token}, file)
    return path


def load() -> Session:
    """The kept session; Refused says how to get one."""
    try:
        data = json.loads(session_file().read_text(encoding="utf-8"))
        return Session(data["url"], data["token"])
    except (OSError, ValueError, KeyError):
        text = "You are not signed in. Run: grader login https://the.address.of.your.course"
        raise Refused(text, WRONG_USAGE) from None


def call(session: Session, method: str, path: str, **options: Any) -> dict[str, Any]:
    """One call below /api/v1, which a server that is away gets four times; Refused carries the server's own words."""
    headers = options.pop("headers", {}) | (
        {"Authorization": f"Bearer {session.token}"} if session.token else {}
    )
    if session.language:
        headers["Accept-Language"] = session.language
    timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=ANSWER_SECONDS)
    retries = urllib3.Retry(
        total=3, backoff_factor=BACKOFF, status_forcelist=AWAY, allowed_methods=None, raise_on_status=False
    )
    try:
        with urllib3.PoolManager(timeout=timeout, retries=retries) as pool:
            answer = pool.request(method, f"{session.url}/api/v1{path}", headers=headers, **options)
    except (urllib3.exceptions.HTTPError, ValueError) as error:
        text = f"{session.url} does not answer: {error}"
        raise Away(text, OUR_FAULT) from None
    return _read(answer)


def call_patiently(
    session: Session, method: str, path: str, tell: Callable[[], None], **options: Any
) -> dict[str, Any]:
    """The same for who waits anyway: a server that is away is asked again for minutes; `tell` is called each time."""
    until = time.monotonic() + LONG_PATIENCE_SECONDS
    while True:
        try:
            return call(session, method, path, **dict(options))
        except Away:
            if time.monotonic() > until:
                raise
            tell()
            time.sleep(PAUSE_SECONDS)


def hand_in(
    session: Session,
    slug: str,
    name: str,
    data: bytes,
    course: str | None = None,
    tell: Callable[[], None] | None = None,
) -> dict[str, Any]:
    """Hand in a file's bytes; however often the network makes us send them, it is one submission.

    With `tell` as patiently as `call_patiently`.
    """
    fields: dict[str, Any] = {"assignment": slug, "origin": "cli", "file": (name, data)}
    if course:
        fields["course"] = course
    options: dict[str, Any] = {"fields": fields, "headers": {"Idempotency-Key": uuid.uuid4().hex}}
    if tell is None:
        return call(session, "POST", "/submissions", **options)
    return call_patiently(session, "POST", "/submissions", tell, **options)


def _read(answer: urllib3.BaseHTTPResponse) -> dict[str, Any]:
    try:
        body = json.loads(answer.data)
    except ValueError:
        body = None
    if answer.status in AWAY:
        told = body.get("detail") if isinstance(body, dict) else None
        raise Away(str(told or f"The server is away (status {answer.status})."), OUR_FAULT)
    if not isinstance(body, dict):
        text = f"The server's answer is no JSON (status {answer.status}). Is that the address of a grader?"
        raise Refused(text, OUR_FAULT)
    if answer.status >= 400:  # noqa: PLR2004
        code = OUR_FAULT if answer.status >= 500 or answer.status == 429 else WRONG_USAGE  # noqa: PLR2004
        raise Refused(str(body.get("detail") or body.get("title")), code)
    return body
