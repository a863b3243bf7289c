"""docs/operations.md, word for word, on an empty folder: from `make setup` to a student who reads a report.

What is typed, and what is printed, is read from the page. Two things are put in the place of others: the port 8000 by a free
one, and /var/lib/grader by an empty folder. All but the installation is typed in a folder that has the repository's .venv, so
that the roster and the links lie there.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.cli.address import FILE
from tests.engine import PROJECT
from tests.instructions import Block, blocks_of, prints
from tests.person import Person
from tests.servers import free_port
from tests.shared import UNTIL_WE_END

pytestmark = [pytest.mark.services, pytest.mark.sandbox]

PAGE = PROJECT / "docs" / "operations.md"
BLOCKS = blocks_of(PAGE)
PASSWORD = "correct horse battery staple"
LINK = re.compile(r"http://\S+/link/\S+")
COPIES = {
    "keep", "bring back", "let go", "keep with PostgreSQL", "bring back with PostgreSQL",
    "before the newer version starts", "back to a version without restore",
}  # fmt: skip
"""Typed by tests/integration/test_backup.py and test_older_versions.py."""
STARTED_SECONDS = 120
GRADED_SECONDS = 240
"""Bounds against hanging."""


class Machine:
    """A machine as the page finds it: this repository, no data."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.desk = folder / "desk"
        self.desk.mkdir()
        (self.desk / ".venv").symlink_to(PROJECT / ".venv")
        self.port = free_port()
        self.environ = {name: text for name, text in os.environ.items() if not name.startswith("GRADER_")}

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def here(self, text: str) -> str:
        """A text of the page with this machine's port and folder."""
        return text.replace("8000", str(self.port)).replace("/var/lib/grader", str(self.data))

    def command(self, text: str) -> list[str]:
        return [*UNTIL_WE_END, "bash", "-euo", "pipefail", "-c", self.here(text)]

    def type(self, block: Block, first: str = "", place: Path | None = None) -> str:
        """Type a block in a terminal in which `first` was typed before; what it prints, as the page says."""
        done = subprocess.run(
            self.command(f"{first}\n{block.text}"),
            cwd=place or self.desk,
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        shown = Block(block.language, block.where, block.text, self.here(block.printed))
        assert prints(shown, done.stdout), f"the page shows\n{shown.printed}\nand there was\n{done.stdout}"
        return done.stdout


def typed(where: str) -> list[Block]:
    return [block for block in BLOCKS if block.where == where]


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    return Machine(tmp_path_factory.mktemp("operations"))


@pytest.fixture(scope="module")
def installed(machine: Machine) -> None:
    """The first block of the page, which finds all done where the tests run."""
    block = BLOCKS[0]
    assert block.text.splitlines()[0] == "make setup"
    machine.type(block, place=PROJECT)


@pytest.fixture(scope="module")
def service(machine: Machine, installed: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What is typed into the first terminal, and what that terminal shows."""
    (block,) = typed("first terminal")
    shown = tmp_path_factory.mktemp("terminal") / "shown"
    with shown.open("wb") as output:
        process = subprocess.Popen(
            machine.command(block.text), cwd=machine.desk, env=machine.environ, stdout=output, stderr=output
        )
    printed = Block("sh", "", "", machine.here(block.printed))
    until = time.monotonic() + STARTED_SECONDS
    try:
        while not prints(printed, shown.read_text()):
            assert process.poll() is None, shown.read_text()
            assert time.monotonic() < until, (
                f"the page shows\n{printed.printed}\nand there was\n{shown.read_text()}"
            )
            time.sleep(0.1)
        # bash has become its last command, so that what ends with the tests is the service itself.
        assert b"serve" in Path(f"/proc/{process.pid}/cmdline").read_bytes()
        yield shown
    finally:
        process.send_signal(signal.SIGINT)
        status = process.wait(60)
    assert (status, shown.read_text().splitlines()[-1]) == (0, "Stopped.")
    assert not (machine.data / FILE).exists()


@pytest.fixture(scope="module")
def walk(machine: Machine, service: Path) -> dict[str, Any]:
    """Everything that the page tells an operator to do after the start; what came of each step."""
    admin, course, people, _ = typed("second terminal")
    first = admin.text.splitlines()[0]
    assert first.startswith("export ")
    assert first in typed("first terminal")[0].text
    you = Person()
    (link,) = LINK.findall(machine.type(admin))
    you.sign_in_by(link, PASSWORD)
    home = you.text
    fields = re.search(
        r"title `([^`]+)`, name in its\s+addresses `([^`]+)`", PAGE.read_text(encoding="utf-8")
    )
    assert fields is not None
    you.fill_in(title=fields[1], slug=fields[2], rule="best")
    opened = you.address, you.text
    another = machine.type(course, first)
    links = dict(re.findall(r"^(\S+)\t\S+\t(http\S+)$", machine.type(people, first), re.MULTILINE))
    return {"you": you, "home": home, "opened": opened, "another": another, "links": links}


@pytest.fixture(scope="module")
def ada(walk: dict[str, Any]) -> Person:
    """The student of the roster."""
    someone = Person()
    someone.sign_in_by(walk["links"]["ada@example.edu"], PASSWORD)
    return someone


def test_an_administrator_opens_the_first_course_on_the_first_page(
    machine: Machine, walk: dict[str, Any]
) -> None:
    assert "Open the first course" in walk["home"]
    address, page = walk["opened"]
    assert address == f"{machine.address}/courses/keras-2026/dashboard"
    assert "What comes next" in page


def test_every_course_is_on_the_administrators_first_page(machine: Machine, walk: dict[str, Any]) -> None:
    you = walk["you"]
    you.open(f"{machine.address}/")
    assert "Deep learning keras-2026 1 1" in you.text
    assert "Deep learning, evening keras-evening 0 0" in you.text
    (dashboard,) = re.findall(r"Its dashboard: (\S+)", walk["another"])
    you.open(dashboard)
    assert you.status == 200
    assert "the last attempt counts" in you.text


def test_a_student_reads_the_report_of_a_right_solution(
    machine: Machine, walk: dict[str, Any], ada: Person
) -> None:
    (solution,) = [block.text for block in BLOCKS if block.language == "python"]
    ada.open(f"{machine.address}/")
    ada.follow("Traffic signs: a fully connected network")
    ada.fill_in(source=solution)
    assert "/submissions/" in ada.address
    ada.wait_for("Nice work! Looks good!", GRADED_SECONDS)
    assert re.search(r"\b10 / 10\b", ada.text)
    walk["you"].open(f"{machine.address}/courses/keras-2026/dashboard")
    assert "Ada Lovelace" in walk["you"].text
    assert "What comes next" not in walk["you"].text


def test_a_teaching_assistant_of_the_roster_sees_the_dashboard(
    machine: Machine, walk: dict[str, Any]
) -> None:
    tess = Person()
    tess.sign_in_by(walk["links"]["tess@example.edu"], PASSWORD)
    tess.follow("Open dashboard")
    assert tess.status == 200
    assert tess.address == f"{machine.address}/courses/keras-2026/dashboard"


def test_what_is_kept_about_a_person_is_exported_and_what_would_go_is_told(
    machine: Machine, walk: dict[str, Any]
) -> None:
    admin, _, _, asked = typed("second terminal")
    machine.type(asked, admin.text.splitlines()[0])
    assert "Ada Lovelace" in (machine.desk / "ada.json").read_text(encoding="utf-8")


def test_the_services_note_is_its_owners_alone(machine: Machine, service: Path) -> None:
    note = machine.data / FILE
    assert note.read_text() == machine.address
    assert note.stat().st_mode & 0o777 == 0o600


def test_no_part_of_the_page_is_left_out() -> None:
    """Each block is run here, in test_compose.py or in test_redis_users.py beside it, or looked at in tests/unit/test_operations_page.py; what
    `grader status --service` shows is tests/unit/grader/cli/test_status.py's.
    """
    known: list[Callable[[Block], bool]] = [
        lambda block: block is BLOCKS[0],
        lambda block: block.where in {"first terminal", "second terminal", "containers"},
        lambda block: block.where in COPIES or "Redis" in block.where,
        lambda block: block.language in {"python", "ini", "nginx", "yaml"},
        lambda block: block.text.startswith("$ grader status --service\n"),
        lambda block: ".env" in block.text or "GRADER_DATABASE_URL" in block.text,
    ]
    assert [block for block in BLOCKS if not any(knows(block) for knows in known)] == []
