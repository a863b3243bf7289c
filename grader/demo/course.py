"""The demo's folder, and the course in it with one student and one TA."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from grader.cli.parts import open_parts
from grader.demo.tries import SOLUTIONS
from grader.domain.course import CountingRule, Role
from grader.services.courses import create_course

COURSE = "demo"
SignIns = dict[str, tuple[str, str]]


@contextmanager
def free_folder(root: Path) -> Iterator[Path]:
    """`demo`, or `demo-2` and so on while somebody uses it; nobody else gets it meanwhile, and what is in it stays."""
    number = 1
    while True:
        folder = root / ("demo" if number == 1 else f"demo-{number}")
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with ExitStack() as held:
            lock = _take(folder / "demo.lock", held)
            if lock and not _is_served(folder):
                lock.truncate(0)
                lock.write(str(os.getpid()))  # for whoever wants to stop us
                lock.flush()
                yield folder
                return
        number += 1


def _is_served(folder: Path) -> bool:
    """Whether a `grader serve` has this folder, which takes its lock itself."""
    with ExitStack() as held:
        return _take(folder / "serve.lock", held) is None


def _take(lock: Path, held: ExitStack) -> IO[str] | None:
    file = held.enter_context(lock.open("a", encoding="ascii"))
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return None
    return file


def prepare(data_dir: Path) -> SignIns:
    """A course with one student and one TA; the second time, the sign-ins of the first."""
    kept = data_dir / "sign-ins.json"
    if kept.exists():
        return {
            role: (email, password) for role, (email, password) in json.loads(kept.read_text("utf-8")).items()
        }
    for half_made in data_dir.glob("grader.db*"):  # by a demo that was killed at this very point
        half_made.unlink()
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
    written = data_dir / "sign-ins.new"
    written.touch(mode=0o600)
    written.write_text(json.dumps(sign_ins), "utf-8")
    written.replace(kept)
    return sign_ins
