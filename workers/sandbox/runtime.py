"""What of this machine a sandbox must see: the interpreter, the libraries, the guest. Nothing else."""

from __future__ import annotations

import site
import sys
from dataclasses import dataclass
from pathlib import Path

GUEST_HOME = "/opt/grader"
GUEST_SOURCE = Path(__file__).resolve().parent.parent / "guest"

_START = "import runpy, sys; sys.path += {folders!r}; runpy.run_module('guest', run_name='__main__', alter_sys=True)"


@dataclass(frozen=True)
class Runtime:
    """An interpreter, the folders it needs at their own paths, and folders of libraries to import from.

    `hidden` lies within `folders` and is nobody's business: what else is installed for that interpreter.
    """

    python: Path
    folders: tuple[Path, ...]
    libraries: tuple[Path, ...]
    hidden: tuple[Path, ...] = ()

    def mounts(self) -> list[tuple[Path, Path]]:
        """(folder of this machine, place inside the sandbox); what lies in /usr is there anyhow."""
        shown = [(folder, folder) for folder in self.folders]
        shown += [(folder, place) for folder, place in self._places() if folder != place]
        return [*shown, (GUEST_SOURCE, Path(GUEST_HOME, "guest"))]

    def command(self) -> list[str]:
        """Start the guest inside: no environment, no site folder of anybody, no bytecode written."""
        return start_command(str(self.python), [str(place) for _, place in self._places()])

    def _places(self) -> list[tuple[Path, Path]]:
        # Elsewhere than on this machine: a library's warning shows its path to the student.
        places = []
        for index, folder in enumerate(self.libraries):
            inside = Path(GUEST_HOME, "libraries", str(index))
            places.append((folder, folder if folder.is_relative_to("/usr") else inside))
        return places


def start_command(python: str, libraries: list[str], guest_home: str = GUEST_HOME) -> list[str]:
    """The command line that runs the package `guest` below `guest_home`."""
    return [python, "-I", "-S", "-B", "-c", _START.format(folders=[guest_home, *libraries])]


def this_runtime() -> Runtime:
    """The interpreter that runs this very process and the libraries of its environment."""
    prefixes = dict.fromkeys(
        (Path(sys.base_prefix), Path(sys.base_exec_prefix), Path(sys.base_prefix).resolve())
    )
    outside_usr = tuple(folder for folder in prefixes if not folder.is_relative_to("/usr"))
    libraries = tuple(Path(folder) for folder in site.getsitepackages() if Path(folder).is_dir())
    others = [Path(folder) for folder in site.getsitepackages(list(map(str, outside_usr)))]
    hidden = tuple(folder for folder in others if folder.is_dir() and folder not in libraries)
    python = getattr(sys, "_base_executable", None) or sys.executable
    return Runtime(Path(python).resolve(), outside_usr, libraries, hidden)
