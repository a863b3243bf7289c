from __future__ import annotations

import os
import socket
import struct
import time
import uuid
from pathlib import Path

import pytest
import requests
from docker.errors import NotFound

from grader.domain.assignment import Limits
from grader.domain.errors import SandboxUnavailable
from workers.sandbox import dialect, docker_engine, load, profile
from workers.sandbox.docker_engine import Demultiplexed, DockerSandbox
from workers.sandbox.frames import BrokenFrame, Descriptors


def piece(kind: int, data: bytes) -> bytes:
    return struct.pack(">BxxxI", kind, len(data)) + data


def received(*chunks: bytes) -> tuple[bytes, bytes]:
    """(standard output, standard error) of a stream that comes in these chunks."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        stream = Demultiplexed(Descriptors(ours.fileno(), ours.fileno()))
        output = b""
        for chunk in chunks:
            theirs.sendall(chunk)
        theirs.shutdown(socket.SHUT_WR)
        while data := stream.receive(time.monotonic() + 5):
            output += data
        return output, bytes(stream.errors)


def test_output_and_errors_are_told_apart() -> None:
    assert received(piece(1, b"a") + piece(2, b"x") + piece(1, b"b")) == (b"ab", b"x")


def test_pieces_may_be_cut_anywhere() -> None:
    whole = piece(1, b"hello") + piece(2, b"oops") + piece(1, b"") + piece(1, b" world")
    assert received(*(bytes([byte]) for byte in whole)) == (b"hello world", b"oops")


def test_only_a_little_of_the_errors_is_kept() -> None:
    assert len(received(*[piece(2, b"x" * 1000)] * 10)[1]) == 4096


def test_another_protocol_is_refused() -> None:
    with pytest.raises(BrokenFrame):
        received(b"HTTP/1.1 200 OK\r\n")


def test_no_engine_is_a_clear_message(tmp_path: Path) -> None:
    with pytest.raises(SandboxUnavailable, match="apt install docker"):
        DockerSandbox(base_url=f"unix://{tmp_path}/none.sock")


def test_containers_have_no_way_out() -> None:
    options = docker_engine._options(Limits(), dialect.docker())
    assert options["network_mode"] == "none"
    assert options["cap_drop"] == ["ALL"]
    assert options["mem_limit"] == options["memswap_limit"]
    assert options["read_only"]
    assert options["security_opt"] == ["no-new-privileges", f"seccomp={profile.text()}"]
    assert all("nr_inodes=" in options["tmpfs"][place] for place in ("/tmp", "/dev/shm"))
    podmans = docker_engine._options(Limits(), dialect.podman())["security_opt"]
    assert podmans[2:] == [f"mask={':'.join(load.MASKED)}"]
    assert not {"volumes", "mounts", "devices", "privileged", "pid_mode"} & options.keys()


def test_whose_containers_may_be_swept() -> None:
    node = f"{uuid.getnode():x}"
    assert docker_engine._is_alive(f"{node}-{os.getpid()}")
    assert not docker_engine._is_alive(f"{node}-4194304")
    assert docker_engine._is_alive("another machine-1")


class Untold:
    """A container that goes just as somebody begins to wait for it: the engine never answers that question."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def wait(self, condition: str, timeout: int) -> None:
        assert condition == "removed"
        self.asked.append(timeout)
        raise requests.ReadTimeout if len(self.asked) == 1 else NotFound("no such container")


def test_who_asks_just_as_a_container_goes_asks_again() -> None:
    container = Untold()
    docker_engine._await_removal(container)
    assert container.asked == [docker_engine._REMOVAL_SECONDS] * 2
    assert docker_engine._REMOVAL_SECONDS * 10 < docker_engine._API_SECONDS
