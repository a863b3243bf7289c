"""`python -m workers.training BYTES`: the trainer. Imports TensorFlow once, then forks a child for each folder it is told.

One line on standard input is a number of CPU-seconds and a folder; one line on standard output is how that child ended: 0, or
what waitpid said. The kernel counts the CPU-seconds, and ends a child that has used them up.
The fork is safe because this process imports TensorFlow and never runs an operation of it.
"""

from __future__ import annotations

import gc
import importlib
import math
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path

from grader.lifeline import die_with_parent

IMPORTED_BY_FIT = tuple(
    f"tensorflow.python.data.ops.{name}_op"
    for name in ("concatenate", "flat_map", "from_tensors", "range", "zip")
)
"""What TensorFlow would otherwise import in every child, in the middle of `fit`."""
TAKEN_FOR_ABSENT = ("sklearn", "matplotlib", "pandas", "IPython")
"""What Keras imports where it is installed, for wrappers, pictures and frames that no training has: two fifths of the CPU
that starting takes. They are there for students, whose programs run elsewhere.
"""


def serve() -> None:
    """Train until standard input ends."""
    _limit(int(sys.argv[1]))
    run = _warmed()
    print("ready", flush=True)
    for line in sys.stdin:
        cpu_seconds, _, name = line.rstrip("\n").partition(" ")
        folder = Path(name)
        child = os.fork()
        if child == 0:
            _become_child(folder, float(cpu_seconds))
            run(folder)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _limit(address_space: int) -> None:
    """Before anything large is imported: end with the worker, no core files, bounded memory."""
    die_with_parent()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (address_space, address_space))


def _warmed() -> Callable[[Path], None]:
    """What does a job, with all that it will need imported."""
    for name in TAKEN_FOR_ABSENT:
        sys.modules[name] = None  # type: ignore[assignment]  # how Python is told that there is no such module
    # Modules only add objects: looking through all of them again and again takes a tenth of the time.
    gc.disable()
    from workers.training.train import run

    for name in IMPORTED_BY_FIT:
        importlib.import_module(name)
    gc.enable()
    # A collection in a child would write to every object, and so copy every page that it shares with this process.
    gc.collect()
    gc.freeze()
    return run


def _become_child(folder: Path, cpu_seconds: float) -> None:
    """Die with the parent, or of SIGXCPU; what TensorFlow says goes into the job's own folder."""
    die_with_parent()
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    # Whole seconds, and the hard limit stays: that would be SIGKILL, which tells nothing.
    own = math.ceil(cpu_seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (own if most == resource.RLIM_INFINITY else min(own, most), most))
    log = os.open(folder / "log.txt", os.O_WRONLY | os.O_CREAT, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)


if __name__ == "__main__":
    serve()
