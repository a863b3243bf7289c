"""A container engine that speaks Docker's protocol: Docker itself, or Podman's socket.

The container has no network, a read-only root, no capability but the three that the supervisor needs to give each
job a user of its own, and ends when its channel is closed: a worker that dies takes it along.
"""

from __future__ import annotations

import os
import socket
import struct
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import docker
import requests
from docker.errors import APIError, DockerException, ImageNotFound

from grader.domain.assignment import Limits
from grader.domain.errors import SandboxUnavailable

from . import dialect
from .base import Mode
from .dialect import Dialect
from .frames import BrokenFrame, Descriptors
from .masking import MaskingClient
from .own_guest import Guest, OwnGuests

IMAGE = "keras-grader-guest"
_LABEL = "keras-grader.guest"
OWNER_LABEL = "keras-grader.owner"
_MIB = 1024 * 1024
_SUPERVISOR_MIB = 768
_SUPERVISOR_PROCESSES = 16
_FILES = 1024
_MANY_PROCESSES = 16 * 1024
_STDOUT = 1
_HEADER = 8
_API_SECONDS = 60
_REMOVAL_SECONDS = 3
_API_VERSION = "1.41"
_SOCKETS = ("/var/run/docker.sock", "/run/podman/podman.sock")


class DockerSandbox(OwnGuests):
    """A container for each job, or a warm one (`Mode.FORKSERVER`) until a job spoils it."""

    name = "docker"
    degraded: tuple[str, ...] = ()

    def __init__(self, *, mode: Mode = Mode.FRESH, image: str = IMAGE, base_url: str | None = None) -> None:
        super().__init__(keeps_warm=mode is Mode.FORKSERVER)
        self._image = image
        self._client = _connect(base_url)
        self._dialect = dialect.of(self._client.version())
        self._sweep()

    def close(self) -> None:
        """Stop a warm container and let go of the engine."""
        super().close()
        self._client.close()

    def _start(self, limits: Limits, preload: bool) -> Guest:
        try:
            arguments = self._arguments(preload=preload)
            container = self._client.containers.create(
                self._image, arguments, **_options(limits, self._dialect)
            )
        except ImageNotFound as error:
            raise SandboxUnavailable(
                f"no image {self._image}: build docker/guest.Dockerfile first"
            ) from error
        except (DockerException, requests.RequestException) as error:
            raise SandboxUnavailable(f"the engine makes no container: {error}") from error
        try:
            return _Container(container)
        except (DockerException, requests.RequestException, OSError) as error:
            with suppress(DockerException, requests.RequestException):
                container.remove(force=True)
            raise SandboxUnavailable(f"the engine does not start the guest: {error}") from error

    def _explain(self, said: str) -> SandboxUnavailable:
        return SandboxUnavailable(f"the guest did not start in its container: {said}")

    def _sweep(self) -> None:
        """Remove containers whose worker on this machine is dead."""
        with suppress(DockerException, requests.RequestException):
            for container in self._client.containers.list(all=True, filters={"label": _LABEL}):
                if not _is_alive(container.labels.get(OWNER_LABEL, "")):
                    with suppress(APIError):
                        container.remove(force=True)


def _connect(base_url: str | None) -> docker.DockerClient:
    user_socket = f"/run/user/{os.getuid()}/podman/podman.sock"
    found = [f"unix://{path}" for path in (*_SOCKETS, user_socket) if Path(path).exists()]
    for url in [base_url] if base_url else found:
        client = _answering(url)
        if client:
            return client
    raise SandboxUnavailable(
        "no Docker or Podman engine answers (on Debian and Ubuntu: apt install docker.io)"
    )


def _answering(url: str) -> docker.DockerClient | None:
    """A client if an engine answers at this address. A fixed version of the protocol saves a question."""
    if not is_open(url):
        return None
    client = MaskingClient(base_url=url, timeout=_API_SECONDS, version=_API_VERSION)
    try:
        client.ping()
    except (DockerException, requests.RequestException):
        client.close()
        return None
    return client


def is_open(url: str) -> bool:
    """Whether somebody listens; the SDK would leave a socket behind for each time that nobody does."""
    if not url.startswith("unix://"):
        return True
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe, suppress(OSError):
        probe.connect(url.removeprefix("unix://"))
        return True
    return False


def owner() -> str:
    """This process as `OWNER_LABEL` of a container names it: its machine and its number."""
    return f"{uuid.getnode():x}-{os.getpid()}"


def _is_alive(owner: str) -> bool:
    node, _, pid = owner.partition("-")
    # Another machine's worker may share the engine; only our own dead are ours to clear away.
    return node != f"{uuid.getnode():x}" or (pid.isdigit() and Path(f"/proc/{pid}").exists())


def _options(limits: Limits, engine: Dialect) -> dict[str, Any]:
    memory = (limits.memory_mib + _SUPERVISOR_MIB) * _MIB
    writable = f"rw,nosuid,nodev,mode=1777,size={limits.disk_mib * _MIB}{engine.tmpfs}"
    return {
        "auto_remove": True,
        "cap_drop": ["ALL"],
        "cap_add": ["SETUID", "SETGID", "KILL"],
        "hostname": "sandbox",
        "ipc_mode": "private",
        "labels": {_LABEL: "1", OWNER_LABEL: owner()},
        "log_config": docker.types.LogConfig(type="none"),
        "mem_limit": memory,
        "memswap_limit": memory,
        "network_mode": "none",
        "pids_limit": limits.processes + _SUPERVISOR_PROCESSES,
        "read_only": True,
        "security_opt": ["no-new-privileges", f"seccomp={engine.seccomp}", *engine.masks],
        "stdin_open": True,
        "tmpfs": {
            "/tmp": writable,  # noqa: S108
            "/dev/shm": writable,  # noqa: S108
            # Podman would make this one writable, beside a read-only root.
            "/var/tmp": "ro,nosuid,nodev,noexec,size=4k",  # noqa: S108
        },
        # Podman's own defaults are a million of each, which it may not have to give. What counts processes is
        # pids_limit: its refusals are seen.
        "ulimits": [
            docker.types.Ulimit(name="nofile", soft=_FILES, hard=_FILES),
            docker.types.Ulimit(name="nproc", soft=_MANY_PROCESSES, hard=_MANY_PROCESSES),
        ],
        "user": "0:0",
    }


class _Container:
    """One container, attached before it starts so that nothing it says is missed."""

    def __init__(self, container: Any) -> None:
        self._container = container
        parameters = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
        self._attached = container.attach_socket(params=parameters)
        raw = getattr(self._attached, "_sock", self._attached)
        self.stream = Demultiplexed(Descriptors(raw.fileno(), raw.fileno()))
        self._raw = raw
        container.start()

    def lost_memory(self) -> bool:
        """Whether the engine says that memory ran out."""
        with suppress(DockerException, requests.RequestException):
            self._container.reload()
            return bool(self._container.attrs["State"]["OOMKilled"])
        return False

    def stop(self) -> str:
        """Close the channel and have the container removed at once."""
        for close in (self._raw.close, self._attached.close):
            _quietly(close)
        with suppress(DockerException, requests.RequestException):
            self._container.remove(force=True)
        _await_removal(self._container)
        return self.stream.errors.decode("utf-8", "replace").strip()


def _await_removal(container: Any) -> None:
    """Wait until it is gone, asking again now and then: who asks just as it goes may never be told.

    The container removes itself at its end, and is removed by us at the same moment (docker-py's issue 2655).
    """
    for _ in range(_API_SECONDS // _REMOVAL_SECONDS):
        try:
            container.wait(condition="removed", timeout=_REMOVAL_SECONDS)
        except DockerException:  # NotFound, in most cases; of requests' errors, too
            return
        except requests.RequestException:
            continue
        return


def _quietly(close: Callable[[], object]) -> None:
    with suppress(OSError):
        close()


class Demultiplexed:
    """Standard output out of an engine's stream: a kind and a length before every piece. A little of the rest is kept."""

    def __init__(self, raw: Descriptors) -> None:
        self._raw = raw
        self._buffer = bytearray()
        self._left = 0
        self._kind = 0
        self.errors = bytearray()

    def send(self, data: bytes, deadline: float) -> None:
        """To the guest's standard input."""
        self._raw.send(data, deadline)

    def receive(self, deadline: float) -> bytes:
        """Some of the guest's standard output; none at its end."""
        while True:
            if not self._buffer or (self._left == 0 and len(self._buffer) < _HEADER):
                data = self._raw.receive(deadline)
                if not data:
                    return b""
                self._buffer += data
            if self._left == 0 and not self._next_piece():
                continue
            piece = self._take()
            if piece:
                return piece

    def _next_piece(self) -> bool:
        if len(self._buffer) < _HEADER:
            return False
        self._kind, self._left = struct.unpack(">BxxxI", self._buffer[:_HEADER])
        if self._kind > 2:  # noqa: PLR2004
            raise BrokenFrame("the engine's stream is malformed")
        del self._buffer[:_HEADER]
        return True

    def _take(self) -> bytes:
        piece = bytes(self._buffer[: self._left])
        del self._buffer[: len(piece)]
        self._left -= len(piece)
        if self._kind == _STDOUT:
            return piece
        self.errors += piece[: max(0, 4096 - len(self.errors))]
        return b""
