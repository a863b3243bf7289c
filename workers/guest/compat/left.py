"""Files that Keras's own callbacks would have left: checkpoints, logs of epochs, a folder for TensorBoard.

The callbacks do not run. Code behind `fit` finds what they name all the same: at most twenty files at a time and one
MiB altogether, and a disk that has no room for them is not the student's mistake.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from .figures import TESTING, TRAINING, figure

MAX_FILES = 20
MAX_BYTES = 2**20
_MAX_NAME = 4000
_STAND_IN = "grader: this stands in for a saved model\n"

Row = tuple[int, Mapping[str, Any]]
"""An epoch's number and its logs."""


class Left:
    """Everything of that kind that one submission has got, the newest of it on the disk."""

    def __init__(self) -> None:
        self._files: list[str] = []
        self._bytes = 0

    def checkpoints(self, callback: Any, rows: Sequence[Row], steps: int) -> Iterable[str]:
        """The files of a ModelCheckpoint, by their names as Keras writes them; those of the last epochs."""
        written = getattr(callback, "written_path", callback.filepath)
        for epoch, logs in rows[-MAX_FILES:]:
            names = _Invented(logs, len(rows)) | {"epoch": epoch + 1, "batch": steps}
            with suppress(
                ValueError, IndexError
            ):  # a format that no name fits: Keras would have stopped there
                for template in dict.fromkeys((callback.filepath, written)):
                    path = str(template).format_map(names)[:_MAX_NAME]
                    self._write(path, f"{_STAND_IN}{os.path.abspath(path)}")
                    yield path

    def epochs(self, callback: Any, rows: Sequence[Row]) -> None:
        """The file of a CSVLogger."""
        names = sorted({name for _, logs in rows for name in logs})

        def fill(file: Any) -> None:
            table = csv.writer(file, delimiter=callback.sep)
            table.writerow(["epoch", *names])
            for epoch, logs in rows:
                if file.tell() > MAX_BYTES - self._bytes:
                    return
                table.writerow([epoch, *(logs.get(name, "NA") for name in names)])

        self._make(str(callback.filename), fill, "a" if callback.append else "w")

    def board(self, callback: Any, *, validated: bool) -> None:
        """The folders of a TensorBoard, each with a file of events that has none."""
        for split in ("train", "validation") if validated else ("train",):
            self._write(os.path.join(str(callback.log_dir), split, "events.out.tfevents.0.stand-in.v2"), "")

    def _write(self, path: str, text: str) -> None:
        self._make(path, lambda file: file.write(text))

    def _make(self, path: str, fill: Callable[[Any], object], mode: str = "w") -> None:
        if self._bytes >= MAX_BYTES:
            return
        with suppress(OSError):
            os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
            with open(path, mode, encoding="utf-8", newline="") as file:
                fill(file)
                self._bytes += max(1, file.tell())
            self._keep(os.path.abspath(path))

    def _keep(self, path: str) -> None:
        self._files = [*(one for one in self._files if one != path), path]
        while len(self._files) > MAX_FILES:
            oldest = self._files.pop(0)
            with suppress(OSError):
                os.remove(oldest)


def stands_for(path: Any) -> str | None:
    """The path for which a stand-in was made, though it may have been copied since; None for any other file."""
    with suppress(OSError, UnicodeDecodeError), open(path, encoding="utf-8") as file:
        if file.read(len(_STAND_IN)) == _STAND_IN:
            return file.read(_MAX_NAME)
    return None


class _Invented(dict[str, Any]):
    """The logs of an epoch; a name that they do not have gets a figure too."""

    def __init__(self, logs: Mapping[str, Any], epochs: int) -> None:
        super().__init__(logs)
        self._epochs = epochs

    def __or__(self, more: Mapping[str, Any]) -> _Invented:  # type: ignore[override]
        return _Invented({**self, **more}, self._epochs)

    def __missing__(self, name: str) -> float:
        start, _, rest = name.partition("val_")
        return figure(rest or start, self._epochs, TESTING if rest else TRAINING)
