"""Whatever happens, the command line ends with a documented status and one clear line; 1 is always a verdict."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from grader.cli import ending
from grader.cli.session import Refused
from grader.domain.errors import AuthorError, Reason, SandboxUnavailable, StudentError
from grader.domain.message import message


def end(error: BaseException | int | None, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    def run() -> object:
        if isinstance(error, BaseException):
            raise error
        return error

    with pytest.raises(SystemExit) as ended:
        ending.end(run, lambda missing: f"{missing.name} is missing")
    assert isinstance(ended.value.code, int)
    return ended.value.code, capsys.readouterr().err


def caused_by(error: BaseException, cause: BaseException) -> BaseException:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (None, 0, ""),
        (0, 0, ""),
        (1, 1, ""),
        (SystemExit(), 0, ""),
        (SystemExit(1), 1, ""),
        (SystemExit("some words"), 3, "some words"),
        (click.UsageError("wrong"), 2, "wrong"),
        (click.ClickException("not so"), 2, "not so"),
        (click.FileError("a.py", "gone"), 2, "gone"),
        (Refused("no", 3), 3, "no"),
        (click.Abort(), 130, "Interrupted."),
        (KeyboardInterrupt(), 130, "Interrupted."),
        (caused_by(click.Abort(), EOFError()), 2, "Nobody answers"),
        (ModuleNotFoundError("x", name="flask"), 2, "flask is missing"),
        (AuthorError("assignment.yaml:3: wrong"), 2, "assignment.yaml:3: wrong"),
        (StudentError(Reason.BAD_UPLOAD, message("empty_file")), 2, "The file is empty"),
        (SandboxUnavailable("none here"), 3, "The grader itself failed: none here"),
        (ValueError("boom\nand more"), 3, "The grader itself failed: ValueError: boom and more."),
        (UnicodeEncodeError("ascii", "✓", 0, 1, "no"), 3, "The grader itself failed: UnicodeEncodeError"),
        (OSError(28, "No space left on device"), 3, "No space left on device"),
        (MemoryError(), 3, "The grader itself failed: MemoryError"),
        (RecursionError("deep"), 3, "The grader itself failed: RecursionError: deep"),
        (AssertionError(), 3, "The grader itself failed: AssertionError"),
    ],
)
def test_every_end_has_a_status_and_a_line(
    error: BaseException | int | None,
    status: int,
    told: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    ended, err = end(error, capsys)
    assert ended == status
    assert told in err
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) <= 1 or isinstance(error, click.ClickException)


def test_what_went_wrong_is_kept_for_who_can_mend_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    _, err = end(ZeroDivisionError("x"), capsys)
    (kept,) = tmp_path.glob("grader-failed-*.txt")
    assert str(kept) in err
    assert "Traceback" in kept.read_text()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    assert end(ZeroDivisionError("x"), capsys)[0] == 3


def test_a_pipe_that_nobody_reads_is_no_error() -> None:
    command = [sys.executable, "-m", "grader.cli", "--help"]
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, timeout=60)
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")
