"""The system calls that a container may make: `docker/seccomp.json`, in a checkout, a wheel and an image alike.

It holds for everything in the container, the supervisor too; a job has the guest's own filter on top of it.
"""

from __future__ import annotations

import json
from pathlib import Path

from grader.domain.errors import SandboxUnavailable

_HERE = Path(__file__).resolve().parent
_IN_THE_WHEEL = _HERE / "seccomp.json"
PROFILE = _IN_THE_WHEEL if _IN_THE_WHEEL.is_file() else _HERE.parents[1] / "docker" / "seccomp.json"


def text() -> str:
    """The profile as one line of JSON. Raises `SandboxUnavailable`: without it no container may start."""
    try:
        return json.dumps(json.loads(PROFILE.read_text("utf-8")), separators=(",", ":"))
    except (OSError, ValueError) as error:
        raise SandboxUnavailable(f"the containers' seccomp profile cannot be read: {error}") from error
