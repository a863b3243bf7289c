"""One job alone on this machine: after two deaths no neighbour shall die with it, and none can be why it does.

Whoever grades holds a shared lock; who must be alone an exclusive one. The gate keeps a row of neighbours from going by for
ever while somebody waits to be alone. The kernel lets go of the locks of whoever dies.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def in_company(folder: Path, *, alone: bool) -> Iterator[None]:
    """Work beside others of this folder, or `alone` as soon as the others have ended what they have in hand."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _open(folder / "gate.lock") as gate, _open(folder / "company.lock") as company:
        fcntl.flock(gate, fcntl.LOCK_EX)
        fcntl.flock(company, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(gate, fcntl.LOCK_UN)
        try:
            yield
        finally:
            # Said, not left to the end of the descriptor: a process that was forked meanwhile may have it, too.
            fcntl.flock(company, fcntl.LOCK_UN)


@contextmanager
def _open(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
