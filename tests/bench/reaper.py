"""`python -m tests.bench.reaper FILE COMMAND …`: runs a command, and takes in and reaps whatever it leaves without a parent.

When the command has ended, the CPU seconds of everything go into the file.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

PR_SET_CHILD_SUBREAPER = 36
PASSED_ON = (signal.SIGTERM, signal.SIGINT)


def main() -> int:
    """The command's exit status, once everything below has ended or the command has."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    child = subprocess.Popen(sys.argv[2:])

    def pass_on(number: int, _frame: Any) -> None:
        child.send_signal(number)

    for number in PASSED_ON:
        signal.signal(number, pass_on)
    while True:
        pid, status = os.waitpid(-1, 0)
        if pid == child.pid:
            _reap_the_dead()
            unfinished = Path(f"{sys.argv[1]}.new")
            unfinished.write_text(str(sum(os.times()[:4])), "ascii")
            unfinished.rename(sys.argv[1])
            return os.waitstatus_to_exitcode(status) & 0xFF


def _reap_the_dead() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


if __name__ == "__main__":
    sys.exit(main())
