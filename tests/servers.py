"""A Redis and a PostgreSQL of our own, on loopback and free ports; each ends with its block and leaves nothing."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import redis

from tests.shared import UNTIL_WE_END

SECONDS_TO_START = 60.0


class Server:
    """One that a test can end, start again, stop and let go on: what it listens on and what it keeps stay."""

    def __init__(
        self, name: str, address: str, command: list[Any], answers: Callable[[str], bool], **options: Any
    ):
        self.address = address
        self._name, self._answers = name, answers
        self._command, self._options = [*UNTIL_WE_END, *command], options
        self.start()

    def start(self) -> None:
        """Come back when it takes commands."""
        self.process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, **self._options)
        try:
            _await(lambda: self._answers(self.address), self.process, self._name)
        except BaseException:
            self.end(signal.SIGKILL)
            raise

    def end(self, number: signal.Signals) -> None:
        """By a signal; one that was stopped as well."""
        self.process.send_signal(number)
        self.process.send_signal(signal.SIGCONT)
        self.process.wait(120)


@contextmanager
def redis_server() -> Iterator[str]:
    """The address of a database of it, which is kept in memory only."""
    with redis_that_falls() as server:
        yield server.address


@contextmanager
def redis_that_falls() -> Iterator[Server]:
    """The same for tests of what happens when it is away."""
    with _redis([], "redis://127.0.0.1:{port}/0") as server:
        yield server


REDIS_USERS = {
    "control": "REDIS_PASSWORD",
    "worker": "REDIS_WORKER_PASSWORD",
    "worker-quick": "REDIS_QUICK_PASSWORD",
}
"""Who has which password in the environment of docker/redis-users.sh."""


@contextmanager
def redis_with_users() -> Iterator[dict[str, str]]:
    """A Redis that knows the users of docker/redis-users.acl alone: the address for each."""
    folder = Path(tempfile.mkdtemp(prefix="grader-redis-users-"))
    passwords = {user: secrets.token_hex(8) for user in REDIS_USERS}
    environ = {**os.environ, **{REDIS_USERS[user]: password for user, password in passwords.items()}}
    acl = folder / "users.acl"
    try:
        made = ["sh", Path(__file__).parents[1] / "docker" / "redis-users.sh", acl]
        subprocess.run(made, check=True, env=environ)
        address = "redis://{user}:{password}@127.0.0.1:{port}/0"
        as_control = address.format(user="control", password=passwords["control"], port="{port}")
        with _redis(["--aclfile", acl], as_control) as server:
            port = server.address.rpartition(":")[2].partition("/")[0]
            yield {
                user: address.format(user=user, password=password, port=port)
                for user, password in passwords.items()
            }
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _redis(options: list[Any], address: str) -> Iterator[Server]:
    """One with these options; `{port}` in the address stands for its port."""
    folder, port = Path(tempfile.mkdtemp(prefix="grader-redis-")), free_port()
    command = [
        "redis-server",
        "--bind",
        "127.0.0.1",
        "--port",
        str(port),
        "--save",
        "",
        "--dir",
        folder,
        *options,
    ]
    try:
        server = Server("Redis", address.format(port=port), command, answers_as_redis)
        try:
            yield server
        finally:
            server.end(signal.SIGTERM)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgres_server(*settings: str) -> Iterator[str]:
    """The address of the server, without a database; beside `settings` (`name=value`) those of its package."""
    with postgres_that_falls(*settings) as server:
        yield server.address


@contextmanager
def postgres_that_falls(*settings: str) -> Iterator[Server]:
    """The same for tests of what happens when it is away."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    folder, port = Path(tempfile.mkdtemp(prefix="grader-postgres-")), free_port()
    options = _as_postgres(folder) | {"cwd": folder}
    made = ["-D", folder / "data", "-A", "trust", "-U", "grader", "-E", "UTF8", "--no-sync"]
    own = [f"port={port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={folder}"]
    words = [word for one in (*own, *settings) for word in ("-c", one)]
    command = [programs / "postgres", "-D", folder / "data", *words]
    address = f"postgresql+psycopg://grader@127.0.0.1:{port}"
    try:
        subprocess.run([programs / "initdb", *made], check=True, stdout=subprocess.DEVNULL, **options)
        server = Server(
            "PostgreSQL", address, command, answers_as_postgres, stderr=subprocess.DEVNULL, **options
        )
        try:
            yield server
        finally:
            server.end(signal.SIGQUIT)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def make_database(server: str, name: str) -> str:
    """A fresh, empty database on that server; its address."""
    with psycopg.connect(_maintenance(server), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return f"{server}/{name}"


def answers_as_redis(address: str) -> bool:
    """Whether a Redis there takes commands; it listens before it has read what it keeps."""
    try:
        with redis.Redis.from_url(address, socket_timeout=5) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def answers_as_postgres(server: str) -> bool:
    """Whether a PostgreSQL there takes commands; it listens before it has started, and refuses everybody meanwhile."""
    try:
        psycopg.connect(_maintenance(server), connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def free_port() -> int:
    """A port that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _maintenance(server: str) -> str:
    """The database that every server has, in the words of libpq."""
    return f"{server.replace('+psycopg', '')}/postgres"


def _await(answers: Callable[[], bool], process: subprocess.Popen[bytes], name: str) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while not answers():
        if process.poll() is not None:
            raise RuntimeError(f"{name} ended with {process.returncode} as it started")
        if time.monotonic() > until:
            raise TimeoutError(f"{name} does not answer after {SECONDS_TO_START:.0f} s")
        time.sleep(0.05)


def _as_postgres(folder: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return {}
    user = pwd.getpwnam("postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
