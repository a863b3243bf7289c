"""Does this sandbox hold? Asked before a worker takes its first job, by trying to get out of it and over its limits.

Silence is no good news: a canary that does not come back, or says less than it should, is an escape that nobody saw.
"""

from __future__ import annotations

import json
import secrets
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.domain.errors import SandboxLost

from . import canary, reading
from .bait import Bait, planted
from .base import Crashed, Finished, Outcome, Sandbox
from .trials import TRIALS, Trial
from .unix_socket import UnixSocketSandbox


@dataclass(frozen=True)
class Findings:
    """What came of it; `escapes` and `missing` are sentences and names for an operator, both empty when all held."""

    sandbox: str
    escapes: tuple[str, ...]
    missing: tuple[str, ...]
    trials: int
    seconds: float
    closed: str = ""

    @property
    def complaint(self) -> str:
        """One paragraph that says what does not hold; empty when all held."""
        said = []
        if self.escapes:
            said.append(f"The canary got out or was not heard of: {'; '.join(self.escapes)}.")
        if self.missing:
            said.append(f"Limits that did not hold: {'; '.join(self.missing)}.")
        if self.closed:
            said.append(f"Libraries that are closed: {self.closed}.")
        if not said:
            return ""
        advice = "Nothing is graded in it. docs/operations.md says what each of these means."
        return " ".join([f"The sandbox ({self.sandbox}) failed its self-test.", *said, advice])

    @property
    def line(self) -> str:
        """The result in one line of a log."""
        verdict = "failed" if self.complaint else "passed"
        held = f"{len(canary.ATTEMPTS)} ways out and {self.trials} limits tried in {self.seconds:.1f} s"
        return f"self-test of the sandbox {self.sandbox} {verdict}: {held}"


def examine(sandbox: Sandbox, folders: list[Path]) -> Findings:
    """Try every way out and every limit. Secrets are planted in `folders`. Raises `SandboxUnavailable`."""
    # What a degraded sandbox lacks it has said, and whether that will do is the operator's decision.
    return _examine(sandbox, folders, [trial for trial in TRIALS if trial.limit not in sandbox.degraded])


def first_look(sandbox: Sandbox, folders: list[Path]) -> Findings:
    """Try every way out, but no limit. Raises `SandboxUnavailable`."""
    return _examine(sandbox, folders, [])


def _examine(sandbox: Sandbox, folders: list[Path], trials: list[Trial]) -> Findings:
    begun = time.monotonic()
    with planted(folders) as bait:
        escapes = _escapes(sandbox, bait)
    closed = reading.closed(_run(sandbox, reading.TRIAL))
    missing = [complaint for trial in trials if (complaint := _missing(sandbox, trial))]
    seconds = time.monotonic() - begun
    return Findings(sandbox.name, tuple(escapes), tuple(missing), len(trials), seconds, closed)


def _escapes(sandbox: Sandbox, bait: Bait) -> list[str]:
    if not bait.files:
        return ["no folder of this machine could be written to, so nothing was there to be stolen"]
    word = secrets.token_hex(8)
    # What a container that runs already covers of /proc is for those who started it to say: docs/operations.md.
    described = {**bait.described(), "covers_proc": sandbox.name != UnixSocketSandbox.name}
    outcome = _run(sandbox, Trial("", canary.script(word, described), Finished))
    return [*heard(outcome, word), *bait.taken()]


def heard(outcome: Outcome, word: str) -> list[str]:
    """What a canary's outcome says against the sandbox: every attempt must be there once, and have been held."""
    if not isinstance(outcome, Finished):
        return [f"it did not come back but ended as {type(outcome).__name__}"]
    said = _said(outcome.stdout, word)
    times = Counter(name for name, _, _ in said)
    unheard = [name for name in (*canary.ATTEMPTS, canary.END) if times[name] != 1]
    complaints = [f"nothing was heard of: {', '.join(unheard)}"] if unheard else []
    return complaints + [
        f"{name}: {state} {loot}".strip()
        for name, state, loot in said
        if (name, state) != (canary.END, canary.END) and state != "held"
    ]


def _said(stdout: str, word: str) -> list[tuple[str, str, str]]:
    lines = [line.removeprefix(f"{word} ") for line in stdout.splitlines() if line.startswith(f"{word} ")]
    return [_three(line) for line in lines]


def _three(line: str) -> tuple[str, str, str]:
    """A line's name, state and loot; what is no such line counts as broken."""
    try:
        parts: Any = json.loads(line)
        name, state, loot = map(str, parts)
    except (ValueError, TypeError):
        return "a line", "broken", line[:100]
    return name, state, loot


def _missing(sandbox: Sandbox, trial: Trial) -> str:
    outcome = _run(sandbox, trial)
    return "" if trial.holds(outcome) else f"{trial.limit} (ended as {type(outcome).__name__})"


def _run(sandbox: Sandbox, trial: Trial) -> Outcome:
    try:
        return sandbox.run({"source": trial.source, "parts": [], "preload": False}, trial.limits)
    except SandboxLost as error:
        return Crashed(detail=str(error))
