"""Can a job read what it imports? Not where the libraries were installed with umask 077 and jobs have users of their own."""

from __future__ import annotations

from .base import Finished, Outcome
from .trials import SMALL, Trial

# What a library loads late is read by the job itself; kept bytecode is no loss.
_LOOK = """
import os, sys
for folder in dict.fromkeys(sys.path):
    try:
        names = [name for name in os.listdir(folder) if name != "__pycache__"]
    except FileNotFoundError:
        continue
    except OSError:
        print("closed", folder)
        continue
    for name in names:
        path = os.path.join(folder, name)
        wanted = os.R_OK | os.X_OK if os.path.isdir(path) else os.R_OK
        if os.path.lexists(path) and not os.path.islink(path) and not os.access(path, wanted):
            print("closed", path)
print("looked")
"""

TRIAL = Trial("reading", _LOOK, Finished, limits=SMALL)


def closed(outcome: Outcome) -> str:
    """What of the runtime the trial could not read, in words for an operator; empty when it could read everything."""
    lines = outcome.stdout.splitlines()
    if not isinstance(outcome, Finished) or lines[-1:] != ["looked"]:
        return f"nobody could look through the libraries: it ended as {type(outcome).__name__}"
    paths = [line.removeprefix("closed ") for line in lines[:-1]]
    if not paths:
        return ""
    return (
        f"a student's code, which runs as a user of its own, cannot read {paths[0]} and {len(paths) - 1} more: open the "
        "environment's libraries to everybody (chmod -R go+rX), and the next time install them with umask 022"
    )
