"""A clock that can be set: processes of the control plane read how many seconds it is off from the file CHAOS_CLOCK."""

from __future__ import annotations

import os
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

_FILE = os.environ.get("CHAOS_CLOCK", "")
_true_time = time.time


def _off() -> float:
    try:
        return float(Path(_FILE).read_text(encoding="utf-8") or 0)
    except OSError:
        return 0.0


if _FILE and "grader.cli" in sys.orig_argv:
    from grader.db import columns

    _true_now = columns.utc_now

    def _time() -> float:
        return _true_time() + _off()

    def _now() -> datetime:
        return _true_now() + timedelta(seconds=_off())

    time.time = _time
    columns.utc_now = _now
