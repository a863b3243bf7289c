"""What several groups measure on: the fresh script's folder, and one running service; each is made when first asked for."""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import Self

from tests.bench import sources
from tests.bench.script import FreshScript, prepare
from tests.bench.service import Service, serving

LARGEST = ("traffic-conv", "mnist-conv", "happy-house")
STUDENTS = 15
"""A storm of 300, and as many as one student may have waiting: 20."""


class Ground:
    """For as long as the block runs."""

    def __init__(self) -> None:
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._stack.close()

    def script(self) -> FreshScript:
        """The script, which has run before; each caller's remembers its own runs."""
        return FreshScript(self._home)

    @cached_property
    def service(self) -> Service:
        """`grader serve` with two workers, at rest; what a group has it grade, the next finds graded.

        The script's folder is made ready while it starts.
        """
        folder, slugs = self._folder / "service", [sources.SLUG, *LARGEST]
        with ThreadPoolExecutor(1) as pool:
            prepared = pool.submit(lambda: self._home)
            made = serving(folder, slugs, STUDENTS, uploads_per_minute="0")
            service = self._stack.enter_context(made)
            prepared.result()
        return service

    @cached_property
    def _home(self) -> Path:
        home = self._folder / "home"
        prepare(home)
        return home

    @cached_property
    def _folder(self) -> Path:
        return Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
