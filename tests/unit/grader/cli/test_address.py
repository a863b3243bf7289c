"""Commands print whole addresses: the operator's, or that of the service that runs on the same folder, or they refuse."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from grader.cli import cli
from grader.cli.address import FILE, LeftAddress, address_of, known_address, running_address
from grader.services.accounts import Accounts
from grader.settings import load_settings
from grader.wiring import Wiring
from tests.shared import UNTIL_WE_END

SERVED = "http://127.0.0.1:8123"
ANY = "http://0.0.0.0:8123"
PUBLIC = "https://grader.example.edu"
SERVES = f"""
import sys, time
from pathlib import Path
from grader.cli.address import LeftAddress
left = LeftAddress(Path(sys.argv[1]), {SERVED!r})
print("left", flush=True)
time.sleep(600)
"""


@pytest.fixture
def run(
    school_template: tuple[Path, str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Result]:
    """`grader …` on a data folder with the courses and people of the small school; nobody has said an address."""
    shutil.copy(school_template[0], tmp_path / "grader.db")
    for name in ("GRADER_DATABASE_URL", "GRADER_BROKER_URL", "GRADER_PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GRADER_DATA_DIR", str(tmp_path))

    def call(*arguments: str, words: str | None = None) -> Result:
        return CliRunner().invoke(cli, list(arguments), input=words)

    return call


@pytest.fixture
def own_parts(tmp_path: Path) -> Iterator[Wiring]:
    parts = Wiring(load_settings({}, data_dir=tmp_path))
    yield parts
    parts.database.close()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[LeftAddress]:
    left = LeftAddress(tmp_path, SERVED)
    yield left
    left.remove()


LINKS: dict[str, tuple[tuple[str, ...], str | None, str]] = {
    "user add": (("user", "add", "new@x.edu", "--admin"), None, "/link/"),
    "user reset": (("user", "reset", "ada@example.edu"), None, "/link/"),
    "course link": (("course", "link", "ada@example.edu"), None, "/link/"),
    "course import": (("course", "import", "keras", "-"), "email,name\nnew@x.edu,New\n", "/link/"),
    "source add": (("webhook", "source", "add", "keras", "campus"), None, "/webhooks/lms/campus"),
}


def everything(parts: Wiring) -> str:
    """Whatever these commands could change."""
    with parts.database.read() as session:
        connection = session.connection().connection.driver_connection
        assert connection is not None
        return "\n".join(connection.iterdump())


@pytest.mark.parametrize("command", LINKS)
def test_the_running_service_gives_its_address(run: Any, command: str, service: LeftAddress) -> None:
    arguments, words, path = LINKS[command]
    result = run(*arguments, words=words)
    assert result.exit_code == 0, result.output
    assert f"{SERVED}{path}" in result.stdout
    assert f"Links to {SERVED} open on this machine only" in result.stderr


@pytest.mark.parametrize("command", LINKS)
def test_the_operators_word_comes_first(
    run: Any, command: str, service: LeftAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments, words, path = LINKS[command]
    monkeypatch.setenv("GRADER_PUBLIC_URL", f"{PUBLIC}/")
    result = run(*arguments, words=words)
    assert f"{PUBLIC}{path}" in result.stdout
    assert (result.exit_code, result.stderr) == (0, "")


@pytest.mark.parametrize("command", LINKS)
def test_without_any_address_nothing_is_changed(run: Any, command: str, own_parts: Wiring) -> None:
    arguments, words, _ = LINKS[command]
    before = everything(own_parts)
    result = run(*arguments, words=words)
    assert (result.exit_code, result.stdout) == (2, "")
    (told,) = re.findall(r"Error: (.*)", result.stderr)
    assert told.startswith("Nothing was changed")
    assert "start grader serve" in told
    assert "GRADER_PUBLIC_URL" in told
    assert everything(own_parts) == before


def test_a_service_on_every_address_does_not_know_its_name(
    run: Any, tmp_path: Path, own_parts: Wiring
) -> None:
    left = LeftAddress(tmp_path, ANY)
    result = run("user", "add", "new@x.edu")
    left.remove()
    assert result.exit_code == 2
    assert "listens on every address" in result.output
    assert "GRADER_PUBLIC_URL" in result.output
    assert own_parts.accounts.store.user_by_email("new@x.edu") is None


def test_who_needs_no_link_needs_no_address(run: Any, own_parts: Wiring) -> None:
    result = run("course", "import", "keras", "-", words="email\nada@example.edu\n")
    assert (result.exit_code, result.output) == (0, "ada@example.edu\tstudent\thas a password\n")
    assert run("user", "add", "new@x.edu", "--password", "long enough!").exit_code == 0
    assert run("course", "import", "keras", "-", "--dry-run", words="email\nnewer@x.edu\n").exit_code == 0


def test_a_course_says_where_it_is_when_that_is_known(run: Any, tmp_path: Path) -> None:
    assert "dashboard" not in run("course", "create", "quiet").output
    left = LeftAddress(tmp_path, SERVED)
    assert f"Its dashboard: {SERVED}/courses/told/dashboard\n" in run("course", "create", "told").output
    left.remove()


def test_a_source_is_listed_with_its_address(run: Any, service: LeftAddress) -> None:
    run("webhook", "source", "add", "keras", "campus")
    assert run("webhook", "source", "list").output == (
        f"campus\tkeras\t1 secret(s)\t{SERVED}/webhooks/lms/campus\n"
    )


def test_the_note_is_its_owners_and_goes_with_the_service(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("an old one, readable by everybody, and longer than the new one")
    (tmp_path / FILE).chmod(0o644)
    left = LeftAddress(tmp_path, SERVED)
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    assert running_address(tmp_path) == SERVED
    left.remove()
    assert not (tmp_path / FILE).exists()
    assert running_address(tmp_path) is None


def test_what_a_killed_service_has_left_is_not_believed(tmp_path: Path) -> None:
    command = [*UNTIL_WE_END, sys.executable, "-c", SERVES, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as serving:
        assert serving.stdout is not None
        assert serving.stdout.readline() == b"left\n"
        assert running_address(tmp_path) == SERVED
        os.kill(serving.pid, signal.SIGKILL)
    assert (tmp_path / FILE).read_text() == SERVED
    assert running_address(tmp_path) is None
    LeftAddress(tmp_path, ANY).remove()


@pytest.mark.parametrize("text", ["", "javascript:alert(1)", f"{SERVED}\nhttp://evil.example", "http://ä/"])
def test_what_is_no_address_is_not_believed(tmp_path: Path, text: str) -> None:
    left = LeftAddress(tmp_path, text)
    assert running_address(tmp_path) is None
    left.remove()


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("kept")
    (tmp_path / FILE).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic"):
        LeftAddress(tmp_path, SERVED)
    assert (tmp_path / "elsewhere").read_text() == "kept"


def test_addresses_as_browsers_write_them(tmp_path: Path) -> None:
    assert address_of("127.0.0.1", 80) == "http://127.0.0.1:80"
    assert address_of("::1", 8000) == "http://[::1]:8000"
    for wildcard in (address_of("0.0.0.0", 1), address_of("::", 1)):
        assert known_address(load_settings({}, data_dir=tmp_path, public_url=wildcard)) is None


def test_accounts_are_looked_up_as_the_import_does(school: Any) -> None:
    """An account with a password under the same address, written another way, gets no link."""
    from grader.services.courses import any_without_password, read_roster

    accounts: Accounts = school.parts.accounts
    people = read_roster(b"email\nADA@Example.edu\n").people
    assert not any_without_password(accounts, people)
    assert any_without_password(accounts, read_roster(b"email\nnew@example.edu\n").people)
