"""`make demo`: the whole service on this machine, every reference solution handed in over HTTP, every verdict shown."""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from grader.cli import session as server
from grader.cli.parts import open_parts
from grader.cli.supervisor import take_lock
from grader.domain.course import CountingRule, Role
from grader.services.courses import create_course

ROOT = Path(__file__).resolve().parent.parent
SOLUTIONS = ROOT / "reference_solutions"
VERDICTS = {"accepted": "passed", "failed": "failed", "invalid": "invalid"}
COURSE = "demo"
STARTUP_SECONDS = 90.0
POLL_SECONDS = 0.5
WIDTH = 160  # of a log, where no terminal says how wide it is


@dataclass
class Try:
    """One reference solution on its way: what it must get, and what it got."""

    slug: str
    path: Path
    expected: str
    id: str = ""
    report: dict[str, Any] | None = field(default=None)

    @property
    def right(self) -> bool:
        """Whether the verdict is the expected one."""
        return self.report is not None and self.report["verdict"] == self.expected


def main() -> int:
    """Run the demo; 0 only when every verdict is the expected one."""
    console = Console() if sys.stdout.isatty() else Console(width=WIDTH)
    if not SOLUTIONS.is_dir():
        console.print(
            "An installed grader has no reference solutions. Run `make demo` in a checkout or an unpacked sdist."
        )
        return 2
    data_dir = free_folder(ROOT / "var")
    console.print(f"Data of this demo: {data_dir.relative_to(ROOT)}")
    sign_ins = prepare(data_dir)
    with service(data_dir) as address:
        console.print(f"The service is up at {address}")
        tries = hand_in(address, sign_ins["student"], reference_solutions())
        watch(address, sign_ins["student"], tries, console)
        show(tries, console)
        wrong = [each for each in tries if not each.right]
        console.print(f"{len(tries) - len(wrong)} of {len(tries)} verdicts are the expected ones.")
        console.print(f"\nDashboard: {address}/courses/{COURSE}/dashboard")
        for role, (email, password) in sign_ins.items():
            console.print(f"  {role:<8} {email}  {password}", highlight=False)
        if sys.stdin.isatty():
            console.input("Press Enter to stop the service. ")
    console.print(f"Look again later with: .venv/bin/grader serve --data-dir {data_dir.relative_to(ROOT)}")
    return 1 if wrong or not tries else 0


def free_folder(root: Path) -> Path:
    """`demo`, or `demo-2` and so on while another service uses it; what is in it stays."""
    number = 1
    while True:
        folder = root / ("demo" if number == 1 else f"demo-{number}")
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            take_lock(folder).close()
        except SystemExit:
            number += 1
            continue
        return folder


def prepare(data_dir: Path) -> dict[str, tuple[str, str]]:
    """A course with one student and one TA; the second time, the sign-ins of the first."""
    kept = data_dir / "sign-ins.json"
    if kept.exists():
        return {
            role: (email, password) for role, (email, password) in json.loads(kept.read_text("utf-8")).items()
        }
    parts = open_parts(data_dir)
    order = [path.name for path in sorted(SOLUTIONS.iterdir()) if path.name in parts.shelf.assignments]
    course = create_course(parts.courses, COURSE, "Keras demo", CountingRule.BEST, order)
    sign_ins = {}
    for role, name in ((Role.STUDENT, "Ada Student"), (Role.TA, "Tom Assistant")):
        email, password = f"{role.value}@example.edu", secrets.token_urlsafe(9)
        user = parts.accounts.create(email, name, password=password)
        parts.courses.set_role(course.id, user.id, role)
        sign_ins[role.value] = (email, password)
    parts.database.engine.dispose()
    kept.touch(mode=0o600)
    kept.write_text(json.dumps(sign_ins), "utf-8")
    return sign_ins


@contextmanager
def service(data_dir: Path) -> Iterator[str]:
    """`grader serve` on a free port for as long as the block runs; gives its address."""
    log = data_dir / "serve.log"
    command = [sys.executable, "-u", "-m", "grader.cli", "serve", "--port", "0", "--data-dir", str(data_dir)]
    with log.open("wb") as out:
        # One student hands it all in.
        unlimited = {"GRADER_MAX_WAITING": "0", "GRADER_UPLOADS_PER_MINUTE": "0"}
        environ = unlimited | dict(os.environ)
        process = subprocess.Popen(
            command, stdout=out, stderr=subprocess.STDOUT, env=environ, start_new_session=True
        )
    try:
        yield _address(process, log)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    until = time.monotonic() + STARTUP_SECONDS
    while time.monotonic() < until and process.poll() is None:
        found = re.search(r"The grader is at (\S+)", log.read_text("utf-8"))
        if found:
            return found[1]
        time.sleep(0.1)
    sys.exit(f"The service did not start:\n{log.read_text('utf-8')}")


def reference_solutions() -> list[Try]:
    """Every reference solution, quick exercises first."""
    return [
        Try(slug.name, path, verdict)
        for slug in sorted(SOLUTIONS.iterdir(), reverse=True)
        for folder, verdict in VERDICTS.items()
        for path in sorted((slug / folder).glob("*.py"))
    ]


def hand_in(address: str, sign_in: tuple[str, str], tries: list[Try]) -> list[Try]:
    """Submit every file as the student, as an upload through the API."""
    session = signed_in(address, sign_in)
    for each in tries:
        each.id = server.hand_in(session, each.slug, each.path.name, each.path.read_bytes(), COURSE)["id"]
    return tries


def watch(address: str, sign_in: tuple[str, str], tries: list[Try], console: Console) -> None:
    """Tell what is being graded until everything is."""
    session = signed_in(address, sign_in)
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("handed in", total=len(tries))
        waiting = list(tries)
        while waiting:
            for each in list(waiting):
                found = server.call(session, "GET", f"/submissions/{each.id}")
                if found["state"] == "done":
                    each.report = found["report"]
                    waiting.remove(each)
                    progress.advance(task)
                elif found["state"] == "running":
                    name = f"{each.slug}/{each.path.parent.name}/{each.path.name}"
                    progress.update(task, description=f"{found['stage']}: {name}")
                    break
                else:
                    break
            time.sleep(POLL_SECONDS)


def show(tries: list[Try], console: Console) -> None:
    """The table: file, verdict, score, first line of feedback, seconds."""
    table = Table(show_edge=False)
    for title in ("", "File", "Verdict", "Score", "Feedback", "Seconds"):
        table.add_column(title, overflow="fold", no_wrap=title in ("Verdict", "Score", "Seconds"))
    for each in tries:
        report = each.report or {}
        score = "–" if report.get("score") is None else f"{report['score']:g}/{report['max_score']:g}"
        lines = str(report.get("feedback", "")).splitlines()
        told = " ".join(lines[:2]) if report.get("verdict") == "passed" else "".join(lines[1:2] or lines[:1])
        table.add_row(
            "[green]✓[/]" if each.right else "[red]✗[/]",
            f"{each.slug}/{each.path.parent.name}/{each.path.name}",
            str(report.get("verdict")),
            score,
            escape(told[:90]),
            f"{report.get('timings', {}).get('total_s', 0):.1f}",
        )
    console.print(table)


def signed_in(address: str, sign_in: tuple[str, str]) -> server.Session:
    """The session of somebody with this email address and password."""
    email, password = sign_in
    body = {"email": email, "password": password, "label": "demo"}
    return server.Session(
        address, server.call(server.Session(address, ""), "POST", "/login", json=body)["token"]
    )


if __name__ == "__main__":
    sys.exit(main())
