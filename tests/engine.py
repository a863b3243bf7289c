"""A container engine and the images that tests need, for whatever test asks for them.

An engine that already answers is used; else one is started for the tests, which Debian's docker.io allows without
any network set-up. No image can be pulled: the base is made by mmdebstrap. What is slow to make (the base, the
wheels, the engine's layers) stays below the user's cache folder, so that a second run is quick.
"""

from __future__ import annotations

import functools
import http.server
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import docker
import docker.types
import pytest
import requests
from docker.errors import DockerException, ImageNotFound
from docker.models.containers import Container

from grader.domain.assignment import Limits
from tests import shared
from workers.sandbox import profile
from workers.sandbox.docker_engine import OWNER_LABEL, is_open, owner

PROJECT = Path(__file__).resolve().parent.parent
BASE_IMAGE = "keras-grader-test-base"
GUEST_IMAGE = "keras-grader-test-guest"
SOCKET = "/run/guest/guest.sock"
_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "keras-grader"
# As it is before a test moves it: an engine outlives that test, and its sockets' names must be short.
_TEMP = tempfile.gettempdir()
_PACKAGES = "python3,python3-pip,ca-certificates"
_WORKER_GROUP = 10001
_WHEELS_PORT = 38471


@dataclass
class Engine:
    """An engine at `url`, and the client that tests use."""

    url: str
    client: docker.DockerClient

    def has(self, image: str) -> bool:
        with suppress(ImageNotFound):
            self.client.images.get(image)
            return True
        return False

    def build(self, dockerfile: str, tag: str, context: Path = PROJECT, **arguments: str) -> str:
        """Build one of docker/*.Dockerfile over the local base, with wheels from this machine."""
        with wheels(context / "requirements" / _LOCKS[dockerfile]) as links:
            settings = {"BASE": BASE_IMAGE, "PIP_FIND_LINKS": links, "PIP_NO_INDEX": "1", **arguments}
            words = ["docker", "--host", self.url, "build", "--quiet", "--network=host", "--tag", tag]
            words += ["--file", str(context / "docker" / f"{dockerfile}.Dockerfile")]
            words += [word for name, value in settings.items() for word in ("--build-arg", f"{name}={value}")]
            answer = subprocess.run(
                [*words, str(context)], capture_output=True, text=True, timeout=900, env=_plain()
            )
        assert answer.returncode == 0, answer.stdout[-3000:] + answer.stderr[-3000:]
        return tag


_LOCKS = {"guest": "guest.lock", "worker": "worker.lock", "web": "server.lock"}


def _plain() -> dict[str, str]:
    return {**os.environ, "DOCKER_BUILDKIT": "0"}


@contextmanager
def wheels(lock: Path) -> Iterator[str]:
    """Wheels of a lock file behind a loopback address: the machine's own index may be a folder of files.

    All lock files share one folder, since most of what a worker needs is the guest's as well; the index is asked once,
    for all of them, when something is missing.
    """
    folder = _CACHE / "wheels"
    folder.mkdir(parents=True, exist_ok=True)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "-qqq", "--require-hashes"]
    pip += ["--no-deps", "--only-binary", ":all:", "--find-links", str(folder), "--dest", str(folder)]
    here = subprocess.run(
        [*pip, "--no-index", "--requirement", str(lock)], check=False, capture_output=True, timeout=600
    )
    if here.returncode:
        locks = [lock.with_name(name) for name in _LOCKS.values()]
        subprocess.run(
            [*pip, *(word for one in locks for word in ("--requirement", str(one)))], check=True, timeout=600
        )
    with _server(functools.partial(_Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def _server(handler: Callable[..., _Quiet]) -> http.server.ThreadingHTTPServer:
    """The same port whenever it is free: the engine builds a layer anew when a build argument changes."""
    try:
        return http.server.ThreadingHTTPServer(("127.0.0.1", _WHEELS_PORT), handler)
    except OSError:
        return http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        return


def make_base(engine: Engine) -> None:
    """Import a minimal Debian with Python as the base image."""
    if engine.has(BASE_IMAGE):
        return
    tarball = _CACHE / "base.tar"
    if not tarball.exists():
        tarball.parent.mkdir(parents=True, exist_ok=True)
        partial = tarball.with_suffix(".partial")
        _make_debian(partial)
        partial.rename(tarball)
    subprocess.run(
        ["docker", "--host", engine.url, "import", str(tarball), BASE_IMAGE],
        check=True,
        timeout=120,
        stdout=subprocess.DEVNULL,
    )


# In memory and seen by nobody else; dpkg waits for the disk after no file, in a later build as well.
_DEBIAN = """
mount -t tmpfs -o size=2g tmpfs "$1"
shift
exec mmdebstrap --quiet --variant=minbase --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr --dpkgopt=force-unsafe-io "$@"
"""
_LEFT_OUT = "/usr/share/doc/*", "/usr/share/locale/*", "/usr/share/man/*"


def _make_debian(tarball: Path) -> None:
    """Write a small Debian with Python as an archive."""
    with tempfile.TemporaryDirectory(prefix="debian-", dir=_TEMP) as folder:
        words = ["unshare", "--mount", "sh", "-euc", _DEBIAN, "sh", folder, f"--include={_PACKAGES}"]
        words += [f"--dpkgopt=path-exclude={place}" for place in _LEFT_OUT]
        answer = subprocess.run(
            [*words, "bookworm", str(tarball), "--format=tar"],
            capture_output=True,
            text=True,
            timeout=1200,
            env={**os.environ, "TMPDIR": folder},
        )
    assert answer.returncode == 0, answer.stdout[-3000:] + answer.stderr[-3000:]


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
    """The engine of this run, started by whoever asks first; all processes use it, and `end_shared_engine` ends it."""
    with shared.one_at_a_time("engine"):
        place = shared.folder() / "engine"
        if not place.exists():
            # Names of sockets must be short.
            place.symlink_to(tempfile.mkdtemp(prefix="engine-", dir=_TEMP))
            _start_engine(place.resolve())
        return _await_engine(place.resolve())


def _start_engine(place: Path) -> None:
    """Start one that is nobody's child, so that it outlives the process that asked for it."""
    words = ["setsid", "--fork", "dockerd", "--host", f"unix://{place}/docker.sock"]
    words += ["--data-root", str(_CACHE / "engine"), "--exec-root", str(place / "exec")]
    words += ["--pidfile", str(place / "docker.pid")]
    words += ["--iptables=false", "--ip6tables=false", "--bridge=none"]
    with (place / "log").open("wb") as log:
        subprocess.run(words, check=True, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def _await_engine(place: Path) -> Engine:
    found = _await_answer(f"unix://{place}/docker.sock")
    if found is None:
        pytest.fail(f"no engine could be started:\n{(place / 'log').read_text(errors='replace')[-3000:]}")
    return found


def _await_answer(url: str) -> Engine | None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = _answering(url)
        if found:
            return found
        time.sleep(0.1)
    return None


def end_shared_engine() -> None:
    """End the engine of this run, if there is one, and remove what rebuilt images have left behind.

    Layers that a next build may use stay.
    """
    place = (shared.folder() / "engine").resolve()
    if not place.exists():
        return
    engine = _answering(f"unix://{place}/docker.sock")
    if engine:
        engine.client.images.prune()
        engine.client.close()
    pid = place / "docker.pid"
    if pid.exists():
        process = Path("/proc", pid.read_text("ascii").strip())
        with suppress(ProcessLookupError):
            os.kill(int(process.name), signal.SIGTERM)
        deadline = time.monotonic() + 60
        while _runs(process) and time.monotonic() < deadline:
            time.sleep(0.1)
    # The engine leaves its own network namespace mounted.
    for left in place.glob("exec/netns/*"):
        subprocess.run(["umount", str(left)], check=False)
    shutil.rmtree(place, ignore_errors=True)


def _runs(process: Path) -> bool:
    """Whether a process, by its folder in /proc, is there and alive; init may leave a dead one lying about."""
    with suppress(OSError):
        return "\nState:\tZ" not in (process / "status").read_text("utf-8")
    return False


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """An engine, running or started for the tests. Fails where there can be none."""
    found = running_engine() or shared_engine()
    yield found
    found.client.close()


@pytest.fixture(scope="session")
def guest_image(engine: Engine) -> str:
    """The guest's image, built from docker/guest.Dockerfile as it is now."""
    with shared.one_at_a_time("images"):
        make_base(engine)
        return engine.build("guest", GUEST_IMAGE)


@pytest.fixture(scope="session")
def podman(engine: Engine, guest_image: str) -> Iterator[str]:
    """The address of a Podman service of our own that holds the guest's image."""
    with tempfile.TemporaryDirectory(prefix="podman-", dir=_TEMP) as name:
        place = Path(name)
        # Podman's database remembers both places and refuses others.
        words = ["podman", "--root", str(_CACHE / "podman"), "--runroot", str(_CACHE / "podman-run")]
        words += ["--cgroup-manager", "cgroupfs"]
        _copy_image(engine, guest_image, words)
        url = f"unix://{place}/podman.sock"
        with (place / "log").open("wb") as log:
            process = subprocess.Popen(
                [*words, "system", "service", "--time", "0", url], stdout=log, stderr=log
            )
        answer = _await_answer(url)
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


@pytest.fixture(scope="session")
def images(engine: Engine, guest_image: str) -> dict[str, str]:
    """All images of docker/compose.yaml by service, built on the local base."""
    tags = {"guest": guest_image}
    with shared.one_at_a_time("images"):
        tags["web"] = engine.build("web", "keras-grader-test-web")
        tags["worker"] = engine.build("worker", "keras-grader-test-worker", GUEST=guest_image)
        tags["services"] = _build_services(engine)
    return tags


def _build_services(engine: Engine) -> str:
    """Redis and PostgreSQL from Debian's packages, both in one image."""
    folder, tag = PROJECT / "tests" / "compose", "keras-grader-test-services"
    words = ["docker", "--host", engine.url, "build", "--quiet", "--network=host", "--tag", tag]
    words += ["--build-arg", f"BASE={BASE_IMAGE}", "--file", str(folder / "services.Dockerfile"), str(folder)]
    answer = subprocess.run(words, capture_output=True, text=True, timeout=300, env=_plain())
    assert answer.returncode == 0, answer.stdout[-3000:] + answer.stderr[-3000:]
    return tag


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
            tmpfs=dict.fromkeys(("/tmp", "/dev/shm"), writable),
            volumes={str(place): {"bind": str(Path(SOCKET).parent), "mode": "rw"}},
            labels={OWNER_LABEL: owner()},
            restart_policy={"Name": "always"},
        )
        self.containers.append(container)
        return place / Path(SOCKET).name


@pytest.fixture(scope="session")
def guest_service(engine: Engine, guest_image: str) -> Iterator[GuestService]:
    """Starts guests as services; they end with the tests."""
    with tempfile.TemporaryDirectory(prefix="guest-service-", dir=_TEMP) as folder:
        service = GuestService(engine, guest_image, Path(folder))
        yield service
        for container in service.containers:
            container.remove(force=True)
