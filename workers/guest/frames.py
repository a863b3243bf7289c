"""Frames on a pair of descriptors: four bytes of length, big-endian, then UTF-8 JSON.

The host's side has a reader of its own: nothing here is shared with it, so that nothing here must be trusted.
"""

from __future__ import annotations

import json
import os
import struct
from dataclasses import dataclass
from typing import Any

# A notebook's code is at most 256 KiB; JSON may write one byte as six.
_LARGEST_JOB = 16 * 1024 * 1024


class HostIsGone(Exception):
    """The channel was closed, or what came over it is no frame."""


@dataclass(frozen=True)
class Channel:
    """Where jobs come from and outcomes go to; both may be one socket."""

    receiving: int
    sending: int

    def receive(self) -> dict[str, Any]:
        """Wait for one frame; raises `HostIsGone` at the end of the stream."""
        (length,) = struct.unpack(">I", self._read(4))
        if length > _LARGEST_JOB:
            raise HostIsGone(f"a frame of {length} bytes")
        frame = json.loads(self._read(length))
        if not isinstance(frame, dict):
            raise HostIsGone("a frame that is no object")
        return frame

    def send(self, frame: dict[str, Any]) -> None:
        """Write one frame; raises `HostIsGone` if nobody reads it."""
        body = json.dumps(frame, allow_nan=False).encode()
        rest = memoryview(struct.pack(">I", len(body)) + body)
        try:
            while rest:
                rest = rest[os.write(self.sending, rest) :]
        except OSError as error:
            raise HostIsGone(str(error)) from error

    def _read(self, wanted: int) -> bytes:
        parts = bytearray()
        while len(parts) < wanted:
            try:
                part = os.read(self.receiving, min(wanted - len(parts), 65536))
            except OSError as error:
                raise HostIsGone(str(error)) from error
            if not part:
                raise HostIsGone("end of stream")
            parts += part
        return bytes(parts)
