"""A container engine for whatever test asks for one.

An engine that already answers is used; else one is started for the tests, which Debian's docker.io allows without
any network set-up. `images.py` makes what runs on it.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import docker
import pytest
import requests
from docker.errors import DockerException, ImageNotFound

from tests import shared
from workers.sandbox.docker_engine import is_open

PROJECT = Path(__file__).resolve().parent.parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "keras-grader"
# As it is before a test moves it: an engine outlives that test, and its sockets' names must be short.
BEFORE_ANY_TEST = tempfile.gettempdir()


@dataclass
class Engine:
    """An engine at `url`, and the client that tests use."""

    url: str
    client: docker.DockerClient

    def has(self, image: str) -> bool:
        """Whether it holds an image of that name."""
        with suppress(ImageNotFound):
            self.client.images.get(image)
            return True
        return False


def running_engine() -> Engine | None:
    """The engine of this machine, if one answers."""
    return _answering(os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock")


def _answering(url: str) -> Engine | None:
    """An engine that answers; one that starts has its socket before, and closes who comes too early."""
    if not is_open(url):
        return None
    client = docker.DockerClient(base_url=url, timeout=120, version="1.41")
    try:
        client.ping()
    except (DockerException, requests.RequestException):
        client.close()
        return None
    return Engine(url, client)


def shared_engine() -> Engine:
    """The engine of this run, started by whoever asks first; all processes use it, and it ends with the run."""
    with shared.one_at_a_time("engine"):
        place = shared.folder() / "engine"
        if not place.exists():
            # Names of sockets must be short.
            place.symlink_to(tempfile.mkdtemp(prefix="engine-", dir=BEFORE_ANY_TEST))
            _start_engine(place.resolve())
        return _await_engine(place.resolve())


# Nobody's child, so that it outlives the process that asked for it, and ended by nobody: it watches the run's lock, which
# is free as soon as the run's first process is gone, however that ended. dockerd leaves its network namespace mounted.
_ENGINE = """
place=$1 lock=$2; shift 2
dockerd "$@" & engine=$!
flock "$lock" kill "$engine"
wait "$engine"
for left in "$place"/exec/netns/*; do umount "$left"; done
rm -rf --one-file-system "$place"
"""


def _start_engine(place: Path) -> None:
    words = ["--host", f"unix://{place}/docker.sock", "--pidfile", str(place / "docker.pid")]
    words += ["--data-root", str(CACHE / "engine"), "--exec-root", str(place / "exec")]
    words += ["--iptables=false", "--ip6tables=false", "--bridge=none"]
    watched = ["setsid", "--fork", "sh", "-c", _ENGINE, "engine", str(place), str(shared.lock()), *words]
    with (place / "log").open("wb") as log:
        subprocess.run(watched, check=True, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def _await_engine(place: Path) -> Engine:
    found = await_answer(f"unix://{place}/docker.sock")
    if found is None:
        pytest.fail(f"no engine could be started:\n{(place / 'log').read_text(errors='replace')[-3000:]}")
    return found


def await_answer(url: str) -> Engine | None:
    """An engine that is starting, once it answers; None after a minute."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = _answering(url)
        if found:
            return found
        time.sleep(0.1)
    return None


def prune_shared_engine() -> None:
    """Remove what rebuilt images have left behind in the engine of this run; layers that a next build may use stay."""
    place = _place()
    engine = _answering(f"unix://{place}/docker.sock") if place else None
    if engine:
        engine.client.images.prune()
        engine.client.close()


def await_end_of_shared_engine() -> None:
    """After the run's lock has been let go of."""
    deadline = time.monotonic() + 60
    while _place() and time.monotonic() < deadline:
        time.sleep(0.1)


def _place() -> Path | None:
    place = shared.folder() / "engine"
    return place.resolve() if place.exists() else None


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """An engine, running or started for the tests. Fails where there can be none."""
    found = running_engine() or shared_engine()
    yield found
    found.client.close()
