"""`python -m workers.training`: the trainer. Imports TensorFlow once, then forks a child for each folder it is told.

One line on standard input is one folder; one line on standard output is how that child ended: 0, or what waitpid said.
The fork is safe because this process imports TensorFlow and never runs an operation of it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from grader.lifeline import die_with_parent


def serve() -> None:
    """Train until standard input ends."""
    from workers.training.train import run

    print("ready", flush=True)
    for line in sys.stdin:
        folder = Path(line.rstrip("\n"))
        child = os.fork()
        if child == 0:
            _become_child(folder)
            run(folder)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _become_child(folder: Path) -> None:
    """Die with the parent; what TensorFlow says goes into the job's own folder."""
    die_with_parent()
    log = os.open(folder / "log.txt", os.O_WRONLY | os.O_CREAT, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)


if __name__ == "__main__":
    serve()
