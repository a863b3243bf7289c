"""A guest of ours that dies under a right answer: the answer is right all the same; what dies twice is our fault."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from grader.domain.errors import SandboxLost
from tests.engine import Engine
from tests.guests import GuestService
from tests.sandbox_types import SMALL
from workers.sandbox.base import Finished, Job, Mode
from workers.sandbox.bubblewrap import BubblewrapSandbox
from workers.sandbox.docker_engine import OWNER_LABEL, DockerSandbox, owner
from workers.sandbox.unix_socket import UnixSocketSandbox

pytestmark = pytest.mark.sandbox

# Long enough to be met, short enough to be run twice.
JOB: Job = {"source": "import time; time.sleep(1.5); print('right')", "parts": [], "preload": False}
FIRST_JOB_USER = 20_000
PATIENCE = 90.0


def below(pid: int) -> list[int]:
    """A process and all that descend from it."""
    with suppress(OSError):
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
        return [pid, *(each for child in text.split() for each in below(int(child)))]
    return []


def runs_a_job(pid: int) -> bool:
    with suppress(OSError):
        lines = Path(f"/proc/{pid}/status").read_text("utf-8", errors="replace").splitlines()
        return any(line.startswith("Uid:") and int(line.split()[1]) >= FIRST_JOB_USER for line in lines)
    return False


@contextmanager
def killing(find: Callable[[], int | None], times: int, *, supervisor: bool = False) -> Iterator[list[int]]:
    """Kill the guest whose first process `find` knows as soon as a job runs in it, so many times; yields whom."""
    killed: list[int] = []
    over = threading.Event()

    def kill() -> None:
        until = time.monotonic() + PATIENCE
        while len(killed) < times and time.monotonic() < until and not over.is_set():
            first = find()
            family = below(first) if first else []
            if first not in killed and any(map(runs_a_job, family)):
                os.kill(family[1] if supervisor else family[0], signal.SIGKILL)
                killed.append(family[0])
            time.sleep(0.01)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield killed
    finally:
        over.set()
        thread.join()


class Watched(BubblewrapSandbox):
    """Tells which process it has started last."""

    last: int | None = None

    def _start(self, *words: object, **more: object) -> object:
        guest = super()._start(*words, **more)  # type: ignore[arg-type]
        self.last = guest._process.pid  # type: ignore[attr-defined]
        return guest


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("supervisor", [True, False], ids=["supervisor", "bubblewrap"])
def test_a_right_answer_stays_right(mode: Mode, supervisor: bool) -> None:
    sandbox = Watched(mode=mode)
    try:
        with killing(lambda: sandbox.last, 1, supervisor=supervisor) as killed:
            outcome = sandbox.run(JOB, SMALL)
    finally:
        sandbox.close()
    assert len(killed) == 1
    assert isinstance(outcome, Finished)
    assert outcome.stdout == "right\n"


def test_what_dies_twice_is_our_fault() -> None:
    sandbox = Watched(mode=Mode.FORKSERVER)
    try:
        with (
            killing(lambda: sandbox.last, 2, supervisor=True) as killed,
            pytest.raises(SandboxLost, match="two guests were lost"),
        ):
            sandbox.run(JOB, SMALL)
        assert len(set(killed)) == 2
        assert isinstance(sandbox.run(JOB, SMALL), Finished)
    finally:
        sandbox.close()


def test_a_container_that_is_killed(engine: Engine, guest_image: str) -> None:
    sandbox = DockerSandbox(mode=Mode.FORKSERVER, image=guest_image, base_url=engine.url)

    def first() -> int | None:
        mine = {"label": f"{OWNER_LABEL}={owner()}"}
        return next(
            (each.attrs["State"]["Pid"] for each in engine.client.containers.list(filters=mine)), None
        )

    try:
        with killing(first, 1) as killed:
            outcome = sandbox.run(JOB, SMALL)
    finally:
        sandbox.close()
    assert len(killed) == 1
    assert isinstance(outcome, Finished)
    assert outcome.stdout == "right\n"


def test_a_container_that_is_restarted(guest_service: GuestService) -> None:
    sandbox = UnixSocketSandbox(guest_service.start(fresh=False, limits=SMALL))
    container = guest_service.containers[-1]

    def first() -> int | None:
        container.reload()
        return container.attrs["State"]["Pid"] or None

    with killing(first, 1) as killed:
        outcome = sandbox.run(JOB, SMALL)
    assert len(killed) == 1
    assert isinstance(outcome, Finished)
    assert outcome.stdout == "right\n"
