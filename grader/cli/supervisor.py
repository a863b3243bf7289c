"""`grader serve`: one machine, a handful of processes, one lock."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO, Any

import click
from kombu.exceptions import OperationalError

from grader import queue
from grader.cli.address import LeftAddress, address_of
from grader.cli.capacity import GRADING_MIB, workers_that_fit
from grader.cli.listening import listen
from grader.cli.processes import Child, memory_mib
from grader.cli.sandbox_report import ask_sandbox
from grader.cli.serve import grading_environ
from grader.lifeline import ends_with_us
from grader.private import private_folder
from grader.wiring import Wiring

STOP_SECONDS = 4.0
READY_SECONDS = 60.0
TICK_SECONDS = 0.2
OUR_FAULT = 3
WRONG_USAGE = 2


class Service:
    """Starts the parts, keeps them running, ends them together."""

    def __init__(self, parts: Wiring, host: str, port: int, workers: int | None = None) -> None:
        """`workers` grade at the same time; by default as many as `workers_that_fit`."""
        self._parts = parts
        click.echo(f"{len(parts.shelf.assignments)} assignments.")
        self._data_dir = parts.settings.data_dir
        self._socket = listen(host, port)
        self._lanes = lanes_of(workers or workers_that_fit(ask_sandbox().users))
        self._address = address_of(*self._socket.getsockname()[:2])
        self._stopping = False
        # Left by a service that was told to end: what it had in hand is nobody's fault.
        self._stopped = self._data_dir / "stopped"
        self._graders = self._plan_graders()
        self._children = [*self._plan(), *self._graders]

    def run(self) -> int:
        """Serve until a signal; the exit status."""
        lock = take_lock(self._data_dir)
        left = LeftAddress(self._data_dir, self._parts.settings.public_url or self._address)
        self._heed_signals()
        try:
            if not self._can_grade():
                return OUR_FAULT
            if not self._stopping:
                self._start()
            while not self._stopping:
                self._look_after()
                time.sleep(TICK_SECONDS)
        finally:
            self._end()
            left.remove()
            lock.close()
        click.echo("Stopped.")
        return 0

    def _start(self) -> None:
        if not self._parts.settings.broker_url:
            for lane in queue.LANES:
                queue.purge(self._parts.celery, lane)
            queue.send(self._parts.celery, queue.RECOVER, queue.PLANE, self._stopped.exists())
        self._stopped.unlink(missing_ok=True)
        for child in self._children:
            child.start()
        if self._await_web():
            self._greet()

    def _plan(self) -> list[Child]:
        logs, environ = self._logs(), self._environ()
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
        return [web, control]

    def _plan_graders(self) -> list[Child]:
        return [
            Child(
                f"grading-{number}",
                [sys.executable, "-m", "workers", "--queues", ",".join(lanes)],
                grading_environ(self._environ(), self._data_dir),
                self._logs() / f"grading-{number}.log",
                ending=signal.SIGQUIT if self._parts.settings.broker_url else signal.SIGKILL,
                # `_can_grade` has tried to get out of the same sandbox a moment before.
                first_words=("--examined",),
            )
            for number, lanes in enumerate(self._lanes, start=1)
        ]

    def _logs(self) -> Path:
        return private_folder(self._data_dir / "logs")

    def _environ(self) -> dict[str, str]:
        environ = dict(os.environ) | {"GRADER_DATA_DIR": str(self._data_dir), "PYTHONUNBUFFERED": "1"}
        if not self._parts.settings.public_url:
            environ["GRADER_PUBLIC_URL"] = self._address
        return environ

    def _can_grade(self) -> bool:
        """Try the sandbox before anybody hands in; the worker itself says what is wrong. Who stops us is not kept waiting."""
        grading = self._graders[-1]
        check = subprocess.Popen(
            [*grading.command, "--check"],
            env=dict(grading.environ),
            preexec_fn=ends_with_us(signal.SIGKILL),  # noqa: PLW1509 - this process has one thread
            start_new_session=True,
        )
        while check.poll() is None:
            if self._stopping:
                check.kill()
            time.sleep(TICK_SECONDS)
        return self._stopping or check.returncode == 0

    def _heed_signals(self) -> None:
        """A closed terminal ends us, too, unless `nohup` has said otherwise."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._stop)

    def _stop(self, _number: int, _frame: Any) -> None:
        self._stopping = True

    def _look_after(self) -> None:
        for child in self._children:
            child.turn_log()
            if child.fell_over() and not self._stopping:
                click.echo(
                    f"{child.name} ended; it starts again in {child.pause:g} s. See {child.log}", err=True
                )
                self._bring_back(child)
            if child.is_due():
                child.start()

    def _bring_back(self, child: Child) -> None:
        """The job of a worker that ended begins anew, and nobody else's: its row knows whose it was."""
        if child in self._graders:
            worker = queue.worker_name(child.last_pid)
            try:
                queue.send(self._parts.celery, queue.RECOVER_FROM, queue.PLANE, worker)
            except (OperationalError, OSError) as error:
                click.echo(
                    f"The broker is away ({error}); the job of {child.name} comes back later.", err=True
                )

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
            f"Memory: {memory_mib([os.getpid(), *pids]):.0f} MiB now; allow"
            f" {GRADING_MIB * len(self._graders)} MiB more while it grades, with workers: {len(self._graders)}."
        )
        if not self._parts.accounts.store.any_admin():
            click.echo("Nobody can sign in yet. Make an administrator:")
            click.echo(f"  grader user add you@example.edu --admin --data-dir {self._data_dir}")
        click.echo("Stop with Ctrl-C.")

    def _end(self) -> None:
        for child in self._children:
            child.end()
        until = time.monotonic() + STOP_SECONDS
        for child in self._children:
            child.wait(until)
        if self._stopping:
            self._stopped.touch()
        self._socket.close()


def lanes_of(workers: int) -> list[tuple[str, ...]]:
    """Which lanes each worker takes: all but the last take quick jobs alone, which so never wait behind slow ones."""
    return [(queue.GRADING,)] * (workers - 1) + [queue.LANES]


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
