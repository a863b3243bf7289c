"""Places where guests run: containers that wait behind a socket, and a Podman service that holds their image."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from docker.models.containers import Container

from grader.domain.assignment import Limits
from tests.engine import BEFORE_ANY_TEST, CACHE, Engine, await_answer
from tests.shared import UNTIL_WE_END
from workers.sandbox import load, profile
from workers.sandbox.docker_engine import OWNER_LABEL, owner

SOCKET = "/run/guest/guest.sock"
_WORKER_GROUP = 10001
# As docker/compose.yaml has them; a test compares.
NO_DEVICES = {
    f"/sys/{name}": "ro,size=4k,nr_inodes=16" for name in ("devices", "block", "class", "kernel", "module")
}
_COVERS = {name: name for name in ("loadavg", "meminfo", "stat", "uptime")} | dict.fromkeys(
    ("diskstats", "swaps"), "nothing"
)
NO_LOAD = [f"{load.FILES / file}:/proc/{name}:ro" for name, file in _COVERS.items()]


@dataclass
class GuestService:
    """Guests that already run, each hardened as docker/compose.yaml has it, with a socket in a folder of ours."""

    engine: Engine
    image: str
    folder: Path
    containers: list[Container] = field(default_factory=list)

    def start(self, *, fresh: bool, limits: Limits) -> Path:
        """Start one; returns its socket, which appears when it is ready."""
        place = Path(tempfile.mkdtemp(dir=self.folder))
        os.chown(place, 0, _WORKER_GROUP)
        place.chmod(0o2750)
        memory = f"{limits.memory_mib + 768}m"
        writable = f"rw,nosuid,nodev,mode=1777,size={limits.disk_mib}m,nr_inodes=16384"
        container = self.engine.client.containers.run(
            self.image,
            ["--listen", SOCKET, *(["--fresh"] if fresh else [])],
            detach=True,
            network_mode="none",
            read_only=True,
            cap_drop=["ALL"],
            cap_add=["SETUID", "SETGID", "KILL"],
            security_opt=["no-new-privileges", f"seccomp={profile.text()}"],
            pids_limit=limits.processes + 16,
            mem_limit=memory,
            memswap_limit=memory,
            tmpfs=dict.fromkeys(("/tmp", "/dev/shm"), writable) | NO_DEVICES,
            volumes=[f"{place}:{Path(SOCKET).parent}:rw", *NO_LOAD],
            labels={OWNER_LABEL: owner()},
            restart_policy={"Name": "always"},
        )
        self.containers.append(container)
        return place / Path(SOCKET).name


@pytest.fixture(scope="session")
def guest_service(engine: Engine, guest_image: str) -> Iterator[GuestService]:
    """Starts guests as services; they end with the tests."""
    with tempfile.TemporaryDirectory(prefix="guest-service-", dir=BEFORE_ANY_TEST) as folder:
        service = GuestService(engine, guest_image, Path(folder))
        yield service
        for container in service.containers:
            container.remove(force=True)


@pytest.fixture(scope="session")
def podman(engine: Engine, guest_image: str) -> Iterator[str]:
    """The address of a Podman service of our own that holds the guest's image."""
    with tempfile.TemporaryDirectory(prefix="podman-", dir=BEFORE_ANY_TEST) as name:
        place = Path(name)
        # Podman's database remembers both places and refuses others.
        words = ["podman", "--root", str(CACHE / "podman"), "--runroot", str(CACHE / "podman-run")]
        words += ["--cgroup-manager", "cgroupfs"]
        _copy_image(engine, guest_image, words)
        url = f"unix://{place}/podman.sock"
        with (place / "log").open("wb") as log:
            # A container that runs out of memory leaves a file where the service was started.
            command = [*UNTIL_WE_END, *words, "system", "service", "--time", "0", url]
            process = subprocess.Popen(command, stdout=log, stderr=log, cwd=place)
        answer = await_answer(url)
        assert answer, (place / "log").read_text(errors="replace")[-3000:]
        answer.client.close()
        yield url
        process.terminate()
        process.wait(60)
        subprocess.run([*words, "image", "prune", "--force"], check=False, stdout=subprocess.DEVNULL)


def _copy_image(engine: Engine, image: str, podman: list[str]) -> None:
    """Give Podman an image of the Docker engine, unless it has this very one."""
    wanted = engine.client.images.get(image).id.removeprefix("sha256:")
    known = subprocess.run([*podman, "image", "exists", wanted], check=False, capture_output=True)
    if known.returncode == 0:
        return
    words = ["docker", "--host", engine.url, "save", image]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as save:
        load = subprocess.run(
            [*podman, "load", "--quiet"], stdin=save.stdout, check=False, capture_output=True, timeout=600
        )
    assert (load.returncode, save.returncode) == (0, 0), load.stderr[-3000:].decode(errors="replace")
