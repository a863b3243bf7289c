"""`grader serve` for as long as a block runs. It ends with whoever started it, however that one ended."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from grader.cli import session as server
from grader.lifeline import ends_with_us

STARTUP_SECONDS = 120.0
SECONDS_TO_END = 30.0
LOOK_SECONDS = 0.1
ONE_STUDENT_HANDS_IN_ALL = {"GRADER_MAX_WAITING": "0", "GRADER_UPLOADS_PER_MINUTE": "0"}


class NotStarted(server.Refused):
    """Has what the service said."""


def _nothing() -> None:
    """Say nothing."""


@contextmanager
def service(
    data_dir: Path, more: Mapping[str, str] | None = None, meanwhile: Callable[[], None] = _nothing
) -> Iterator[str]:
    """The address of a service on a free port, with `more` settings; `meanwhile` is called again and again until it is up."""
    log = data_dir / "serve.log"
    command = [sys.executable, "-u", "-m", "grader.cli", "serve", "--port", "0", "--data-dir", str(data_dir)]
    environ = ONE_STUDENT_HANDS_IN_ALL | dict(os.environ) | dict(more or {})
    environ.pop("GRADER_PUBLIC_URL", None)  # of another service
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=environ,
            start_new_session=True,
            preexec_fn=ends_with_us(),  # noqa: PLW1509 - nothing here has threads yet
        )
    try:
        yield _address(process, log, meanwhile)
    except server.Refused as error:
        if isinstance(error, NotStarted) or process.poll() is None:
            raise
        raise server.Refused(
            f"The service has ended by itself. What it said: {log}", server.OUR_FAULT
        ) from None
    finally:
        _end(process)


def _address(process: subprocess.Popen[bytes], log: Path, meanwhile: Callable[[], None]) -> str:
    until = time.monotonic() + STARTUP_SECONDS
    while time.monotonic() < until and process.poll() is None:
        found = re.search(r"The grader is at (\S+)", log.read_text("utf-8"))
        if found:
            return found[1]
        meanwhile()
        time.sleep(LOOK_SECONDS)
    raise NotStarted(f"The service did not start:\n{log.read_text('utf-8')}", server.OUR_FAULT)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)


def signed_in(address: str, sign_in: tuple[str, str]) -> server.Session:
    """The session of somebody with this email address and password."""
    email, password = sign_in
    body = {"email": email, "password": password, "label": "demo"}
    return server.Session(
        address, server.call(server.Session(address, ""), "POST", "/login", json=body)["token"]
    )
