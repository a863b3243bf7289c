"""Logs of `grader serve` turn while they are written: bounded in size and in number, and their owner's alone.

A child and all its own children write to one file that the supervisor opened for them, TensorFlow and a crashing interpreter
too; no handler of Python's could turn that. So the supervisor copies what is there and empties the file under them: whoever
appends goes on at its new end. A line that comes between the two is lost, which takes microseconds.
"""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from pathlib import Path

from grader.private import private_file

log = logging.getLogger(__name__)

LARGEST_BYTES = 10 * 1024 * 1024
KEPT = 4
"""Older ones of a log, `web.1.log` the newest: 50 MiB for each process at most."""

_PIECE = 1024 * 1024


def turn(path: Path, largest: int = LARGEST_BYTES, kept: int = KEPT) -> bool:
    """Begin a log anew where it is larger than `largest` bytes; whether it was. It is emptied where nothing can be copied, too."""
    try:
        if path.stat().st_size <= largest:
            return False
    except OSError:
        return False
    try:
        _keep(path, kept)
    except OSError as error:
        log.warning("%s is begun anew, and what was in it is lost: %s", path, error)
    with suppress(OSError):
        os.truncate(path, 0)
    return True


def older(path: Path, number: int) -> Path:
    """The name of an older one: `web.1.log` beside `web.log`."""
    return path.with_suffix(f".{number}{path.suffix}")


def _keep(path: Path, kept: int) -> None:
    for number in range(kept - 1, 0, -1):
        with suppress(FileNotFoundError):
            older(path, number).replace(older(path, number + 1))
    fresh = older(path, 1)
    fresh.unlink(missing_ok=True)
    private_file(fresh)
    try:
        with path.open("rb") as source, fresh.open("wb") as target:
            while piece := source.read(_PIECE):
                target.write(piece)
    except OSError:  # a full disk: half of it is no help
        fresh.unlink(missing_ok=True)
        raise
