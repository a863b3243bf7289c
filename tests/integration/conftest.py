"""Private servers on free ports, and a service of real processes around them."""

from __future__ import annotations

import json
import os
import re
import runpy
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from grader import queue
from grader.db.columns import new_id, utc_now
from grader.db.migrate import upgrade
from grader.domain.course import CountingRule, Role
from grader.domain.submission import State
from grader.services.ports import Submission, Upload
from grader.services.submit import submit
from grader.settings import Settings, load_settings
from grader.wiring import Wiring
from tests.servers import make_database, postgres_server, redis_server, redis_with_users
from tests.shared import UNTIL_WE_END

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).with_name("service_process.py")
ASSIGNMENTS = Path(__file__).with_name("assignments")
PART = runpy.run_path(str(SCRIPT))


def wait_until(condition: Callable[[], Any], seconds: float, what: str | Callable[[], str]) -> Any:
    """Poll until the condition holds; the time is a bound against hanging, not a measurement.

    `what` was waited for; a function is asked for it afterwards, so that logs are the newest.
    """
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        result = condition()
        if result:
            return result
        time.sleep(0.05)
    pytest.fail(f"not within {seconds} s: {what() if callable(what) else what}")


@pytest.fixture
def until() -> Callable[[Callable[[], Any], float, str], Any]:
    """`wait_until`."""
    return wait_until


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Redis of our own, in memory only."""
    with redis_server() as address:
        yield address


@pytest.fixture(scope="module")
def users() -> Iterator[dict[str, str]]:
    """The addresses of a Redis with the users of docker/redis-users.acl, for each of them."""
    with redis_with_users() as addresses:
        yield addresses


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL of our own, which keeps nothing safe; the address of its server, without a database."""
    with postgres_server("fsync=off") as address:
        yield address


@pytest.fixture
def postgres_url(postgres: str) -> str:
    """A fresh, empty database."""
    return make_database(postgres, _some_name())


def _some_name() -> str:
    return f"grader_{new_id().lower()}"


class Service:
    """Database, broker and worker processes of one test."""

    def __init__(self, settings: Settings, *, is_new: bool = True) -> None:
        """Unless it is new its people are there already."""
        self.settings = settings
        self.parts = Wiring(settings, PART["Shelf"](), PART["PATIENCE"])
        upgrade(self.parts.database)
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.course, self.student = self._enrol() if is_new else ("", "")

    def _enrol(self) -> tuple[str, str]:
        course = self.parts.courses.add_course("c", "Course", "CODE", CountingRule.BEST, ["slow"])
        assert course is not None
        student = self.parts.accounts.create("student@example.edu", "Student")
        self.parts.courses.set_role(course.id, student.id, Role.STUDENT)
        return course.id, student.id

    def start(self, part: str, name: str = "", **settings: str) -> None:
        """Start `control` or `grading`, by another name where there are several; it leads a process group of its own."""
        name = name or part
        environ = {name: value for name, value in os.environ.items() if not name.startswith("GRADER_")} | {
            "GRADER_DATA_DIR": str(self.settings.data_dir),
            "GRADER_DATABASE_URL": self.settings.database_url,
            "GRADER_BROKER_URL": self.settings.broker_url,
            "PYTHONPATH": str(ROOT),
            **settings,
        }
        log = (self.settings.data_dir / f"{name}.log").open("ab")
        command = [*UNTIL_WE_END, sys.executable, str(SCRIPT), part]
        self._processes[name] = subprocess.Popen(
            command, env=environ, stdout=log, stderr=log, start_new_session=True
        )
        log.close()

    def kill(self, part: str) -> None:
        """SIGKILL one part with everything that it started."""
        process = self._processes.pop(part)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def signal(self, part: str, number: signal.Signals) -> None:
        """Send one signal to one part and wait for its end."""
        process = self._processes[part]
        process.send_signal(number)
        process.wait(120)
        del self._processes[part]

    def ends(self, seconds: float) -> dict[str, int]:
        """The statuses that all parts end with by themselves, by part."""
        return {part: self._processes.pop(part).wait(seconds) for part in list(self._processes)}

    def processes(self) -> dict[str, int]:
        """Process ids of the parts that run, by part."""
        return {part: each.pid for part, each in self._processes.items() if each.poll() is None}

    def revive(self) -> None:
        """Start again what has ended, as `grader serve`, systemd and compose do."""
        for part, process in list(self._processes.items()):
            if process.poll() is not None:
                self.start(part)

    def stop(self) -> None:
        """SIGKILL whatever still runs."""
        for part in list(self._processes):
            self.kill(part)
        self.parts.database.close()

    def recover(self) -> None:
        """What `grader serve` does at its start."""
        queue.purge(self.parts.celery, queue.GRADING)
        queue.send(self.parts.celery, queue.RECOVER, queue.PLANE)

    def submit(self, source: str, now: datetime | None = None) -> str:
        """Hand in a file whose first line says what the pipeline does."""
        upload = Upload(student=self.student, course=self.course, assignment="slow", data=source.encode())
        return submit(upload, self.parts.dispatcher, now or utc_now()).id

    def get(self, submission: str) -> Submission:
        """The truth about one submission."""
        found = self.parts.store.get(submission)
        assert found is not None
        return found

    def await_state(
        self, submission: str, state: State, seconds: float = 40, *, revives: bool = False
    ) -> Submission:
        """Wait until a submission is in that state; `revives` what ends meanwhile."""

        def is_there() -> bool:
            if revives:
                self.revive()
            return self.get(submission).state is state

        wait_until(is_there, seconds, lambda: f"{submission} {state}: {self.logs()}")
        return self.get(submission)

    def runs(self) -> list[tuple[str, int]]:
        """What the pipeline was asked to grade: (submission, attempt), in order."""
        path = self.settings.data_dir / "runs.txt"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [(line.split()[0], int(line.split()[1])) for line in lines]

    def log(self, name: str) -> str:
        """What one part has said."""
        return (self.settings.data_dir / f"{name}.log").read_text(errors="replace")

    def logs(self) -> str:
        """The ends of the processes' logs, for a failure's message."""
        return "\n".join(
            path.read_text(errors="replace")[-3000:] for path in self.settings.data_dir.glob("*.log")
        )


@pytest.fixture(params=["sqlite+embedded", "postgresql+redis"])
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Service]:
    """A migrated service on each pair of database and broker; its processes are started by the test."""
    database = broker = ""
    if request.param == "postgresql+redis":
        database = request.getfixturevalue("postgres_url")
        broker = request.getfixturevalue("redis_url")
    made = Service(load_settings({}, data_dir=tmp_path, database_url=database, broker_url=broker))
    if broker:
        queue.purge(made.parts.celery, queue.GRADING)
        queue.purge(made.parts.celery, queue.CONTROL)
        queue.purge(made.parts.celery, queue.PLANE)
    yield made
    made.stop()


GRADER = [sys.executable, "-m", "grader.cli"]


def environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GRADER_")}
    return kept | {"XDG_CONFIG_HOME": str(folder / "client"), "PYTHONPATH": str(ROOT)}


class Served:
    """A running service: its process, its address, its folder."""

    code = ROOT
    """Where it is started; Python looks there first."""

    def __init__(self, folder: Path, *words: str, **settings: str) -> None:
        self.folder = folder
        self.environ = environment(folder) | {
            f"GRADER_{name.upper()}": text for name, text in settings.items()
        }
        self.log = folder / "serve.log"
        with self.log.open("wb") as output:
            command = [*UNTIL_WE_END, *GRADER, "serve", "--port", "0"]
            command += ["--data-dir", str(folder / "data"), *words]
            self.process = subprocess.Popen(
                command, cwd=self.code, env=self.environ, stdout=output, stderr=output
            )

    @property
    def address(self) -> str:
        """As printed."""
        found = re.search(r"The grader is at (http://127\.0\.0\.1:\d+)", self.log.read_text())
        return "" if found is None else found[1]

    def health(self) -> dict[str, Any]:
        """Whatever /health says."""
        try:
            with urllib.request.urlopen(f"{self.address}/health", timeout=10) as answer:
                return dict(json.load(answer))
        except urllib.error.HTTPError as error:
            with error:
                return dict(json.load(error))

    def run(self, *arguments: str, words: str = "") -> subprocess.CompletedProcess[str]:
        """`grader …` by somebody else."""
        environ = self.environ | {"GRADER_PUBLIC_URL": self.address}
        return subprocess.run(
            [*GRADER, *arguments], env=environ, input=words, capture_output=True, text=True, timeout=120
        )

    def operate(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """An operator's command on the same data folder."""
        return self.run(*arguments, "--data-dir", str(self.folder / "data"))

    def end(self) -> None:
        """Stop it as an operator would."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(120)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A running service with the embedded defaults and the assignments of this folder."""
    yield from serving(Served(tmp_path, assignments_dir=str(ASSIGNMENTS)))


@pytest.fixture(scope="module")
def served_to_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The same, for the tests of a file that leave it running as it was."""
    yield from serving(Served(tmp_path_factory.mktemp("service"), assignments_dir=str(ASSIGNMENTS)))


@pytest.fixture(scope="module", params=["sqlite+embedded", "postgresql+redis"])
def served_on(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A running service with one grading worker on each pair of database and broker."""
    more = {}
    if request.param == "postgresql+redis":
        more["database_url"] = make_database(request.getfixturevalue("postgres"), _some_name())
        more["broker_url"] = request.getfixturevalue("redis_url")
    folder = tmp_path_factory.mktemp("service")
    yield from serving(Served(folder, "--workers", "1", assignments_dir=str(ASSIGNMENTS), **more))


def serving(one: Served) -> Iterator[Served]:
    """Wait until it is ready; end it afterwards."""
    try:
        wait_until(lambda: one.address, 60, f"address: {one.log.read_text()}")
        wait_until(lambda: one.health()["grading"], 60, "every lane to have its worker")
        yield one
    finally:
        one.end()


@pytest.fixture
def children_of() -> Callable[[int], dict[str, int]]:
    """`find_children`."""
    return find_children


def _part(words: list[str]) -> str:
    if "workers" in words:
        return "grading" if "grading,slow" in words else "quick"
    return "control" if "worker" in words else "web"


def find_children(pid: int) -> dict[str, int]:
    """name of the part → process id, read from the kernel."""
    found = {}
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().decode().split("\0")
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue
        if entry.name.isdigit() and parent == pid:
            found[_part(words)] = int(entry.name)
    return found
