"""bubblewrap: namespaces without an engine, for one machine.

As root the supervisor inside keeps SETUID, SETGID and KILL and gives each job a user of its own; as an ordinary
user everything runs as that user in a user namespace, and each job gets a fresh sandbox. The supervisor is
process 1 of its namespace in both: no signal from inside reaches it, and all dies with it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import suppress

from grader.domain.assignment import Limits
from grader.domain.errors import SandboxUnavailable

from . import bubblewrap_command, control_group
from .base import Mode
from .bubblewrap_command import has_systemd_scope, in_systemd_scope, is_root, systemd_environment
from .control_group import ControlGroup
from .frames import Descriptors
from .own_guest import Guest, OwnGuests
from .runtime import Runtime, this_runtime

# The supervisor beside the job: with Keras and TensorFlow loaded, and without.
_SUPERVISOR_MIB = 768
_BARE_SUPERVISOR_MIB = 48
_SUPERVISOR_PROCESSES = 16
_SECONDS_TO_END = 5.0


class BubblewrapSandbox(OwnGuests):
    """A fresh sandbox for each job, or as root one warm supervisor (`Mode.FORKSERVER`) until a job spoils it."""

    name = "bubblewrap"

    def __init__(self, *, mode: Mode = Mode.FRESH, runtime: Runtime | None = None) -> None:
        super().__init__(keeps_warm=mode is Mode.FORKSERVER and is_root())
        self._runtime = runtime or this_runtime()
        self._groups = control_group.find_parents()
        self._has_scope = self._groups is None and has_systemd_scope()
        if self._groups:
            control_group.sweep(self._groups)

    @property
    def degraded(self) -> tuple[str, ...]:
        """What only a limit per process holds back on this machine."""
        return () if self._groups or self._has_scope else ("memory", "processes", "cpu")

    def _start(self, limits: Limits, preload: bool) -> Guest:
        program = shutil.which("bwrap")
        if program is None:
            raise SandboxUnavailable(
                "bubblewrap is not installed (on Debian and Ubuntu: apt install bubblewrap)"
            )
        memory = limits.memory_mib + (_SUPERVISOR_MIB if preload else _BARE_SUPERVISOR_MIB)
        processes = limits.processes + _SUPERVISOR_PROCESSES
        group = self._make_group(memory, processes)
        words = bubblewrap_command.command(
            program, limits, self._runtime, group, self._arguments(preload=preload)
        )
        if self._has_scope:
            words = in_systemd_scope(words, memory, processes)
        try:
            return _Bubble(words, systemd_environment() if self._has_scope else {}, group)
        except OSError as error:
            if group:
                group.remove()
            raise SandboxUnavailable(f"bubblewrap cannot be started: {error}") from error

    def _make_group(self, memory_mib: int, processes: int) -> ControlGroup | None:
        if self._groups is None:
            return None
        try:
            return control_group.create(self._groups, memory_mib=memory_mib, processes=processes)
        except OSError as error:
            raise SandboxUnavailable(f"no control group could be made: {error}") from error

    def _explain(self, said: str) -> str:
        if "uid map" in said or "namespace" in said or "Operation not permitted" in said:
            return (
                f"bubblewrap may not make a user namespace ({said}). On Ubuntu 23.10 and later AppArmor forbids it: "
                "install the profile (apt install apparmor-profiles; link /usr/share/apparmor/extra-profiles/"
                "bwrap-userns-restrict into /etc/apparmor.d and reload AppArmor), or run as root, or use Docker"
            )
        return f"the guest did not start in bubblewrap: {said}"


class _Bubble:
    """One bubblewrap process with its channel and its control group."""

    def __init__(self, words: list[str], environment: dict[str, str], group: ControlGroup | None) -> None:
        pipe = subprocess.PIPE
        # An empty environment from the start: --clearenv would leave a copy in /proc/1/environ.
        self._process = subprocess.Popen(
            words, stdin=pipe, stdout=pipe, stderr=pipe, env=environment, cwd="/", close_fds=True
        )
        self._group = group
        self._kills = 0
        self.stream = Descriptors(_number(self._process.stdout), _number(self._process.stdin))

    def lost_memory(self) -> bool:
        """Whether the group's count of killed processes has grown."""
        before, self._kills = self._kills, self._group.memory_kills() if self._group else 0
        return self._kills > before

    def stop(self) -> str:
        """Kill bubblewrap, and with it the namespace's first process; then make sure, and leave nothing."""
        self._process.kill()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_SECONDS_TO_END)
        if self._group:
            self._group.remove()
        said = self._last_words()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            with suppress(OSError):
                if pipe:
                    pipe.close()
        return said

    def _last_words(self) -> str:
        errors = self._process.stderr
        if errors is None:
            return ""
        os.set_blocking(errors.fileno(), False)
        with suppress(OSError):
            return (errors.read(4096) or b"").decode("utf-8", "replace").strip()
        return ""


def _number(pipe: object) -> int:
    fileno = getattr(pipe, "fileno", None)
    if fileno is None:
        raise OSError("no pipe")
    return int(fileno())
