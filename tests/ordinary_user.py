"""bubblewrap as somebody without root's powers: a process of another user runs the very same backend.

Only root can test that, by becoming that user. The user may get control groups to write to, as systemd would delegate
them, and subordinate ids, as useradd would give them; it sees the libraries and our sources through bind mounts, since
root's own folders are closed to it.
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
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from grader.domain.assignment import Limits
from grader.domain.errors import SandboxUnavailable
from workers.sandbox import base, control_group
from workers.sandbox.base import Job, Mode, Outcome
from workers.sandbox.bubblewrap import BubblewrapSandbox
from workers.sandbox.runtime import Runtime
from workers.sandbox.users import Users

USER = 54321
NAME = "keras-grader-tests"
_EACH = 65_536
# Each test process has ids of its own to give, above those of root's sandboxes: one looks for what its own jobs leave.
_FIRST = 3_000_000_000 + os.getpid() % 10_000 * _EACH
SUBORDINATE = range(_FIRST, _FIRST + _EACH)
PROJECT = Path(__file__).resolve().parent.parent
# As it is before a test moves it to where nobody else may go.
_TEMPORARY = tempfile.gettempdir()


class OrdinaryUser:
    """Somebody who sees our sources and libraries, with a name and `subordinate` ids of his own, as this process sees him."""

    def __init__(self, *, subordinate: int = 0) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ordinary-user-", dir=_TEMPORARY))
        self.folder.chmod(0o755)
        self.libraries = self.folder / "libraries"
        shown = {Path(site.getsitepackages()[0]): self.libraries}
        shown |= {PROJECT / name: self.folder / "project" / name for name in ("grader", "workers", "tests")}
        for place in shown.values():
            place.mkdir(parents=True)
        entry = f"{NAME}:x:{USER}:{USER}::/:/bin/sh\n"
        ids = f"{NAME}:{SUBORDINATE.start}:{subordinate}\n" if subordinate else ""
        texts = {"passwd": Path("/etc/passwd").read_text("utf-8") + entry, "subuid": ids, "subgid": ids}
        for name, text in texts.items():
            (self.folder / name).write_text(text, "utf-8")
            shown[self.folder / name] = Path("/etc", name)
        # What is mounted is seen by his processes alone, and goes with them however this one ends.
        self._steps = [
            shlex.join(["mount", "-o", "bind,ro", str(seen), str(place)]) for seen, place in shown.items()
        ]

    def start(self, code: str, *, groups: Sequence[Path] = (), **environment: str) -> subprocess.Popen[bytes]:
        """Start the system's Python as him, in these control groups."""
        user = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"]
        joining = [f"echo $$ > {shlex.quote(str(file))}" for file in groups]
        script = [*self._steps, *joining, "exec " + shlex.join([*user, "/usr/bin/python3", "-B", "-c", code])]
        ours = {"PYTHONPATH": str(self.folder / "project"), "LIBRARIES": str(self.libraries), "HOME": "/"}
        return subprocess.Popen(
            ["unshare", "--mount", "sh", "-ec", "\n".join(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **ours, **environment},
        )

    def says(self, code: str) -> list[str]:
        """Lines that a program of his prints, which must end well."""
        with self.start(code) as process:
            said, _ = process.communicate(timeout=120)
        assert process.returncode == 0, said
        return said.decode().splitlines()

    def close(self) -> None:
        """Remove what was made for him."""
        shutil.rmtree(self.folder)


class OrdinaryUserSandbox:
    """Speaks to a process of an ordinary user, which runs jobs with `BubblewrapSandbox`.

    `delegated`: it has control groups. `subordinate`: so many ids of its own, for warm guests in a user namespace.
    """

    name = "bubblewrap"

    def __init__(self, *, delegated: bool = True, subordinate: int = 0) -> None:
        self.degraded = () if delegated else ("memory", "cpu")
        self._groups: list[Path] = []
        self._user = OrdinaryUser(subordinate=subordinate)
        self._process = self._user.start(
            "from tests import ordinary_user; ordinary_user.serve()",
            groups=self._delegate() if delegated else [],
            USERS=(Users.MAPPED if subordinate else Users.ONE).value,
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

    @property
    def pid(self) -> int:
        """Of the process that holds the sandbox."""
        return self._process.pid

    def warm(self, limits: Limits) -> None:
        """The next job's guest loads its libraries when the job comes."""

    def probe(self) -> None:
        """Run a line of Python."""
        self.run({"source": "pass", "parts": [], "preload": False}, Limits())

    def close(self) -> None:
        """End the process; remove what was made for it."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        self._process.wait(120)
        for group in self._groups:
            with suppress(OSError):
                group.rmdir()
        self._user.close()

    def _delegate(self) -> list[Path]:
        parents = control_group.find_parents()
        assert parents is not None, "this machine has no control groups that root can write to"
        group = control_group.create(parents, memory_mib=6000, processes=500)
        self._groups = list(group.folders.values())
        for folder in self._groups:
            for file in (folder, *folder.iterdir()):
                os.chown(file, USER, USER)
        return group.membership_files


def his_runtime() -> Runtime:
    """The system's Python with our libraries, as one of his processes sees them."""
    return Runtime(Path(sys.executable).resolve(), (), (Path(os.environ["LIBRARIES"]),))


def serve() -> None:
    """What the other user's process does: a line of JSON in, a line of JSON out."""
    users = Users(os.environ["USERS"])
    sandbox = BubblewrapSandbox(runtime=his_runtime(), users=users, mode=Mode.FORKSERVER)
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
