"""The shell of a notebook, as far as code needs what it gives: files that cells write, lists that commands give.

Nothing is started: a command gives no lines, a magic gives nothing. What would take another machine (`!pip`, `%cd`)
was put out of action before; see magics.py.
"""

from __future__ import annotations

import builtins
import errno
import os
import re
import shlex
import sys
import tempfile
from pathlib import Path
from typing import Any

from .compat.nothing import NOTHING
from .written import Written

_WORKING_FOLDER = re.compile(r"^(?:(?:/content|/kaggle/working|/home/jovyan(?:/work)?|~|\$HOME)[/\\]|\./)")
"""What notebooks on other machines call their working folder, which is ours here."""

_OPTION = re.compile(r"(?:-a|--append)(?=\s)\s*|(?<=\s)(?:-a|--append)\s*$")
_VARIABLE = re.compile(r"\{(\w+)\}|\$(\w+)")


class Lines(list[str]):
    """What a command printed, as IPython gives it: a list, and by its short names one text (`.n`, `.s`), itself (`.l`)."""

    def __getattr__(self, name: str) -> Any:
        if name in ("l", "list"):
            return self
        if name in ("n", "nlstr"):
            return "\n".join(self)
        if name in ("s", "spstr"):
            return " ".join(self)
        if name in ("p", "paths"):
            return [Path(line) for line in self if Path(line).exists()]
        raise AttributeError(name)

    def grep(self, pattern: Any, prune: bool = False, field: int | None = None) -> Lines:  # noqa: ARG002 - IPython's
        """The lines in which a pattern is found, or with `prune` the others."""
        asks = pattern if callable(pattern) else re.compile(pattern, re.IGNORECASE).search
        return Lines(line for line in self if bool(asks(line)) is not prune)

    def fields(self, *numbers: int) -> list[Any]:
        """The words of each line, or those of some columns as one text."""
        words = [line.split() for line in self]
        if not numbers:
            return words
        return Lines(" ".join(line[number] for number in numbers if number < len(line)) for line in words)


class Captured:
    """What `%%capture out` keeps: nothing, since what a submission prints stands in its report."""

    stdout = stderr = ""

    def __init__(self) -> None:
        self.outputs = Lines()

    def show(self) -> None:
        """Nothing to show."""

    __call__ = show

    def __str__(self) -> str:
        return self.stdout


class Shell:
    """One for each submission, under a name that code of its own has no reason to use.

    With `elsewhere` the files that cells write go to a folder of their own, where modules are looked for as well: on a
    student's own machine nothing of the student's is overwritten.
    """

    def __init__(self, namespace: dict[str, object], *, elsewhere: bool = False) -> None:
        self._namespace = namespace
        self._elsewhere = elsewhere
        self._folders: list[Path] = []
        self.written = Written()

    def knows(self, name: str) -> bool:
        """Whether a name exists at this moment; a magic without its sign yields to it."""
        return name in self._namespace or hasattr(builtins, name)

    def lines(self, command: str) -> Lines:
        """`files = !ls`."""
        return Lines([str(Path.cwd())] if command == "pwd" else [])

    def value(self, magic: str) -> object:
        """`x = %magic`."""
        name, _, rest = magic.partition(" ")
        if name == "pwd":
            return str(Path.cwd())
        if name in ("sx", "system", "ls", "sc"):
            return Lines()
        if name == "env" and rest:
            return os.environ.get(rest.strip(), "")
        return NOTHING

    def captured(self) -> Captured:
        """`%%capture out`."""
        return Captured()

    def write(self, name: str, text: str, line: int, *, step: int = 1) -> None:
        """`%%writefile name`: its text begins at that line of the source, or stands whole in it (`step` 0)."""
        append = _OPTION.search(f"{name} ") is not None
        path = self._to_write(self._path(_OPTION.sub("", f"{name} ").strip()))
        lines = [line + step * number for number in range(text.count("\n"))]
        told = ("Appending to" if append else "Overwriting") if path.exists() else "Writing"
        self.written.write(path, text, lines, append=append)
        sys.stdout.write(f"{told} {path.name}\n")

    def run(self, command: str) -> None:
        """`%run file`: its names are the notebook's afterwards. Raises FileNotFoundError for what is not here."""
        words = [word for word in shlex.split(command) if not word.startswith("-")]
        path = self._found(words[0] if words else command)
        names: dict[str, object] = {"__name__": "__main__", "__file__": str(path), "__builtins__": builtins}
        exec(self.written.code_of(path), names)  # noqa: S102 - the student's own file
        self._namespace.update({name: value for name, value in names.items() if not name.startswith("__")})

    def _found(self, name: str) -> Path:
        named = self._path(name)
        for path in (named, named.with_name(f"{named.name}.py")):
            for place in (*(folder / _within(path) for folder in self._folders), path):
                if place.is_file():
                    return place
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)

    def _path(self, name: str) -> Path:
        name = _VARIABLE.sub(lambda found: str(self._namespace.get(found[1] or found[2], found[0])), name)
        return Path(_WORKING_FOLDER.sub("", _unquoted(name), count=1))

    def _to_write(self, path: Path) -> Path:
        if not self._elsewhere:
            return path
        if not self._folders:
            self._folders.append(Path(tempfile.mkdtemp(prefix="written-")))
            sys.path.insert(0, str(self._folders[0]))
        return self._folders[0] / _within(path)


def serve(namespace: dict[str, object], name: str, *, elsewhere: bool = False) -> Shell:
    """Put a shell under its name, unless there is one."""
    known = namespace.get(name)
    shell = known if isinstance(known, Shell) else Shell(namespace, elsewhere=elsewhere)
    namespace[name] = shell
    return shell


def _within(path: Path) -> Path:
    """A path that leads out of no folder, wherever it led before."""
    return Path(*(part for part in path.parts if part not in ("..", path.anchor)))


def _unquoted(name: str) -> str:
    return name[1:-1] if len(name) > 1 and name[0] == name[-1] and name[0] in "'\"" else name
