"""Which sandbox to use: what the setting says, or the first that works. Never none."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from grader.domain.errors import SandboxUnavailable

from .base import Mode, Sandbox
from .bubblewrap import BubblewrapSandbox
from .self_test import examine, first_look
from .unix_socket import UnixSocketSandbox
from .users import Users, possible

log = logging.getLogger("workers")

_SETTINGS = "auto, bubblewrap, docker or unix:PATH"


@dataclass(frozen=True)
class Engine:
    """Which container engine and which image; an empty address means whatever answers on this machine."""

    image: str = "keras-grader-guest"
    url: str = ""


def open_sandbox(setting: str, *, mode: Mode = Mode.FRESH, engine: Engine | None = None) -> Sandbox:
    """Open `auto`, `bubblewrap`, `docker` or `unix:PATH`. Raises `SandboxUnavailable` saying what to install."""
    engine = engine or Engine()
    if setting == "auto":
        return _first_that_works(mode, engine)
    if setting == "bubblewrap":
        sandbox, why = open_bubblewrap(mode)
        if why and mode is not Mode.FRESH:
            log.warning("each submission gets a fresh sandbox, which is slow: %s", why)
        return sandbox
    if setting == "docker":
        return _docker(mode, engine)
    kind, _, path = setting.partition(":")
    if kind == "unix" and path:
        return UnixSocketSandbox(Path(path))
    raise SandboxUnavailable(f"no sandbox is called {setting!r}: use {_SETTINGS}")


def open_bubblewrap(mode: Mode = Mode.FRESH) -> tuple[BubblewrapSandbox, str]:
    """Bubblewrap with the best users that hold here, and why they are not better.

    Users of a user namespace are had only where the sandbox holds when it is tried; else each job gets a fresh sandbox.
    """
    users, why = possible()
    sandbox = BubblewrapSandbox(mode=mode, users=users)
    if users is Users.MAPPED:
        why = _complaint(sandbox, mode)
        if why:
            sandbox.close()
            sandbox = BubblewrapSandbox(mode=mode, users=Users.ONE)
    return sandbox, why


def _complaint(sandbox: Sandbox, mode: Mode) -> str:
    # One submission does not wait for every limit to be tried; a worker does.
    look = first_look if mode is Mode.FRESH else examine
    try:
        return look(sandbox, []).complaint
    except SandboxUnavailable as error:
        return str(error)


def _docker(mode: Mode, engine: Engine) -> Sandbox:
    try:
        from .docker_engine import DockerSandbox  # most machines need no engine's SDK
    except ImportError as error:
        raise SandboxUnavailable(
            "the Docker SDK is not installed (pip install 'keras-grader[worker]')"
        ) from error
    return DockerSandbox(mode=mode, image=engine.image, base_url=engine.url or None)


def _first_that_works(mode: Mode, engine: Engine) -> Sandbox:
    reasons = []
    for name in ("bubblewrap", "docker"):
        try:
            sandbox = open_sandbox(name, mode=mode, engine=engine)
            sandbox.probe()
        except SandboxUnavailable as error:
            reasons.append(f"{name}: {error}")
        else:
            return sandbox
    raise SandboxUnavailable(
        "No sandbox works on this machine, and student code is never run without one. Install bubblewrap "
        f"(Debian, Ubuntu: apt install bubblewrap) or start a Docker engine. Tried: {'; '.join(reasons)}"
    )
