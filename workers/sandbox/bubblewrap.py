"""bubblewrap: namespaces without an engine, for one machine.

Where jobs can have users of their own, the supervisor inside keeps SETUID, SETGID and KILL and gives each job one: as
root, or in a user namespace of somebody who has subordinate ids. Anybody else's jobs run as himself, each in a fresh
sandbox. The supervisor is process 1 of its namespace in all: no signal from inside reaches it, and all dies with it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import suppress
from typing import IO

from grader.domain.assignment import Limits
from grader.domain.errors import SandboxUnavailable

from . import bubblewrap_command, causes, control_group, systemd_scope, user_namespace
from .base import Mode
from .bubblewrap_command import Plan
from .causes import BubblewrapUnavailable, Cause
from .control_group import ControlGroup
from .frames import Descriptors
from .own_guest import Guest, OwnGuests
from .runtime import Runtime, this_runtime
from .users import Users, possible

# The supervisor beside the job: with Keras and TensorFlow loaded, and without.
_SUPERVISOR_MIB = 768
_BARE_SUPERVISOR_MIB = 48
_SUPERVISOR_PROCESSES = 16
_SECONDS_TO_END = 5.0


class BubblewrapSandbox(OwnGuests):
    """A fresh sandbox for each job, or one warm supervisor (`Mode.FORKSERVER`) until a job spoils it, where jobs have users."""

    name = "bubblewrap"

    def __init__(
        self, *, mode: Mode = Mode.FRESH, runtime: Runtime | None = None, users: Users | None = None
    ) -> None:
        """`users`: the best that can be had, unless told otherwise."""
        self.users = users or possible()[0]
        super().__init__(keeps_warm=mode is Mode.FORKSERVER and self.users.are_own)
        self._runtime = runtime or this_runtime()
        self._groups = control_group.find_parents()
        self._has_scope = self._groups is None and systemd_scope.is_there()
        if self._groups:
            control_group.sweep(self._groups)

    @property
    def degraded(self) -> tuple[str, ...]:
        """What nothing bounds for a whole job on this machine, but looks of the supervisor and limits per process."""
        if self._groups or self._has_scope:
            return ()
        return ("memory", "cpu") if self.users.limit_processes else ("memory", "processes", "cpu")

    def _start(self, limits: Limits, preload: bool) -> Guest:
        program = shutil.which("bwrap")
        if program is None:
            raise BubblewrapUnavailable(Cause.NO_BUBBLEWRAP)
        memory = limits.memory_mib + (_SUPERVISOR_MIB if preload else _BARE_SUPERVISOR_MIB)
        processes = limits.processes + _SUPERVISOR_PROCESSES
        group = self._make_group(memory, processes)
        plan = Plan(limits, self.users, self._runtime, group, self._has_scope)
        words = bubblewrap_command.command(program, plan, self._arguments(preload=preload))
        if self._has_scope:
            words = systemd_scope.within(words, memory, processes)
        try:
            bubble = _Bubble(words, systemd_scope.environment() if self._has_scope else {}, group)
        except OSError as error:
            if group:
                group.remove()
            raise SandboxUnavailable(f"bubblewrap cannot be started: {error}") from error
        if self.users is Users.MAPPED:
            bubble.map_users()
        return bubble

    def _make_group(self, memory_mib: int, processes: int) -> ControlGroup | None:
        if self._groups is None:
            return None
        try:
            return control_group.create(self._groups, memory_mib=memory_mib, processes=processes)
        except OSError as error:
            raise SandboxUnavailable(f"no control group could be made: {error}") from error

    def _explain(self, said: str) -> SandboxUnavailable:
        return BubblewrapUnavailable(causes.of(said), said)


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
        self.stream = Descriptors(_pipe(self._process.stdout).fileno(), _pipe(self._process.stdin).fileno())

    def map_users(self) -> None:
        """Let it go on, with its maker's subordinate ids as its users. Raises `SandboxUnavailable`."""
        try:
            user_namespace.settle(self._process.pid, _pipe(self._process.stdout), _pipe(self._process.stdin))
        except user_namespace.NoUserNamespace as error:
            said = f"{error} {self.stop()}".strip()
            raise BubblewrapUnavailable(Cause.NAMESPACES, said) from error

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


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise OSError("no pipe")
    return pipe
