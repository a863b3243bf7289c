"""Frames from the guest, read as one reads a stranger's bytes: a length cap, a deadline, never to the end.

Four bytes of length, big-endian, then UTF-8 JSON. `BrokenFrame` is the guest's doing, whatever the cause.
"""

from __future__ import annotations

import json
import os
import select
import struct
import time
from dataclasses import dataclass
from typing import Any, Protocol


class BrokenFrame(Exception):
    """No frame came: the stream ended, or what came is malformed.

    `late` says that time ran out, `silent` that the stream ended without a byte of it.
    """

    def __init__(self, detail: str, *, late: bool = False, silent: bool = False) -> None:
        super().__init__(detail)
        self.detail = detail
        self.late = late
        self.silent = silent


class Stream(Protocol):
    """Bytes to and from a guest; deadlines are in seconds of the monotonic clock."""

    def receive(self, deadline: float) -> bytes:
        """Some bytes; none at the end of the stream. Raises `BrokenFrame` when late."""

    def send(self, data: bytes, deadline: float) -> None:
        """All bytes. Raises `BrokenFrame` if they cannot be sent."""


@dataclass(frozen=True)
class Descriptors:
    """A stream over a pair of descriptors, or over one socket given twice. Both are made non-blocking."""

    receiving: int
    sending: int

    def __post_init__(self) -> None:
        os.set_blocking(self.receiving, False)
        os.set_blocking(self.sending, False)

    def receive(self, deadline: float) -> bytes:
        """Some bytes, or none at the end of the stream."""
        while True:
            _wait(self.receiving, select.POLLIN, deadline)
            try:
                return os.read(self.receiving, 65536)
            except BlockingIOError:
                continue
            except ConnectionResetError:
                return b""
            except OSError as error:
                raise BrokenFrame(str(error)) from error

    def send(self, data: bytes, deadline: float) -> None:
        """All bytes, before the deadline."""
        rest = memoryview(data)
        while rest:
            _wait(self.sending, select.POLLOUT, deadline)
            try:
                rest = rest[os.write(self.sending, rest) :]
            except BlockingIOError:
                continue
            except OSError as error:
                raise BrokenFrame(str(error)) from error


def _wait(descriptor: int, event: int, deadline: float) -> None:
    poll = select.poll()
    poll.register(descriptor, event)
    if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
        raise BrokenFrame("no answer in time", late=True)


class FrameReader:
    """Takes frames off a stream and keeps what is left over for the next one."""

    def __init__(self, stream: Stream, largest: int) -> None:
        self._stream = stream
        self._largest = largest
        self._buffer = bytearray()

    def read(self, deadline: float) -> dict[str, Any]:
        """The next frame. Raises `BrokenFrame`."""
        self._fill(4, deadline)
        (length,) = struct.unpack(">I", self._buffer[:4])
        if length > self._largest:
            raise BrokenFrame(f"a frame of {length} bytes")
        self._fill(4 + length, deadline)
        body = bytes(self._buffer[4 : 4 + length])
        del self._buffer[: 4 + length]
        return _parse(body)

    def _fill(self, wanted: int, deadline: float) -> None:
        while len(self._buffer) < wanted:
            data = self._stream.receive(deadline)
            if not data:
                raise BrokenFrame("the guest is gone", silent=not self._buffer)
            self._buffer += data


def encode(frame: dict[str, Any]) -> bytes:
    """A frame as bytes."""
    body = json.dumps(frame, allow_nan=False).encode()
    return struct.pack(">I", len(body)) + body


def _refuse(word: str) -> float:
    raise ValueError(word)


def _parse(body: bytes) -> dict[str, Any]:
    try:
        frame = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise BrokenFrame("a frame that is no JSON") from error
    if not isinstance(frame, dict):
        raise BrokenFrame("a frame that is no object")
    return frame
