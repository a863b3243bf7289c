"""Containers of an engine and of a service: our own list of system calls is in force, for the supervisor as well."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from docker.models.containers import Container

from grader.domain.assignment import Limits
from tests.engine import Engine
from tests.guests import NO_LOAD, GuestService
from tests.sandbox_types import SMALL
from workers.sandbox import dialect, docker_engine, profile

pytestmark = pytest.mark.sandbox

# On x86-64; Docker's own profile refuses only the last, ours all of them.
CALLS = """
import ctypes, json
libc = ctypes.CDLL(None, use_errno=True)
calls = {"inet": (41, 2, 1, 0), "netlink": (41, 16, 3, 0), "shmget": (29, 4711, 4096, 0o1666), "memfd_secret": (447, 0),
         "io_uring_setup": (425, 1, 0), "clone3": (435, 0, 0), "keyctl": (250, 0, 0)}
said = {}
for name, call in calls.items():
    ctypes.set_errno(0)
    said[name] = -1 if libc.syscall(*call) >= 0 else ctypes.get_errno()
said["unix"] = libc.syscall(41, 1, 1, 0) >= 0
print(json.dumps(said))
"""
OURS = {
    "inet": 97,
    "netlink": 97,
    "shmget": 1,
    "memfd_secret": 1,
    "io_uring_setup": 1,
    "clone3": 38,
    "keyctl": 1,
    "unix": True,
}


@pytest.fixture(params=["docker", "unix"])
def guest(request: pytest.FixtureRequest, engine: Engine, guest_image: str) -> Iterator[Container]:
    """A supervisor in its container, waiting for a job."""
    if request.param == "unix":
        service: GuestService = request.getfixturevalue("guest_service")
        service.start(fresh=True, limits=SMALL)
        yield service.containers[-1]
        return
    options = docker_engine._options(Limits(), dialect.docker())
    container = engine.client.containers.create(guest_image, ["--stdio"], **options)
    container.start()
    yield container
    container.remove(force=True)


def status_of_supervisor(guest: Container) -> dict[str, str]:
    guest.reload()
    pid = guest.attrs["State"]["Pid"]
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}


def test_the_supervisor_is_filtered_and_has_three_powers(guest: Container) -> None:
    status = status_of_supervisor(guest)
    assert (status["Seccomp"], status["NoNewPrivs"]) == ("2", "1")
    kill, setgid, setuid = 1 << 5, 1 << 6, 1 << 7
    for powers in ("CapEff", "CapPrm", "CapBnd"):
        assert int(status[powers], 16) == kill | setgid | setuid


def test_the_profile_is_ours(guest: Container) -> None:
    (seccomp,) = [
        option for option in guest.attrs["HostConfig"]["SecurityOpt"] if option.startswith("seccomp=")
    ]
    assert json.loads(seccomp.removeprefix("seccomp=")) == json.loads(profile.text())


def test_what_the_supervisor_may_not_call_either(guest: Container) -> None:
    """A process beside it, as root and without the guest's own filter: what stands in its way is the profile."""
    status, output = guest.exec_run(["python3", "-I", "-S", "-c", CALLS])
    assert status == 0, output
    assert json.loads(output) == OURS


def test_dockers_own_profile_would_allow_most_of_it(engine: Engine, guest_image: str) -> None:
    """The control: without our profile the same calls get through, so it is ours that refuses them."""
    options = docker_engine._options(Limits(), dialect.docker()) | {"security_opt": ["no-new-privileges"]}
    options |= {"auto_remove": False, "log_config": None}
    container = engine.client.containers.create(
        guest_image, entrypoint=["python3", "-I", "-c", CALLS], **options
    )
    try:
        container.start()
        container.wait(timeout=60)
        said = json.loads(container.logs(stderr=False))
    finally:
        container.remove(force=True)
    assert {name for name, answer in said.items() if answer == -1} >= {"inet", "netlink", "shmget"}


def test_nothing_of_the_machine_is_mounted_but_the_socket(guest: Container) -> None:
    options = guest.attrs["HostConfig"]
    assert options["NetworkMode"] == "none"
    assert options["Memory"] == options["MemorySwap"] > 0
    assert not options["Privileged"]
    mounts = {mount["Destination"]: mount["RW"] for mount in guest.attrs["Mounts"]}
    covers = dict.fromkeys((each.split(":")[1] for each in NO_LOAD), False)
    assert mounts in ({}, {"/run/guest": True, **covers})
