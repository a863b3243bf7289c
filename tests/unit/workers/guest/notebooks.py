"""Cells and scripts run in this process as the guest runs them."""

from __future__ import annotations

import linecache

from workers.guest import cells, magics, pieces, shell
from workers.guest.explain import FILE_NAME
from workers.guest.failure import Failure
from workers.guest.running import Run


def book(*texts: str) -> str:
    """Cells as one source."""
    return "".join(f"# %% cell {number} of the notebook\n{text}\n\n" for number, text in enumerate(texts, 1))


def run(source: str, *, elsewhere: bool = False) -> tuple[dict[str, object], list[Failure]]:
    """The names that a source makes, and what stopped in it."""
    linecache.cache[FILE_NAME] = (len(source), None, cells.lines_of(source), FILE_NAME)
    namespace: dict[str, object] = {}
    shell.serve(namespace, magics.SHELL, elsewhere=elsewhere)
    whole = Run(pieces.read(source, []), namespace, ())
    whole.everything()
    return namespace, whole.failures
