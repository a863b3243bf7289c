"""Files that cells of a notebook wrote: a module among them is told by the lines of its cell."""

from __future__ import annotations

import ast
import importlib
import sys
import types
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path

from .explain import FILE_NAME


@dataclass(frozen=True)
class _File:
    """What cells wrote into one file, and for each line of it the one of the whole source."""

    text: str
    lines: list[int]


@dataclass
class Written:
    """The files of one submission; a finder that goes before the others as soon as there is one."""

    _files: dict[str, _File] = field(default_factory=dict)

    def write(self, path: Path, text: str, lines: list[int], *, append: bool) -> None:
        """Write for real, where everything else that the code writes counts, too. Raises `OSError` as open() does."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a" if append else "w", encoding="utf-8") as file:
            file.write(text)
        key = str(path.resolve())
        before = self._files.get(key) if append else None
        known = _File(text, lines) if before is None else _File(before.text + text, before.lines + lines)
        # What something else has written there before is told by the file's own lines.
        self._files[key] = known
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)
        importlib.invalidate_caches()

    def code_of(self, path: Path) -> types.CodeType:
        """A file compiled; its lines are those of the cell that wrote it, as long as nothing else has changed it."""
        text = path.read_text(encoding="utf-8-sig")
        known = self._files.get(str(path.resolve()))
        if known is None or known.text != text:
            return compile(text, str(path), "exec", dont_inherit=True)
        tree = ast.parse(text, path.name)
        compile(
            tree, path.name, "exec", dont_inherit=True
        )  # what is wrong in it is told by its own name and lines
        for node in ast.walk(tree):
            for name in ("lineno", "end_lineno"):
                line = getattr(node, name, None)
                if isinstance(line, int):
                    setattr(node, name, known.lines[min(line, len(known.lines)) - 1])
        return compile(tree, FILE_NAME, "exec", dont_inherit=True)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> ModuleSpec | None:
        """Part of the import protocol: what Python itself finds, if it is one of these files."""
        spec = PathFinder.find_spec(name, path, target)
        origin = spec.origin if spec is not None else None
        if spec is None or origin is None or str(Path(origin).resolve()) not in self._files:
            return None
        spec.loader = _Loader(name, origin, self)
        return spec

    def forget(self) -> None:
        """Find nothing any more."""
        self._files.clear()
        if self in sys.meta_path:
            sys.meta_path.remove(self)


class _Loader(SourceFileLoader):
    def __init__(self, name: str, path: str, written: Written) -> None:
        super().__init__(name, path)
        self._written = written

    def get_code(self, fullname: str) -> types.CodeType | None:  # noqa: ARG002 - Python's signature
        return self._written.code_of(Path(self.path))
