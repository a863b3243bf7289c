"""The runner that cases of the conformance suite are given."""

from __future__ import annotations

import dataclasses
import textwrap
from typing import Any

from grader.domain.assignment import Limits
from workers.sandbox.base import Finished, Outcome, Sandbox

# Smaller than a course's, so that running into one takes a moment. Not the wall's: this machine may stand still for
# half a minute, and a job that another limit is to end must live until then.
SMALL = Limits(
    cpu_seconds=3.0, wall_seconds=120.0, memory_mib=512, processes=48, disk_mib=16, output_bytes=1 << 20
)


class Runner:
    """Runs a script as a student's source in one backend."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def __call__(self, source: str, **limits: Any) -> Outcome:
        job = {"source": textwrap.dedent(source), "parts": [], "preload": False}
        return self.sandbox.run(job, dataclasses.replace(SMALL, **limits))

    def printed(self, source: str, **limits: Any) -> list[str]:
        """Lines that a script prints that must come to its own end without an error."""
        outcome = self(source, **limits)
        assert isinstance(outcome, Finished), outcome
        assert b'"error"' not in outcome.claim, outcome
        return outcome.stdout.splitlines()
