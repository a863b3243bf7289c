"""Exchanging files for others, all or nothing."""

from __future__ import annotations

import errno
import shutil
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from grader.private import FOLDER


class Places:
    """Puts files aside and others in their places; an error puts everything back as it was."""

    def __init__(self, home: Path, now: datetime) -> None:
        """What is put aside lies in a folder of `home` that is named by the moment; what lay elsewhere, beside where it was."""
        self._home = home
        self._name = f"replaced-{now:%Y%m%dT%H%M%S%f}"
        self._done: list[tuple[Path, Path]] = []
        self.aside: list[Path] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            for source, target in reversed(self._done):
                if source.exists():  # it was copied
                    target.unlink()
                else:
                    target.rename(source)
            for folder in self.aside:
                shutil.rmtree(folder, ignore_errors=True)  # empty folders are all that is left there

    def put_aside(self, path: Path) -> None:
        """Away from its place; nothing happens where nothing is there."""
        if not path.exists() and not path.is_symlink():
            return
        root = self._home if path.is_relative_to(self._home) else path.parent
        target = root / self._name / path.relative_to(root)
        if root / self._name not in self.aside:
            self.aside.append(root / self._name)
        target.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER)
        self._move(path, target)

    def put(self, source: Path, target: Path) -> None:
        """In its place, which is free."""
        target.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER)
        self._move(source, target)

    def _move(self, source: Path, target: Path) -> None:
        try:
            source.rename(target)
        except OSError as error:
            if error.errno != errno.EXDEV or not source.is_file():
                raise
            # A database that lies elsewhere: copied beside its place first, so that it is whole when it gets there.
            beside = target.with_name(f".{target.name}.{self._name}")
            shutil.copy2(source, beside)
            beside.rename(target)
        self._done.append((source, target))
