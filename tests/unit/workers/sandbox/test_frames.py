from __future__ import annotations

import os
import time

import pytest

from workers.sandbox.frames import BrokenFrame, Descriptors, FrameReader, encode


def reader_of(data: bytes, largest: int = 100) -> tuple[FrameReader, int]:
    receiving, sending = os.pipe()
    os.write(sending, data)
    os.close(sending)
    return FrameReader(Descriptors(receiving, receiving), largest), receiving


def test_two_frames_in_one_piece() -> None:
    reader, descriptor = reader_of(encode({"a": 1}) + encode({"b": 2}))
    assert [reader.read(time.monotonic() + 1), reader.read(time.monotonic() + 1)] == [{"a": 1}, {"b": 2}]
    with pytest.raises(BrokenFrame, match="gone"):
        reader.read(time.monotonic() + 1)
    os.close(descriptor)


def test_a_frame_over_the_cap() -> None:
    reader, descriptor = reader_of(encode({"a": "x" * 200}))
    with pytest.raises(BrokenFrame, match="bytes"):
        reader.read(time.monotonic() + 1)
    os.close(descriptor)


def test_a_deadline_ends_waiting() -> None:
    receiving, sending = os.pipe()
    with pytest.raises(BrokenFrame) as caught:
        FrameReader(Descriptors(receiving, receiving), 100).read(time.monotonic() + 0.05)
    assert caught.value.late
    os.close(receiving)
    os.close(sending)


def test_a_deadline_ends_sending() -> None:
    receiving, sending = os.pipe()
    with pytest.raises(BrokenFrame):
        Descriptors(receiving, sending).send(b"x" * 10**6, time.monotonic() + 0.05)
    os.close(receiving)
    os.close(sending)
