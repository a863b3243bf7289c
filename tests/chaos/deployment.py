"""A real `grader serve`, embedded or on PostgreSQL and Redis, that is started again when it dies as systemd would."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from grader.db.columns import utc_now
from grader.db.migrate import upgrade
from grader.domain.course import CountingRule, Role
from grader.lms.signature import make_secret
from grader.settings import load_settings
from grader.wiring import Wiring
from tests.bench.sources import SLUG
from tests.chaos import family
from tests.chaos.work import TINY
from tests.servers import Server, free_port, make_database, postgres_that_falls, redis_that_falls
from tests.shared import UNTIL_WE_END

ROOT = Path(__file__).resolve().parents[2]
ASSIGNMENTS = ROOT / "tests" / "integration" / "assignments"
EMBEDDED, SERVERS = "embedded", "servers"
START_SECONDS = 120.0
RESTART_SECONDS = 1.0


class Deployment:
    """For as long as the block runs; `tokens` are of as many students, `hook` hears of every grade."""

    def __init__(self, folder: Path, kind: str, students: int, hook: str, workers: int = 2) -> None:
        self.kind, self.folder, self.data_dir = kind, folder, folder / "data"
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.redis: Server | None = None
        self.postgres: Server | None = None
        self.starts = 0
        self._students, self._hook, self._workers = students, hook, workers
        self._stack = ExitStack()
        self._wanted = threading.Event()
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.callback(self._stack.close)
            self._open()
            self.tokens = self._enrol()
            self.start()
            self.await_ready()
            stack.pop_all()
        return self

    def __exit__(self, *_error: object) -> None:
        try:
            self.stop()
        finally:
            self.parts.database.close()
            self._stack.close()

    @property
    def root(self) -> int:
        """The process id of `serve`; 0 while it is down."""
        return 0 if self.process is None else self.process.pid

    def find(self, kind: str) -> list[int]:
        """Process ids of one kind."""
        return family.find(self.root, kind) if self.root else []

    def start(self) -> None:
        """Start it, and look after it from now on."""
        self._wanted.set()
        threading.Thread(target=self._look_after, args=(self._launch(),), daemon=True).start()

    def stop(self) -> None:
        """As an operator does."""
        self._wanted.clear()
        process = self.process
        if process is not None:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
            self.process = None

    def kill_all(self) -> None:
        """What a machine that loses its power does to them."""
        self._wanted.clear()
        process = self.process
        if process is not None:
            family.tell([pid for pid, _ in family.below(process.pid)], signal.SIGKILL)
            process.wait(60)
            self.process = None

    def ready(self) -> bool:
        """Whether it says so itself."""
        try:
            urllib.request.urlopen(f"{self.address}/health/ready", timeout=5).close()
        except (urllib.error.URLError, OSError):
            return False
        return True

    def await_ready(self) -> None:
        """TimeoutError with its words when it does not get there."""
        until = time.monotonic() + START_SECONDS
        while not self.ready():
            if time.monotonic() > until:
                raise TimeoutError(self.log.read_text("utf-8", "replace")[-2000:])
            time.sleep(0.2)

    @property
    def log(self) -> Path:
        """What `serve` says."""
        return self.folder / "serve.log"

    @property
    def environ(self) -> dict[str, str]:
        """Of each of its processes."""
        kept = {name: text for name, text in os.environ.items() if not name.startswith("GRADER_")}
        clock = {"PYTHONPATH": f"{Path(__file__).parent / 'clock'}:{ROOT}"}
        return (
            kept
            | clock
            | {
                "CHAOS_CLOCK": str(self.folder / "clock"),
                "GRADER_DATABASE_URL": self.settings.database_url,
                "GRADER_BROKER_URL": self.settings.broker_url,
                "GRADER_ASSIGNMENTS_DIR": str(ASSIGNMENTS),
                "GRADER_WEBHOOK_ALLOW_PRIVATE": "127.0.0.0/8",
                "GRADER_UPLOADS_PER_MINUTE": "0",
                "GRADER_ALLOW_DEGRADED_SANDBOX": "yes",
            }
        )

    def _open(self) -> None:
        database = broker = ""
        if self.kind == SERVERS:
            self.postgres = self._stack.enter_context(postgres_that_falls("fsync=off"))
            self.redis = self._stack.enter_context(redis_that_falls())
            database, broker = make_database(self.postgres.address, "grader"), self.redis.address
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self.settings = load_settings(
            {},
            data_dir=self.data_dir,
            database_url=database,
            broker_url=broker,
            assignments_dir=(ASSIGNMENTS,),
        )
        self.parts = Wiring(self.settings)
        upgrade(self.parts.database)

    def _enrol(self) -> list[str]:
        parts = self.parts
        course = parts.courses.add_course("chaos", "Chaos", "CODE", CountingRule.BEST, [TINY, SLUG])
        assert course is not None
        parts.endpoints.add_endpoint(course.id, self._hook, make_secret())
        tokens = []
        for number in range(self._students):
            user = parts.accounts.create(f"student-{number}@example.edu", f"Student {number}")
            parts.courses.set_role(course.id, user.id, Role.STUDENT)
            tokens.append(parts.accounts.issue_token(user.id, "chaos", utc_now())[0])
        return tokens

    def _launch(self) -> subprocess.Popen[bytes]:
        words = ["serve", "--port", str(self.port), "--data-dir", str(self.data_dir)]
        with self.log.open("ab") as log:
            command = [
                *UNTIL_WE_END,
                sys.executable,
                "-m",
                "grader.cli",
                *words,
                "--workers",
                str(self._workers),
            ]
            self.process = subprocess.Popen(command, env=self.environ, stdout=log, stderr=log, cwd=ROOT)
        self.starts += 1
        return self.process

    def _look_after(self, process: subprocess.Popen[bytes]) -> None:
        while self._wanted.is_set():
            process.wait()
            time.sleep(RESTART_SECONDS)
            if not self._wanted.is_set() or self.process is not process:
                return
            process = self._launch()

    def takes_calls(self) -> bool:
        """Whether the port is open."""
        with socket.socket() as probe:
            probe.settimeout(2)
            return probe.connect_ex(("127.0.0.1", self.port)) == 0
