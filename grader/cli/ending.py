"""How the command line ends: every end has a status of the documented list, and 1 is always a verdict."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import click

from grader.domain.errors import AuthorError, GraderFault, StudentError

WRONG_USAGE, OUR_FAULT, INTERRUPTED, NOBODY_READS = 2, 3, 130, 141
"""`NOBODY_READS`: the program behind the pipe has ended (`grader … | head`), as a shell counts SIGPIPE."""


def end(run: Callable[[], object], missing: Callable[[ModuleNotFoundError], str]) -> NoReturn:
    """Run a command line and end the process; `missing` words the want of a module."""
    output = sys.stdout
    try:
        status = _status(run, missing)
        if sys.stdout is not output:  # click has seen it first, has put a quiet stream there, and says 1
            raise BrokenPipeError
        sys.stdout.flush()
    except BrokenPipeError:
        status = NOBODY_READS
        _say_nothing_more()
    sys.exit(status)


def _status(run: Callable[[], object], missing: Callable[[ModuleNotFoundError], str]) -> int:
    try:
        ended = run()
        return ended if isinstance(ended, int) else 0
    except SystemExit as error:
        return _of_exit(error)
    except BrokenPipeError:
        raise
    except (click.Abort, KeyboardInterrupt) as error:
        return _interrupted(error)
    except click.ClickException as error:
        return _refused(error)
    except ModuleNotFoundError as error:
        return _told(missing(error), WRONG_USAGE)
    except AuthorError as error:
        return _told(str(error), WRONG_USAGE)
    except StudentError as error:
        return _told(_in_words(error), WRONG_USAGE)
    except GraderFault as fault:
        return _told(f"The grader itself failed: {fault}", OUR_FAULT)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is ours
        return _told(_about(error), OUR_FAULT)


def _of_exit(error: SystemExit) -> int:
    if error.code is None or isinstance(error.code, int):
        return error.code or 0
    return _told(str(error.code), OUR_FAULT)


def _interrupted(error: BaseException) -> int:
    if isinstance(error.__cause__, EOFError):
        return _told("Nobody answers here. Give the answer as an option: see --help.", WRONG_USAGE)
    return _told("Interrupted.", INTERRUPTED)


def _refused(error: click.ClickException) -> int:
    """Click's own status of a refusal is 1, unless it is about the usage; here 1 is a verdict."""
    try:
        error.show()
    except SystemExit as ended:
        return _of_exit(ended)
    return error.exit_code if error.exit_code != 1 else WRONG_USAGE


def _in_words(error: StudentError) -> str:
    from grader.messages import render  # the catalogues are not needed to start

    return " ".join(render(one) for one in error.messages)


def _about(error: Exception) -> str:
    """One line, and where the rest is kept for who can mend it."""
    what = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    told = f"The grader itself failed: {what}. That says nothing about the work that was to be graded."
    try:
        handle, name = tempfile.mkstemp(prefix="grader-failed-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            traceback.print_exception(error, file=file)
    except OSError:
        return told
    return f"{told} Details for who looks after it: {Path(name)}"


def _told(text: str, status: int) -> int:
    click.echo(text, err=True)
    return status


def _say_nothing_more() -> None:
    """Python flushes standard output once more as it ends, and would complain."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            os.dup2(nowhere, stream.fileno())
        except (OSError, ValueError):
            continue
