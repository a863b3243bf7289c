"""What the sandbox says of itself: a process of the workers is asked, since nothing here may import them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass

QUESTION = ("-m", "workers.sandbox", "--json")
SECONDS_TO_ANSWER = 180.0  # an engine may have to start a container first


@dataclass(frozen=True)
class SandboxReport:
    """Whether student code can be run here, whose user each job is (`own`, or `one` for all), which limits are missing."""

    works: bool
    text: str
    users: str = "own"
    degraded: tuple[str, ...] = ()


def ask_sandbox(environ: Mapping[str, str] | None = None) -> SandboxReport:
    """Have the sandbox tried that these settings ask for; whoever does not answer does not work."""
    try:
        done = subprocess.run(
            [sys.executable, *QUESTION],
            env=None if environ is None else dict(environ),
            capture_output=True,
            text=True,
            timeout=SECONDS_TO_ANSWER,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return SandboxReport(works=False, text=f"The sandbox has not answered in {SECONDS_TO_ANSWER:.0f} s.")
    return read_report(done.stdout, done.stderr)


def read_report(answer: str, complaint: str = "") -> SandboxReport:
    """One JSON object; where there is none, the complaint."""
    try:
        told = json.loads(answer)
        return SandboxReport(
            bool(told["works"]), str(told["text"]), str(told["users"]), tuple(map(str, told["degraded"]))
        )
    except (ValueError, KeyError, TypeError):
        return SandboxReport(
            works=False, text=f"The sandbox could not be tried: {complaint or answer}".strip()
        )
