"""The machine around a hostile case: what lies there to be stolen, who listens, and what must not be left behind."""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import os
import secrets
import socket
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import docker
from docker.models.containers import Container

from workers.sandbox.docker_engine import OWNER_LABEL, owner
from workers.sandbox.runtime import GUEST_SOURCE

# The users of jobs begin here, as the guest's supervisor has it; people's and other tests' users end below.
_HAS_ALL_USERS = "4294967295" in Path("/proc/self/uid_map").read_text("ascii")
_JOB_USERS = range(2_000_000_000, 2_100_000_000) if _HAS_ALL_USERS else range(20_000, 65_534)
_FIRST_JOB_USER = _JOB_USERS.start
_SECONDS_TO_VANISH = 2.0
_OTHERS_MOUNTS = ("docker", "engine-", "containers", "podman", "ordinary-user-")
_SECRET_VARIABLES = (
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "GRADER_SECRET_KEY_FILE",
    "AWS_SECRET_ACCESS_KEY",
)


@dataclass(frozen=True)
class Canaries:
    """One word for each thing to steal; nobody can guess it."""

    words: dict[str, str] = field(
        default_factory=lambda: {
            name: f"canary-{name}-{secrets.token_hex(8)}"
            for name in ("environment", "host_files", "neighbour", "checks", "data")
        }
    )

    def __getitem__(self, name: str) -> str:
        return self.words[name]

    def found_in(self, text: str) -> list[str]:
        """Which of them a text gives away, whole or by their secret half."""
        return [name for name, word in self.words.items() if word.rpartition("-")[2] in text]


class Listeners:
    """Sockets of the host that nothing from inside may reach: TCP, UDP, and an abstract Unix address."""

    def __init__(self) -> None:
        self.abstract = f"hostile-{secrets.token_hex(8)}"
        self._tcp = socket.create_server(("127.0.0.1", 0))
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", 0))
        self._unix = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._unix.bind(f"\0{self.abstract}")
        self._unix.listen()
        for each in (self._tcp, self._udp, self._unix):
            each.setblocking(False)

    @property
    def places(self) -> dict[str, str]:
        """Their addresses, by the words that a case has for them."""
        ports = {"TCP_PORT": self._tcp, "UDP_PORT": self._udp}
        return {word: str(each.getsockname()[1]) for word, each in ports.items()} | {
            "ABSTRACT": self.abstract
        }

    def seen(self) -> list[str]:
        """Who has called since this was last asked."""
        calls = []
        for name, listener in (("tcp", self._tcp), ("unix", self._unix)):
            with suppress(BlockingIOError):
                listener.accept()[0].close()
                calls.append(name)
        with suppress(BlockingIOError):
            self._udp.recv(1)
            calls.append("udp")
        return calls

    def close(self) -> None:
        """Stop listening."""
        for each in (self._tcp, self._udp, self._unix):
            each.close()


@contextmanager
def planted(canaries: Canaries, data_dir: Path) -> Iterator[None]:
    """Canaries in the environment of this process, behind a descriptor that children inherit, in files of the machine and
    beside the data sets.
    """
    name = f".hostile-canary-{os.getpid()}"
    places = [Path.home(), Path(tempfile.gettempdir()), Path("/etc"), Path("/var/tmp"), Path("/dev/shm")]
    files = [folder / name for folder in places]
    for file in files:
        file.write_text(canaries["host_files"], encoding="ascii")
    for file in (data_dir / "cache" / "labels.npy", data_dir / "secret.key"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(canaries["data"], encoding="ascii")
    kept = {variable: os.environ.get(variable) for variable in _SECRET_VARIABLES}
    os.environ.update(dict.fromkeys(_SECRET_VARIABLES, canaries["environment"]))
    inherited = os.open(files[0], os.O_RDONLY)
    os.set_inheritable(inherited, True)
    try:
        yield
    finally:
        os.close(inherited)
        for variable, value in kept.items():
            os.environ.pop(variable) if value is None else os.environ.update({variable: value})
        for file in files:
            file.unlink(missing_ok=True)


@dataclass(frozen=True)
class Own:
    """What of this machine belongs to a sandbox of this process: control groups, or containers of `client`'s engine, and users.

    Others grade on this machine at the same time.
    """

    client: docker.DockerClient | None = None
    users: range = _JOB_USERS

    def containers(self) -> list[Container]:
        """Those that this process has started, as long as they are there."""
        if self.client is None:
            return []
        label = f"{OWNER_LABEL}={owner()}"
        return self.client.containers.list(all=True, filters={"label": label}, ignore_removed=True)

    def has(self, groups: str, containers: list[Container]) -> bool:
        """Whether a process is one of ours, by the names of its control groups."""
        if self.client is not None:
            return any(container.id in groups for container in containers)
        in_container = any(word in groups for word in ("docker", "libpod"))
        return not in_container and (
            "keras-grader-" not in groups or f"keras-grader-{os.getpid()}-" in groups
        )


@dataclass(frozen=True)
class Traces:
    """What a job could leave on this machine."""

    processes: frozenset[str]
    groups: frozenset[str]
    mounts: frozenset[str]
    files: frozenset[str]
    messages: frozenset[str]
    sources: str

    @classmethod
    def now(cls, own: Own) -> Traces:
        """As things stand."""
        containers = own.containers()
        return cls(
            frozenset(_processes(own, containers)),
            frozenset(_groups()),
            frozenset(_mounts(containers)),
            frozenset(_files()),
            frozenset(_messages()),
            _sources(),
        )

    def beyond(self, before: Traces) -> dict[str, object]:
        """What is here that was not there before; the number of control groups counts, not their names."""
        found: dict[str, object] = {
            "processes": self.processes - before.processes,
            "mounts": self.mounts - before.mounts,
            "files": self.files - before.files,
            "messages": self.messages - before.messages,
            "groups": self.groups if len(self.groups) > max(1, len(before.groups)) else (),
            "sources": self.sources if self.sources != before.sources else (),
        }
        return {name: left for name, left in found.items() if left}


def left_after(before: Traces, own: Own) -> dict[str, object]:
    """What is left of a job after two seconds at most."""
    left: dict[str, object] = {}

    def is_gone() -> bool:
        nonlocal left
        left = Traces.now(own).beyond(before)
        return not left

    eventually(is_gone, seconds=_SECONDS_TO_VANISH)
    return left


def eventually(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Whether something is so within a while."""
    give_up = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > give_up:
            return False
        time.sleep(0.05)
    return True


def alive_of(worker: int) -> list[str]:
    """Process ids in the control groups of a worker."""
    lists = Path("/sys/fs/cgroup").glob(f"**/keras-grader-{worker}-*/cgroup.procs")
    return sorted({pid for file in lists for pid in file.read_text("ascii").split()})


def has_job(worker: int) -> bool:
    """Whether a job runs in the control groups of a worker."""
    return any(
        user in _JOB_USERS for pid in alive_of(worker) for user in _users_of(_status(Path("/proc", pid)))
    )


def _status(folder: Path) -> dict[str, str]:
    """proc_pid_status(5) by its names; empty for a process that has gone."""
    with suppress(OSError):
        lines = (folder / "status").read_text("utf-8", "replace").splitlines()
        return dict(line.split(":", 1) for line in lines if ":" in line)
    return {}


def _users_of(status: dict[str, str]) -> list[int]:
    return [int(user) for user in status.get("Uid", "").split()]


def _processes(own: Own, containers: list[Container]) -> Iterator[str]:
    """Processes of users that only jobs have, and dead children of ours that nobody has collected."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError, KeyError):
            status = _status(folder)
            if _is_left(folder, status, own.users, lambda groups: own.has(groups, containers)):
                words = (folder / "cmdline").read_bytes().replace(b"\0", b" ")[:80]
                yield f"{folder.name} {status['Name'].strip()} {words!r}"


def _is_left(folder: Path, status: dict[str, str], users: range, is_ours: Callable[[str], bool]) -> bool:
    """The kernel takes a dead process out of its control group: its parent's tells whose it was."""
    is_dead, parent = status["State"].split()[0] == "Z", status["PPid"].strip()
    if is_dead and parent == str(os.getpid()):
        return True
    is_job = any(user in users for user in _users_of(status))
    return is_job and is_ours(((Path("/proc", parent) if is_dead else folder) / "cgroup").read_text("utf-8"))


def _groups() -> set[str]:
    """Our own control groups, by name; those of others come and go while one looks."""
    return {
        name
        for _, folders, _ in os.walk("/sys/fs/cgroup")
        for name in folders
        if name.startswith(f"keras-grader-{os.getpid()}-")
    }


def _mounts(containers: list[Container]) -> set[str]:
    """Mounts of this machine; those below temporary folders of other tests come and go.

    Of the roots of our containers the number counts: after a job that was killed there is a new container.
    """
    lines = Path("/proc/self/mounts").read_text("utf-8").splitlines()
    own = {line for line in lines if not any(word in line for word in (*_OTHERS_MOUNTS, "overlay "))}
    roots = {container.attrs["GraphDriver"]["Data"]["MergedDir"] for container in containers}
    mounted = sum(line.startswith("overlay ") and line.split()[1] in roots for line in lines)
    return own | {f"root of container {number}" for number in range(mounted)}


def _files() -> Iterator[str]:
    """Files in our own folder of temporary files, and those of jobs' users where everybody may write."""
    yield from (str(path) for path in Path(tempfile.gettempdir()).iterdir())
    for folder in ("/dev/shm", "/tmp", "/var/tmp", "/dev/mqueue"):
        with suppress(OSError):
            for item in os.scandir(folder):
                with suppress(OSError):
                    found = item.stat(follow_symlinks=False)
                    if found.st_uid >= _FIRST_JOB_USER and not stat.S_ISSOCK(found.st_mode):
                        yield item.path


def _messages() -> Iterator[str]:
    """Objects of System V that users of jobs made on this machine itself: they live on without a process."""
    for kind in ("shm", "sem", "msg"):
        for line in Path(f"/proc/sysvipc/{kind}").read_text("ascii").splitlines()[1:]:
            if any(int(word) >= _FIRST_JOB_USER for word in line.split()[4:12] if word.isdigit()):
                yield f"{kind} {line.split()[1]}"


def remove_messages() -> None:
    """Remove what `_messages` finds, after a test that had them made here."""
    libc, remove = ctypes.CDLL(None), 0
    ends = {
        "shm": lambda number: libc.shmctl(number, remove, None),
        "sem": lambda number: libc.semctl(number, 0, remove, 0),
        "msg": lambda number: libc.msgctl(number, remove, None),
    }
    for found in list(_messages()):
        kind, number = found.split()
        ends[kind](int(number))


def _sources() -> str:
    """A hash of the guest's code and of Keras's front door, both of which a job sees and may not change."""
    digest = hashlib.sha256()
    keras = importlib.util.find_spec("keras")
    assert keras is not None
    for path in [*sorted(GUEST_SOURCE.rglob("*.py")), Path(keras.origin or "")]:
        digest.update(path.read_bytes())
    return digest.hexdigest()
