"""A Redis and a PostgreSQL of our own, on loopback and free ports; each ends with its block and leaves nothing."""

from __future__ import annotations

import os
import pwd
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


@contextmanager
def redis_server() -> Iterator[str]:
    """The address of a database of it, which is kept in memory only."""
    folder, port = Path(tempfile.mkdtemp(prefix="grader-redis-")), free_port()
    command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", folder]
    process = subprocess.Popen([*UNTIL_WE_END, *command], stdout=subprocess.DEVNULL)
    address = f"redis://127.0.0.1:{port}/0"
    try:
        _await(lambda: answers_as_redis(address), process, "Redis")
        yield address
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgres_server(*settings: str) -> Iterator[str]:
    """The address of the server, without a database; beside `settings` (`name=value`) those of its package."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    folder, port = Path(tempfile.mkdtemp(prefix="grader-postgres-")), free_port()
    options = _as_postgres(folder) | {"cwd": folder, "stdout": subprocess.DEVNULL}
    made = ["-D", folder / "data", "-A", "trust", "-U", "grader", "-E", "UTF8", "--no-sync"]
    subprocess.run([programs / "initdb", *made], check=True, **options)
    own = [f"port={port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={folder}"]
    words = [word for one in (*own, *settings) for word in ("-c", one)]
    command = [*UNTIL_WE_END, programs / "postgres", "-D", folder / "data", *words]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, **options)
    address = f"postgresql+psycopg://grader@127.0.0.1:{port}"
    try:
        _await(lambda: answers_as_postgres(address), process, "PostgreSQL")
        yield address
    finally:
        process.send_signal(signal.SIGQUIT)
        process.wait(20)
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
