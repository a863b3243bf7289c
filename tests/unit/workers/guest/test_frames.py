from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator

import pytest

from workers.guest.frames import Channel, HostIsGone


@pytest.fixture
def ends() -> Iterator[tuple[Channel, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield Channel(ours.fileno(), ours.fileno()), theirs


def test_there_and_back(ends: tuple[Channel, socket.socket]) -> None:
    channel, host = ends
    host.sendall(struct.pack(">I", 9) + b'{"a": 1}\n')
    assert channel.receive() == {"a": 1}
    channel.send({"b": "é"})
    assert host.recv(100) == struct.pack(">I", 15) + b'{"b": "\\u00e9"}'


@pytest.mark.parametrize(
    "data",
    [b"", b"\0\0", struct.pack(">I", 10) + b"{}", struct.pack(">I", 2**31), struct.pack(">I", 2) + b"[]"],
)
def test_whatever_is_no_frame(ends: tuple[Channel, socket.socket], data: bytes) -> None:
    channel, host = ends
    host.sendall(data)
    host.shutdown(socket.SHUT_WR)
    with pytest.raises(HostIsGone):
        channel.receive()


def test_a_host_that_is_gone() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with pytest.raises(HostIsGone):
        Channel(writer, writer).send({"x": "y" * 100_000})
    os.close(writer)
