"""Linux only: a process that never outlives the one that started it."""

from __future__ import annotations

import ctypes
import signal
from typing import Any

_PR_SET_PDEATHSIG = 1


def die_with_parent(**_event: Any) -> None:
    """Have the kernel kill this process when its parent is gone, however that ended; keywords are a signal's."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
