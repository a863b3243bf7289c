"""Every backend of the sandbox, for real; each case of the suite runs on each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.ordinary_user import OrdinaryUserSandbox
from tests.sandbox_types import SMALL, Runner
from workers.sandbox.base import Mode, Sandbox
from workers.sandbox.bubblewrap import BubblewrapSandbox
from workers.sandbox.docker_engine import DockerSandbox
from workers.sandbox.unix_socket import UnixSocketSandbox

BACKENDS = [
    "bubblewrap-fresh",
    "bubblewrap-forkserver",
    "bubblewrap-user",
    "bubblewrap-subordinate",
    "docker-fresh",
    "docker-forkserver",
    "podman-fresh",
    "unix-fresh",
    "unix-forkserver",
]
# Where the next job meets the process that served the last one; elsewhere a sandbox ends with its job.
SERVES_MANY = [
    "bubblewrap-forkserver",
    "bubblewrap-subordinate",
    "docker-forkserver",
    "unix-fresh",
    "unix-forkserver",
]


def _open(name: str, request: pytest.FixtureRequest) -> Sandbox:
    backend, _, mode = name.partition("-")
    if name == "bubblewrap-user":
        return OrdinaryUserSandbox()
    if name == "bubblewrap-subordinate":
        return OrdinaryUserSandbox(delegated=False, subordinate=65_536)
    if backend == "bubblewrap":
        return BubblewrapSandbox(mode=Mode(mode))
    if backend == "docker":
        url = request.getfixturevalue("engine").url
        return DockerSandbox(mode=Mode(mode), image=request.getfixturevalue("guest_image"), base_url=url)
    if backend == "podman":
        url = request.getfixturevalue("podman")
        return DockerSandbox(mode=Mode(mode), image=request.getfixturevalue("guest_image"), base_url=url)
    service = request.getfixturevalue("guest_service")
    return UnixSocketSandbox(service.start(fresh=mode == Mode.FRESH, limits=SMALL))


@pytest.fixture(scope="session", params=BACKENDS)
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    opened = _open(request.param, request)
    yield opened
    opened.close()


@pytest.fixture
def run(sandbox: Sandbox) -> Runner:
    return Runner(sandbox)


@pytest.fixture
def canary(request: pytest.FixtureRequest) -> Iterator[Callable[[Path], Path]]:
    """Plants a file with a secret at a place of this machine, and takes it away again."""
    planted: list[Path] = []

    def plant(folder: Path) -> Path:
        file = folder / ".keras-grader-canary"
        file.write_text("canary-4711", encoding="ascii")
        planted.append(file)
        return file

    yield plant
    for file in planted:
        file.unlink(missing_ok=True)
