"""Things worth stealing, planted on this machine for as long as a self-test runs.

Each is something that a sandbox must hide: a variable, files, an open descriptor, a process, two listeners.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

VARIABLE = "GRADER_CANARY"
_SECONDS_OF_A_WATCHMAN = 600
# Where a machine keeps what is nobody's business; a sandbox may have folders of these names, never these very ones.
_OWN = [
    *(f"/{name}" for name in ("etc", "home", "root", "run", "srv", "boot", "tmp", "var")),
    "/etc/passwd",
    "/etc/shadow",
]


@dataclass(frozen=True)
class Bait:
    """What was planted. `secret` must never be read inside, and nobody may knock at a listener."""

    secret: str
    files: tuple[Path, ...]
    watchman: subprocess.Popen[bytes]
    tcp: socket.socket
    abstract: socket.socket

    def described(self) -> dict[str, Any]:
        """All that an attacker could have found out beforehand, for the canary; its own copy of the secret is cut in two."""
        half = len(self.secret) // 2
        return {
            "secret": [self.secret[:half], self.secret[half:]],
            "files": [str(file) for file in self.files],
            "own": _identities([*_OWN, *(str(file.parent) for file in self.files)]),
            "watchman": self.watchman.pid,
            "marker": self.watchman.args[1],  # type: ignore[index]
            "port": self.tcp.getsockname()[1],
            "abstract": self.abstract.getsockname()[1:].decode(),
            "memory": next(iter(_text(Path("/proc/meminfo")).splitlines()), "no memory"),
        }

    def taken(self) -> list[str]:
        """What somebody has touched, seen from this side, whatever the canary says about it."""
        seen = [
            f"{what} was reached"
            for what, listener in (("a TCP port", self.tcp), ("a Unix socket", self.abstract))
            if _was_called(listener)
        ]
        if self.watchman.poll() is not None:
            seen.append("a process of this machine was killed")
        return seen + [f"{file} was changed" for file in self.files if _text(file) != self.secret]


@contextmanager
def planted(folders: list[Path]) -> Iterator[Bait]:
    """Plant everything, the files in those of `folders` that can be written to; take it all away afterwards."""
    secret = secrets.token_hex(16)
    with ExitStack() as stack:
        files = tuple(_plant(folder, secret, stack) for folder in _writable(folders))
        _open_descriptors(files, stack)
        os.environ[VARIABLE] = secret
        stack.callback(os.environ.pop, VARIABLE, None)
        yield Bait(secret, files, _watchman(secret, stack), _tcp(stack), _abstract(stack))


def _writable(folders: list[Path]) -> list[Path]:
    places = dict.fromkeys(
        folder.resolve() for folder in (*folders, Path(tempfile.gettempdir())) if folder.is_dir()
    )
    return [folder for folder in places if os.access(folder, os.W_OK | os.X_OK)]


def _plant(folder: Path, secret: str, stack: ExitStack) -> Path:
    handle, name = tempfile.mkstemp(prefix=".grader-canary-", dir=folder)
    file = Path(name)
    stack.callback(file.unlink, missing_ok=True)
    with os.fdopen(handle, "w", encoding="ascii") as opened:
        opened.write(secret)
    file.chmod(0o644)  # nobody is kept from it by its mode alone
    return file


def _open_descriptors(files: tuple[Path, ...], stack: ExitStack) -> None:
    for file in files:
        descriptor = os.open(file, os.O_RDONLY)
        os.set_inheritable(descriptor, True)
        stack.callback(os.close, descriptor)


def _watchman(secret: str, stack: ExitStack) -> subprocess.Popen[bytes]:
    """A process that sleeps for a number of seconds that no other command line has, with a secret in its environment."""
    marker = f"{_SECONDS_OF_A_WATCHMAN}.{secrets.randbelow(10**12):012d}"
    words = [shutil.which("sleep") or "/bin/sleep", marker]
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, env={VARIABLE: secret})
    stack.callback(process.wait)
    stack.callback(process.kill)
    return process


def _tcp(stack: ExitStack) -> socket.socket:
    return _quiet(stack.enter_context(socket.create_server(("127.0.0.1", 0))))


def _abstract(stack: ExitStack) -> socket.socket:
    listener = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
    listener.bind(f"\0grader-canary-{secrets.token_hex(8)}")
    listener.listen()
    return _quiet(listener)


def _quiet(listener: socket.socket) -> socket.socket:
    listener.setblocking(False)
    return listener


def _was_called(listener: socket.socket) -> bool:
    with suppress(BlockingIOError):
        listener.accept()[0].close()
        return True
    return False


def _text(file: Path) -> str:
    with suppress(OSError):
        return file.read_text(encoding="ascii", errors="replace")
    return ""


def _identities(paths: list[str]) -> list[tuple[str, int, int]]:
    """(path, device, inode): a bind mount shows the same two numbers inside as outside."""
    found = []
    for path in paths:
        with suppress(OSError):
            seen = Path(path).stat()
            found.append((path, seen.st_dev, seen.st_ino))
    return found
