"""`grader serve` as an operator sees it: one command, real processes."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from grader.cli.logs import LARGEST_BYTES

pytestmark = pytest.mark.services

Served = Any


def test_it_says_where_it_is_what_it_needs_and_what_to_do_first(served_to_all: Served, until: Any) -> None:
    until(lambda: "Stop with Ctrl-C" in served_to_all.log.read_text(), 20, "the end of its greeting")
    said = served_to_all.log.read_text()
    assert re.search(r"Memory: \d+ MiB now", said)
    assert "grader user add" in said
    assert "--admin" in said


def test_a_second_one_on_the_same_folder_is_refused(served_to_all: Served) -> None:
    second = served_to_all.operate("serve", "--port", "0")
    assert second.returncode == 2
    assert f"process {served_to_all.process.pid}" in second.stderr
    assert served_to_all.health()["grading"]


def test_the_grading_worker_has_no_key_and_no_database(served_to_all: Served, children_of: Any) -> None:
    pid = children_of(served_to_all.process.pid)["grading"]
    environ = Path(f"/proc/{pid}/environ").read_bytes()
    assert b"GRADER_DATABASE_URL" not in environ
    assert b"GRADER_SECRET_KEY" not in environ
    opened = {str(one.readlink()) for one in Path(f"/proc/{pid}/fd").iterdir()}
    assert not any("grader.db" in one for one in opened)


def test_a_log_turns_while_it_is_written_and_has_a_line_for_each_answer(
    served_to_all: Served, until: Any
) -> None:
    """What was written before is in `web.1.log`, what comes after in `web.log`; signs of life of workers are no lines."""
    log = served_to_all.folder / "data" / "logs" / "web.log"
    with log.open("ab") as file:
        file.write(b"x" * LARGEST_BYTES + b"\n")
    until(lambda: log.stat().st_size < LARGEST_BYTES, 20, "an emptied log")
    served_to_all.health()
    until(lambda: "grader.access: GET /health" in log.read_text(), 20, "a line for an answer")
    assert b"\0" not in log.read_bytes()
    older = log.with_name("web.1.log")
    assert older.stat().st_size > LARGEST_BYTES
    assert {each.stat().st_mode & 0o777 for each in log.parent.iterdir()} == {0o600}
    control = log.with_name("control.log").read_text()
    assert "worker_seen[" not in control
    assert " received" not in control


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_everything_it_started(
    served: Served, number: signal.Signals, children_of: Any
) -> None:
    children = children_of(served.process.pid)
    assert set(children) == {"web", "control", "grading", "quick"}
    served.process.send_signal(number)
    assert served.process.wait(15) == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in children.values())


def test_a_part_that_dies_comes_back(served: Served, until: Any, children_of: Any) -> None:
    for name in ("web", "control", "grading", "quick"):
        pid = children_of(served.process.pid)[name]
        os.kill(pid, signal.SIGKILL)
        until(lambda: children_of(served.process.pid).get(name, pid) != pid, 40, name)  # noqa: B023
    until(lambda: served.health()["grading"], 40, "every lane to have its worker")
    logs = list((served.folder / "data" / "logs").glob("grading-*.log"))
    until(
        lambda: all("self-test" in log.read_text() for log in logs), 60, "workers that come back are examined"
    )


def test_everything_dies_with_it(served: Served, until: Any, children_of: Any) -> None:
    children = children_of(served.process.pid)
    served.process.kill()
    served.process.wait()
    until(lambda: not any(alive(pid) for pid in children.values()), 20, "the end of its children")


def alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
