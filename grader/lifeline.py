"""Linux only: a process that never outlives the one that started it, however that ended."""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Callable
from functools import partial
from typing import Any

_PR_SET_PDEATHSIG = 1


def die_with_parent(**_event: Any) -> None:
    """Have the kernel kill this process when its parent is gone; keywords are a signal's of Celery."""
    _when_parent_is_gone(signal.SIGKILL)


def end_with(parent: int, ending: signal.Signals = signal.SIGTERM) -> None:
    """Have this process told `ending` when the process `parent` is gone: now, if that has happened meanwhile.

    For a program's first lines, or between fork and exec: what handled `ending` before does so no longer, since a
    handler that a fork inherits would swallow it.
    """
    if ending is not signal.SIGKILL:
        signal.signal(ending, signal.SIG_DFL)
    _when_parent_is_gone(ending)
    if os.getppid() != parent:
        os.kill(os.getpid(), ending)


def ends_with_us(ending: signal.Signals = signal.SIGTERM) -> Callable[[], None]:
    """A `preexec_fn`: the child is told `ending` when this process is gone.

    The kernel watches the *thread* that starts the child; so start it in the main one.
    """
    return partial(end_with, os.getpid(), ending)


def _when_parent_is_gone(ending: signal.Signals) -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, ending)
