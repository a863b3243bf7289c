"""Reads large uploads in a process of their own: the service's own threads and memory stay free for everybody else.

Whoever hands in waits for a moment, in a bounded line. A process that fails is our fault and nobody's verdict: the
upload is not taken, and can be sent again.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from dataclasses import dataclass

from grader import wire
from grader.domain.errors import Reason, StudentError
from grader.domain.message import Message
from grader.services.notebook import MAX_NOTEBOOK_BYTES
from grader.services.ports import QueueAway
from grader.services.source import read_source

LARGE = 512 * 1024
"""Bytes; reading less takes no longer than starting a process."""

MEMORY_BYTES = 512 * 1024 * 1024
CPU_SECONDS = 20
WALL_SECONDS = 60.0
NICE = 5


class ReaderAway(QueueAway):
    """This upload could not be read now; nothing of it was taken."""


@dataclass(frozen=True)
class Asked:
    """What comes before the bytes, on a line of its own."""

    file_name: str
    is_text: bool


@dataclass(frozen=True)
class Told:
    """What came of it: the source, or what is wrong with the file."""

    source: str | None = None
    wrong: tuple[Message, ...] = ()


class Readers:
    """So many processes at once, so many callers that wait for one, for so many seconds."""

    def __init__(self, at_once: int = 2, waiting: int = 3, patience: float = 30.0) -> None:
        self._free = threading.BoundedSemaphore(at_once)
        self._inside = threading.BoundedSemaphore(at_once + waiting)
        self._patience = patience

    def read(self, data: bytes, file_name: str = "", *, is_text: bool = False) -> str:
        """As `read_source`, and ReaderAway where too many are being read, or a reader died."""
        if not LARGE < len(data) <= MAX_NOTEBOOK_BYTES:
            return read_source(data, file_name, is_text=is_text)
        if not self._inside.acquire(blocking=False):
            detail = "too many large uploads are being read"
            raise ReaderAway(detail)
        try:
            return self._in_turn(data, Asked(file_name, is_text))
        finally:
            self._inside.release()

    def _in_turn(self, data: bytes, asked: Asked) -> str:
        if not self._free.acquire(timeout=self._patience):
            detail = "large uploads before this one take too long"
            raise ReaderAway(detail)
        try:
            told = _ask(data, asked)
        finally:
            self._free.release()
        if told.source is None:
            raise StudentError(Reason.BAD_UPLOAD, *told.wrong)
        return told.source


def answer(question: bytes) -> bytes:
    """What the process of its own says to what it is given."""
    head, _, data = question.partition(b"\n")
    asked = wire.loads(Asked, head)
    try:
        told = Told(read_source(data, asked.file_name, is_text=asked.is_text))
    except StudentError as error:
        told = Told(wrong=error.messages)
    return wire.dumps(told)


def _ask(data: bytes, asked: Asked) -> Told:
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", __name__],
            input=wire.dumps(asked) + b"\n" + data,
            capture_output=True,
            timeout=WALL_SECONDS,
            check=True,
        )
        return wire.loads(Told, done.stdout)
    except (OSError, subprocess.SubprocessError, wire.WireError) as error:
        detail = f"an upload of {len(data)} bytes could not be read: {type(error).__name__}"
        raise ReaderAway(detail) from error


def _main() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(NICE)
    sys.stdout.buffer.write(answer(sys.stdin.buffer.read()))


if __name__ == "__main__":
    _main()
