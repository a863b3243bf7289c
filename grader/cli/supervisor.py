"""`grader serve`: one machine, three processes, one lock."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO, Any

import click

from grader import queue
from grader.cli.processes import Child, memory_mib
from grader.cli.serve import grading_environ
from grader.wiring import Wiring

STOP_SECONDS = 4.0
READY_SECONDS = 60.0
TICK_SECONDS = 0.2
GRADING_MIB = 3500  # measured: 2 GiB that a submission may use, its loaded libraries, and the trainer
OUR_FAULT = 3
WRONG_USAGE = 2


class Service:
    """Starts the parts, keeps them running, ends them together."""

    def __init__(self, parts: Wiring, host: str, port: int) -> None:
        self._parts = parts
        click.echo(f"{len(parts.shelf.assignments)} assignments.")
        self._data_dir = parts.settings.data_dir
        self._socket = _listen(host, port)
        self._address = "http://{}:{}".format(*self._socket.getsockname()[:2])
        self._stopping = False
        self._children = self._plan()

    def run(self) -> int:
        """Serve until a signal; the exit status."""
        lock = take_lock(self._data_dir)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        try:
            if not self._can_grade():
                return OUR_FAULT
            if not self._parts.settings.broker_url:
                queue.purge(self._parts.celery, queue.GRADING)
                queue.send(self._parts.celery, queue.RECOVER, queue.CONTROL)
            for child in self._children:
                child.start()
            if self._await_web():
                self._greet()
            while not self._stopping:
                self._look_after()
                time.sleep(TICK_SECONDS)
        finally:
            self._end()
            lock.close()
        click.echo("Stopped.")
        return 0

    def _plan(self) -> list[Child]:
        settings, logs = self._parts.settings, self._data_dir / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        environ = dict(os.environ) | {"GRADER_DATA_DIR": str(self._data_dir), "PYTHONUNBUFFERED": "1"}
        if not settings.public_url:
            environ["GRADER_PUBLIC_URL"] = self._address
        grader = [sys.executable, "-m", "grader.cli"]
        descriptor = self._socket.fileno()
        web = Child(
            "web",
            [*grader, "web", "--socket", str(descriptor)],
            environ,
            logs / "web.log",
            descriptors=(descriptor,),
        )
        # With the embedded broker a grading worker has nothing to give back, and Celery takes seconds to end.
        control = Child(
            "control", [*grader, "worker", "--queues", "control,webhooks"], environ, logs / "control.log"
        )
        grading = Child(
            "grading",
            [sys.executable, "-m", "workers", "--queues", queue.GRADING],
            grading_environ(environ, self._data_dir),
            logs / "grading.log",
            ending=signal.SIGQUIT if settings.broker_url else signal.SIGKILL,
        )
        return [web, control, grading]

    def _can_grade(self) -> bool:
        """Try the sandbox before anybody hands in; the worker itself says what is wrong."""
        grading = self._children[-1]
        done = subprocess.run([*grading.command, "--check"], env=dict(grading.environ), check=False)
        return done.returncode == 0

    def _stop(self, _number: int, _frame: Any) -> None:
        self._stopping = True

    def _look_after(self) -> None:
        for child in self._children:
            if child.fell_over() and not self._stopping:
                click.echo(
                    f"{child.name} ended; it starts again in {child.pause:g} s. See {child.log}", err=True
                )
                self._bring_back(child)
            if child.is_due():
                child.start()

    def _bring_back(self, child: Child) -> None:
        """The embedded broker's messages die with the worker that held them, so what is not final is sent again."""
        if child.name == "grading" and not self._parts.settings.broker_url:
            queue.send(self._parts.celery, queue.RECOVER, queue.CONTROL)

    def _await_web(self) -> bool:
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until and not self._stopping:
            if answers(f"{self._address}/health/alive"):
                return True
            self._look_after()
            time.sleep(TICK_SECONDS)
        return False

    def _greet(self) -> None:
        pids = [child.process.pid for child in self._children if child.process is not None]
        click.echo(f"The grader is at {self._parts.settings.public_url or self._address}")
        click.echo(f"Data, logs and keys: {self._data_dir}")
        click.echo(
            f"Memory: {memory_mib([os.getpid(), *pids]):.0f} MiB now; allow {GRADING_MIB} MiB more while it grades."
        )
        if not self._parts.accounts.store.any_admin():
            click.echo("Nobody can sign in yet. Make an administrator:")
            click.echo(
                f"  GRADER_PUBLIC_URL={self._address} grader user add you@example.edu --admin"
                f" --data-dir {self._data_dir}"
            )
        click.echo("Stop with Ctrl-C.")

    def _end(self) -> None:
        for child in self._children:
            child.end()
        until = time.monotonic() + STOP_SECONDS
        for child in self._children:
            child.wait(until)
        self._socket.close()


def take_lock(data_dir: Path) -> IO[str]:
    """The only `serve` on a data folder; a second one is told who is first."""
    lock = (data_dir / "serve.lock").open("a+", encoding="utf-8")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        click.echo(f"Another grader serve (process {lock.read().strip()}) uses {data_dir} already.", err=True)
        lock.close()
        raise SystemExit(WRONG_USAGE) from None
    lock.seek(0)
    lock.truncate()
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def answers(url: str) -> bool:
    """Whether a GET comes back with 200 within a second."""
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)  # noqa: PLR2004
    except (urllib.error.URLError, OSError):
        return False


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        click.echo(f"Cannot listen on {host}:{port}: {error.strerror}. Try --port 0.", err=True)
        raise SystemExit(WRONG_USAGE) from None
    listening.listen(256)
    return listening
