"""bubblewrap as somebody without root's powers: a process of another user runs the very same backend.

Only root can test that, by becoming that user. The user gets control groups to write to, as systemd would delegate
them, and sees the libraries and our sources through bind mounts, since root's own folders are closed to it.
"""

from __future__ import annotations

import base64
import json
import os
import shlex
import shutil
import site
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from grader.domain.assignment import Limits
from grader.domain.errors import SandboxUnavailable
from workers.sandbox import base, control_group
from workers.sandbox.base import Job, Outcome
from workers.sandbox.bubblewrap import BubblewrapSandbox
from workers.sandbox.runtime import Runtime

USER = 54321
PROJECT = Path(__file__).resolve().parent.parent


class OrdinaryUserSandbox:
    """Speaks to a process of an ordinary user, which runs jobs with `BubblewrapSandbox`."""

    name = "bubblewrap"
    degraded: tuple[str, ...] = ()

    def __init__(self, *, delegated: bool = True) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="ordinary-user-"))
        self._folder.chmod(0o755)
        self._groups: list[Path] = []
        libraries = self._folder / "libraries"
        shown = {Path(site.getsitepackages()[0]): libraries}
        shown |= {PROJECT / name: self._folder / "project" / name for name in ("grader", "workers", "tests")}
        for place in shown.values():
            place.mkdir(parents=True)
        steps = [
            shlex.join(["mount", "-o", "bind,ro", str(seen), str(place)]) for seen, place in shown.items()
        ]
        groups = self._delegate() if delegated else []
        steps += [f"echo $$ > {shlex.quote(str(file))}" for file in groups]
        user = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"]
        script = "from tests import ordinary_user; ordinary_user.serve()"
        steps.append("exec " + shlex.join([*user, "/usr/bin/python3", "-B", "-c", script]))
        # What is mounted is seen by that process alone, and goes with it however this one ends.
        self._process = subprocess.Popen(
            ["unshare", "--mount", "sh", "-ec", "\n".join(steps)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(self._folder / "project"), "LIBRARIES": str(libraries)},
        )

    def run(self, job: Job, limits: Limits) -> Outcome:
        """Hand a job to that process and wait for its outcome."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"job": dict(job), "limits": asdict(limits)}).encode() + b"\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline() or b'{"unavailable": "the process is gone"}')
        if "unavailable" in answer:
            raise SandboxUnavailable(answer["unavailable"])
        fields: dict[str, Any] = answer["fields"]
        if "claim" in fields:
            fields["claim"] = base64.b64decode(fields["claim"])
        outcome: Outcome = getattr(base, answer["kind"])(**fields)
        return outcome

    def probe(self) -> None:
        """Run a line of Python."""
        self.run({"source": "pass", "parts": [], "preload": False}, Limits())

    def close(self) -> None:
        """End the process; remove what was made for it."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        self._process.wait(30)
        for group in self._groups:
            with suppress(OSError):
                group.rmdir()
        shutil.rmtree(self._folder)

    def _delegate(self) -> list[Path]:
        parents = control_group.find_parents()
        assert parents is not None, "this machine has no control groups that root can write to"
        group = control_group.create(parents, memory_mib=6000, processes=500)
        self._groups = list(group.folders.values())
        for folder in self._groups:
            for file in (folder, *folder.iterdir()):
                os.chown(file, USER, USER)
        return group.membership_files


def serve() -> None:
    """What the other user's process does: a line of JSON in, a line of JSON out."""
    runtime = Runtime(Path(sys.executable).resolve(), (), (Path(os.environ["LIBRARIES"]),))
    sandbox = BubblewrapSandbox(runtime=runtime)
    for line in sys.stdin:
        task = json.loads(line)
        try:
            outcome = sandbox.run(task["job"], Limits(**task["limits"]))
        except SandboxUnavailable as error:
            _say({"unavailable": str(error)})
            continue
        fields = asdict(outcome)
        if "claim" in fields:
            fields["claim"] = base64.b64encode(fields["claim"]).decode()
        _say({"kind": type(outcome).__name__, "fields": fields})


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
