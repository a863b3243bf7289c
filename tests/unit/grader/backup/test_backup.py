"""`grader backup` and `grader restore` on real folders: what is kept, what is refused, and that nothing is half done."""

from __future__ import annotations

import errno
import io
import json
import os
import shutil
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from grader.backup import archive, making, placing, server, snapshot
from grader.cli import cli
from grader.cli.supervisor import take_lock
from grader.db.columns import utc_now
from grader.settings import load_settings
from grader.wiring import Wiring

School = Any
KEY = "k" * 64
Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """`grader …` in this process."""
    for name in list(os.environ):
        if name.startswith("GRADER_"):
            monkeypatch.delenv(name)
    return lambda *words: CliRunner().invoke(cli, [str(word) for word in words], catch_exceptions=False)


@pytest.fixture
def folder(school: School) -> Path:
    """The data folder of a service with people, a key and an imported data set; and what need not be kept."""
    made = Path(school.parts.settings.data_dir)
    (made / "secret-key").write_text(KEY)
    for name in ("datasets/mnist/manifest.json", "cache/runs/x", "logs/web.log", "queue/messages/m"):
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_text(name)
    school.hand_in()
    school.parts.database.close()
    return made


@pytest.fixture
def kept(run: Run, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of it."""
    file = tmp_path_factory.mktemp("kept") / "backup.tar"
    done = run("backup", file, "--data-dir", folder)
    assert done.exit_code == 0, done.output
    return file


@pytest.fixture
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("empty")


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder but the lock, which tells nothing."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "serve.lock" and not path.name.endswith(("-shm", "-wal"))
    }


def names(file: Path) -> list[str]:
    with tarfile.open(file) as opened:
        return opened.getnames()


def parts_of(folder: Path, school: School) -> Wiring:
    return Wiring(load_settings({}, data_dir=folder), school.parts.shelf)


def test_what_is_kept_and_by_whom_it_can_be_read(folder: Path, kept: Path) -> None:
    assert names(kept) == ["grader.db", "keys/secret-key", "datasets/mnist/manifest.json", "manifest.json"]
    assert kept.stat().st_mode & 0o777 == 0o600
    assert list(kept.parent.iterdir()) == [kept]
    with tarfile.open(kept) as opened:
        told = json.load(opened.extractfile("manifest.json"))  # type: ignore[arg-type]
    assert (told["format"], told["database"], told["keys"]) == (1, "sqlite", True)
    assert told["revision"] == snapshot.revision_of(folder / "grader.db") != ""
    assert [entry["name"] for entry in told["entries"]] == names(kept)[:-1]


def test_it_comes_back_as_it_was_with_messages_held(
    run: Run, school: School, kept: Path, empty: Path
) -> None:
    done = run("restore", kept, "--data-dir", empty)
    assert done.exit_code == 0, done.output
    assert "Submissions that are graded when it starts: 1." in done.output
    assert "held (webhook: 0)" in done.output
    assert (empty / "secret-key").read_text() == KEY
    assert {path.stat().st_mode & 0o077 for path in empty.rglob("*") if path.name != "serve.lock"} == {0}
    assert sorted(path.name for path in empty.iterdir()) == [
        "datasets", "grader.db", "secret-key", "serve.lock", "stopped",
    ]  # fmt: skip
    parts = parts_of(empty, school)
    assert parts.accounts.store.user_by_email("ada@example.edu") is not None
    assert len(parts.backlog.waiting(utc_now(), utc_now())) == 1
    assert parts.outgoing.held() is not None
    told = run("outgoing", "--data-dir", empty).output
    assert "Messages are HELD since 20" in told
    assert "webhook: 0 wait." in told
    assert "HELD since" in run("status", "--service", "--data-dir", empty).output
    assert run("outgoing", "release", "--data-dir", empty).output == "webhook: 0 go.\n"
    assert run("outgoing", "--data-dir", empty).output.startswith("Messages leave.\n")
    assert run("outgoing", "release", "--data-dir", empty).exit_code == 2
    parts.database.close()


def test_without_keys_there_is_no_secret_in_it_and_those_that_are_there_stay(
    run: Run, folder: Path, empty: Path
) -> None:
    file = empty / "b.tar"
    assert "keys: left out" in run("backup", file, "--without-keys", "--data-dir", folder).output
    assert KEY.encode() not in file.read_bytes()
    home = empty / "home"
    home.mkdir()
    (home / "secret-key").write_text("mine" * 16)
    assert run("restore", file, "--data-dir", home).exit_code == 0
    assert (home / "secret-key").read_text() == "mine" * 16


def test_a_file_that_is_there_is_replaced_only_where_that_is_said(run: Run, folder: Path, kept: Path) -> None:
    before = kept.read_bytes()
    refused = run("backup", kept, "--data-dir", folder)
    assert (refused.exit_code, kept.read_bytes()) == (2, before)
    assert "--force" in refused.output
    (folder / "datasets" / "mnist" / "manifest.json").unlink()
    assert run("backup", kept, "--force", "--data-dir", folder).exit_code == 0
    assert "datasets/mnist/manifest.json" not in names(kept)
    assert list(kept.parent.iterdir()) == [kept]


def test_one_that_appears_meanwhile_is_not_replaced(
    run: Run, folder: Path, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, really = empty / "b.tar", making._database

    def meanwhile(*words: Any) -> Any:
        file.write_text("another's")
        return really(*words)

    monkeypatch.setattr(making, "_database", meanwhile)
    assert run("backup", file, "--data-dir", folder).exit_code == 2
    assert (file.read_text(), list(empty.iterdir())) == ("another's", [file])


@pytest.mark.parametrize("place", ["copy", "archive"])
def test_a_full_disk_is_said_in_words_and_leaves_nothing(
    run: Run, folder: Path, empty: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """tests/integration/test_backup.py has a disk that is really full."""

    def full(*_words: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(*((snapshot, "copy", full) if place == "copy" else (making, "add", full)))
    done = run("backup", empty / "b.tar", "--data-dir", folder)
    assert done.exit_code == 1
    assert "no room left" in done.output
    assert list(empty.iterdir()) == []


def test_a_damaged_database_is_not_taken_for_a_backup(run: Run, folder: Path, empty: Path) -> None:
    with closing(sqlite3.connect(folder / "grader.db")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with (folder / "grader.db").open("r+b") as file:
        file.seek(4096 * 3)
        file.write(os.urandom(4096 * 20))
    done = run("backup", empty / "b.tar", "--data-dir", folder)
    assert done.exit_code == 1, done.output
    assert list(empty.iterdir()) == []


@pytest.mark.parametrize("file", ["", "nowhere/b.tar"])
def test_a_place_that_is_none_is_wrong_usage(run: Run, folder: Path, empty: Path, file: str) -> None:
    assert run("backup", empty / file, "--data-dir", folder).exit_code == 2


def test_a_folder_without_a_service_has_nothing_to_keep(run: Run, empty: Path) -> None:
    done = run("backup", empty / "b.tar", "--data-dir", empty / "none")
    assert (done.exit_code, list(empty.iterdir())) == (2, [])


def test_what_is_there_stays_and_is_put_aside_only_where_that_is_said(
    run: Run, folder: Path, kept: Path
) -> None:
    (folder / "datasets" / "mnist" / "manifest.json").write_text("newer")
    before = tree(folder)
    refused = run("restore", kept, "--data-dir", folder)
    assert (refused.exit_code, tree(folder)) == (2, before)
    assert "grader.db" in refused.output
    (folder / "grader.db-wal").unlink(missing_ok=True)
    done = run("restore", kept, "--force", "--data-dir", folder)
    assert done.exit_code == 0, done.output
    (aside,) = folder.glob("replaced-*")
    assert str(aside) in done.output
    assert (aside / "datasets/mnist/manifest.json").read_text() == "newer"
    assert (aside / "queue/messages/m").exists()
    assert (folder / "datasets/mnist/manifest.json").read_text() == "datasets/mnist/manifest.json"
    assert (folder / "logs/web.log").exists()
    assert not (folder / "queue").exists()


def test_a_service_that_runs_is_not_replaced(run: Run, folder: Path, kept: Path) -> None:
    with closing(take_lock(folder)):
        refused = run("restore", kept, "--force", "--data-dir", folder)
    assert refused.exit_code == 2
    assert "Another grader serve" in refused.output


def test_nor_is_a_database_that_another_process_has_open(run: Run, folder: Path, kept: Path) -> None:
    before = tree(folder)
    with closing(sqlite3.connect(folder / "grader.db")) as other:
        other.execute("SELECT count(*) FROM users").fetchone()
        refused = run("restore", kept, "--force", "--data-dir", folder)
        assert refused.exit_code == 2, refused.output
        assert "Stop the service" in refused.output
    assert tree(folder).keys() == before.keys()


def test_what_goes_wrong_in_the_middle_puts_everything_back(
    run: Run, folder: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot.refuse_open(folder / "grader.db")  # which leaves it without a write-ahead log
    before, really = tree(folder), placing.Places.put

    def put(self: Any, source: Path, target: Path) -> None:
        if target.name == "grader.db":
            raise OSError(errno.EIO, "Input/output error", str(target))
        really(self, source, target)

    monkeypatch.setattr(placing.Places, "put", put)
    done = run("restore", kept, "--force", "--data-dir", folder)
    assert done.exit_code == 1
    assert "Input/output error" in done.output
    assert tree(folder) == before


def rewritten(kept: Path, change: Callable[[dict[str, bytes], dict[str, Any]], None]) -> None:
    """The same archive with other contents."""
    with tarfile.open(kept) as opened:
        found = {name: opened.extractfile(name).read() for name in opened.getnames()}  # type: ignore[union-attr]
    told = json.loads(found.pop("manifest.json"))
    change(found, told)
    with tarfile.open(kept, "w") as made:
        for name, data in found.items():
            archive.add_bytes(made, name, data)
        archive.add_bytes(made, "manifest.json", json.dumps(told).encode())


def _another_byte(found: dict[str, bytes], _told: dict[str, Any]) -> None:
    found["grader.db"] = found["grader.db"][:-1] + b"x"


def _less(found: dict[str, bytes], _told: dict[str, Any]) -> None:
    del found["keys/secret-key"]


def _more(found: dict[str, bytes], _told: dict[str, Any]) -> None:
    found["keys/metrics-token"] = b"x"


def _newer_format(_found: dict[str, bytes], told: dict[str, Any]) -> None:
    told["format"], told["beside"] = 2, "something new"


def _newer_schema(_found: dict[str, bytes], told: dict[str, Any]) -> None:
    told["revision"] = "9999"


def _another_schema(_found: dict[str, bytes], told: dict[str, Any]) -> None:
    told["revision"] = "0001"


def _no_time(_found: dict[str, bytes], told: dict[str, Any]) -> None:
    told["made_at"] = "yesterday"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_another_byte, "not what was written"),
        (_less, "does not hold the files"),
        (_more, "does not hold the files"),
        (_newer_format, "format 2"),
        (_newer_schema, "newer than this program"),
        (_another_schema, "not of the schema"),
        (_no_time, "damaged"),
    ],
)
def test_what_is_not_as_it_was_written_is_refused_before_anything_is_touched(
    run: Run, kept: Path, empty: Path, change: Any, says: str
) -> None:
    rewritten(kept, change)
    done = run("restore", kept, "--data-dir", empty)
    assert done.exit_code == 1
    assert says in done.output
    assert tree(empty) == {}


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7, 0.999])
def test_half_an_archive_is_refused(run: Run, kept: Path, empty: Path, share: float) -> None:
    whole = kept.read_bytes()
    kept.write_bytes(whole[: int((len(whole) - 10_240) * share)])
    done = run("restore", kept, "--data-dir", empty)
    assert done.exit_code == 1, done.output
    assert tree(empty) == {}


def _link(kind: bytes, to: str) -> Callable[[tarfile.TarFile], None]:
    def add(made: tarfile.TarFile) -> None:
        header = tarfile.TarInfo("keys/secret-key")
        header.type, header.linkname = kind, to
        made.addfile(header)

    return add


def _named(name: str) -> Callable[[tarfile.TarFile], None]:
    return lambda made: made.addfile(_sized(name, 1), io.BytesIO(b"x"))


def _sized(name: str, size: int) -> tarfile.TarInfo:
    header = tarfile.TarInfo(name)
    header.size = size
    return header


@pytest.mark.parametrize(
    "trick",
    [
        _named("../outside"),
        _named("/etc/outside"),
        _named("datasets/../../outside"),
        _named("datasets/mnist/../x"),
        _named("datasets/.hidden/x"),
        _named("keys/another"),
        _named("grader.db/x"),
        _named("grader.db"),
        _named("manifest.json\n"),
        _link(tarfile.SYMTYPE, "/etc/passwd"),
        _link(tarfile.LNKTYPE, "grader.db"),
        _link(tarfile.CHRTYPE, ""),
        _link(tarfile.FIFOTYPE, ""),
    ],
)
def test_tricks_of_a_tar_are_refused(
    run: Run, kept: Path, empty: Path, trick: Callable[[tarfile.TarFile], None]
) -> None:
    with tarfile.open(kept, "a") as made:
        trick(made)
    done = run("restore", kept, "--data-dir", empty / "home")
    assert done.exit_code == 1
    assert "no backup of the grader" in done.output
    assert tree(empty) == {}


def test_every_changed_byte_of_the_manifest_ends_in_words(run: Run, kept: Path, empty: Path) -> None:
    whole = bytearray(kept.read_bytes())
    begins = whole.index(b'{"format"')
    for place in range(begins, begins + 200, 9):
        kept.write_bytes(whole[:place] + bytes([whole[place] ^ 0x41]) + whole[place + 1 :])
        done = run("restore", kept, "--data-dir", empty)
        assert done.exit_code in (0, 1, 2), done.output
        if done.exit_code:
            assert tree(empty) == {}
        else:  # the change was in what is said of the program, or in the time
            shutil.rmtree(empty)


def test_a_database_elsewhere_is_kept_and_comes_back_there(
    run: Run, folder: Path, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADER_DATABASE_URL", f"sqlite:///{folder}/grader.db")
    assert run("backup", empty / "b.tar", "--data-dir", empty / "no").exit_code == 0
    (empty / "db").mkdir()
    monkeypatch.setenv("GRADER_DATABASE_URL", f"sqlite:///{empty}/db/mine.db")
    for force in ((), ("--force",)):
        assert run("restore", empty / "b.tar", "--data-dir", empty / "home", *force).exit_code == 0
    assert (empty / "db" / "mine.db").exists()
    assert len(list((empty / "db").glob("replaced-*/mine.db"))) == 1
    assert not (empty / "home" / "grader.db").exists()


def test_a_backup_of_another_kind_of_database_is_not_mixed(
    run: Run, kept: Path, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADER_DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:1/none")
    done = run("restore", kept, "--data-dir", empty)
    assert (done.exit_code, tree(empty)) == (2, {})
    assert "unset GRADER_DATABASE_URL" in done.output


def test_a_key_of_the_operators_own_is_named(
    run: Run, folder: Path, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADER_SECRET_KEY_FILE", "/etc/grader/key")
    done = run("backup", empty / "b.tar", "--data-dir", folder)
    assert "Not in it: /etc/grader/key" in done.stderr


def test_writers_neither_wait_nor_are_half_in_it(folder: Path, empty: Path) -> None:
    """Between any two pages of the copy somebody writes; the copy is of the moment at which it began."""
    with closing(sqlite3.connect(folder / "grader.db", isolation_level=None, timeout=0)) as writer:
        writer.execute("CREATE TABLE pairs (a INTEGER, b INTEGER)")
        writer.execute("INSERT INTO pairs VALUES (0, 0)")
        written = 0

        def write(_done: int, _all: int) -> None:
            nonlocal written
            written += 1
            writer.execute("UPDATE pairs SET a = a + 1, b = b + 1")
            writer.execute(f"CREATE TABLE filler_{written} AS SELECT randomblob(50000)")

        pages, snapshot.PAGES = snapshot.PAGES, 8
        try:
            snapshot.copy(folder / "grader.db", empty / "copy.db", write)
        finally:
            snapshot.PAGES = pages
    assert written > 10
    with closing(sqlite3.connect(empty / "copy.db")) as copy:
        assert copy.execute("SELECT a, b FROM pairs").fetchall() == [(0, 0)]
    assert [path.name for path in empty.iterdir()] == ["copy.db"]


def test_after_a_restore_a_wait_is_not_longer_than_before(
    run: Run, school: School, kept: Path, empty: Path
) -> None:
    run("restore", kept, "--data-dir", empty)
    parts = parts_of(empty, school)
    assert parts.backlog.waiting(utc_now(), utc_now() - timedelta(days=99))
    parts.database.close()


def test_what_to_type_for_postgresql_has_no_password() -> None:
    url = "postgresql+psycopg://grader:s3cret@db.example.edu:5433/grader?options=-c%20statement_timeout%3D60000&sslmode=require"
    for command in server.commands(load_settings({}, database_url=url)):
        assert "'postgresql://grader@db.example.edu:5433/grader?sslmode=require'" in command
        assert "s3cret" not in command
