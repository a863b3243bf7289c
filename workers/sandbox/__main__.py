"""`python3 -m workers.sandbox [--json]`: runs the sandbox once, for real, and says what this machine can hold back.

Needs nothing but Python, so that an installer can ask before it installs anything. Exit status 0: students' code can be
run here, perhaps with limits missing that are named; 3: it cannot, and nothing is run without a sandbox.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from grader.domain.errors import SandboxUnavailable
from grader.settings import load_settings

from .base import Sandbox
from .bubblewrap import BubblewrapSandbox
from .causes import BubblewrapUnavailable, Cause
from .choose import Engine, open_bubblewrap, open_sandbox

OUR_FAULT = 3
_HELD = "A sandbox works here: {}."
_LACK = "It has no hard limit of a whole submission's {}."
_BRINGS = (
    "Root has all limits, and so has an ordinary user whom systemd gives control groups: a login with its own systemd "
    "(systemd-run --user), or a unit with Delegate=yes."
)


@dataclass(frozen=True)
class Answer:
    """What came of the trial. `users`: "own" for each job, or "one" for all, which then get a fresh sandbox each."""

    works: bool
    sandbox: str | None
    users: str | None
    degraded: tuple[str, ...]
    cause: str | None
    text: str


def ask(setting: str, engine: Engine) -> Answer:
    """Try the sandbox of this setting; bubblewrap is looked at first where none is named."""
    try:
        sandbox, why = open_bubblewrap() if setting in ("auto", "bubblewrap") else (None, "")
        opened = sandbox or open_sandbox(setting, engine=engine)
        opened.probe()
    except SandboxUnavailable as error:
        if setting == "auto":
            return _another(error, engine)
        return _none(error)
    return _some(opened, why)


def _another(error: SandboxUnavailable, engine: Engine) -> Answer:
    """An engine is as good where its SDK is there; what is told otherwise is why bubblewrap is not."""
    try:
        docker = open_sandbox("docker", engine=engine)
        docker.probe()
    except SandboxUnavailable:
        return _none(error)
    return _some(docker, "")


def _none(error: SandboxUnavailable) -> Answer:
    cause = error.cause if isinstance(error, BubblewrapUnavailable) else Cause.OTHER
    return Answer(False, None, None, (), cause.value, str(error))


def _some(sandbox: Sandbox, why: str) -> Answer:
    own = not isinstance(sandbox, BubblewrapSandbox) or sandbox.users.are_own
    users = (
        "each submission runs as a user of its own"
        if own
        else "each submission gets a fresh one, which is slow"
    )
    sentences = [_HELD.format(f"{sandbox.name}, {users}")]
    if not own and why:
        sentences.append(f"Faster is to be had: {why}.")
    if sandbox.degraded:
        sentences += [_LACK.format(" and ".join(sandbox.degraded)), _BRINGS]
    return Answer(True, sandbox.name, "own" if own else "one", sandbox.degraded, None, "\n".join(sentences))


def main() -> int:
    """Read the command line and the settings of the sandbox, try it, say what came of it."""
    parser = argparse.ArgumentParser(
        prog="python3 -m workers.sandbox",
        description="Runs the sandbox once and says what this machine can hold back: 0 it works, 3 there is none.",
        epilog="example: GRADER_SANDBOX=bubblewrap python3 -m workers.sandbox --json",
    )
    parser.add_argument("--json", action="store_true", help="one object on standard output")
    arguments = parser.parse_args()
    try:
        # Where data would lie is of no interest here, and finding out needs a library.
        settings = load_settings(data_dir=Path())
    except ValueError as error:
        parser.error(str(error))
    answer = ask(settings.sandbox, Engine(settings.guest_image, settings.docker_url))
    if arguments.json:
        sys.stdout.write(f"{json.dumps(asdict(answer))}\n")
    else:
        (sys.stdout if answer.works else sys.stderr).write(f"{answer.text}\n")
    return 0 if answer.works else OUR_FAULT


if __name__ == "__main__":
    sys.exit(main())
