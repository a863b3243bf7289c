"""A user namespace around bubblewrap, in which whoever may not change users can: 0 is himself, the rest is his to hand out.

user_namespaces(7) tells the rules. An ordinary user's further ids are those of subuid(5) and subgid(5), and newuidmap(1)
puts them into the map; root of a container, who may change users there and no more, hands on all ids of the container.
"""

from __future__ import annotations

import os
import pwd
import select
import shutil
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

CAP_SETGID, CAP_SETUID, CAP_NET_ADMIN, CAP_SYS_ADMIN = 6, 7, 12, 21
_SECONDS_TO_START = 10.0
# A map is written from outside, so the command says that it is there and waits. Only a program that root starts has root's
# powers, so there is a second shell: it makes sure that jobs can leave the groups of their maker, and that nobody
# makes another namespace in here; where /proc/sys is read-only, the job's filter alone is in the way of that.
_WAIT_THEN_RUN = 'echo && read -r mapped && exec /bin/sh -c "$0" sh "$@"'
_CLOSE_THEN_RUN = (
    "read -r groups < /proc/self/setgroups; "
    'if [ "$groups" != allow ]; then echo "groups cannot be left in a user namespace here" >&2; exit 96; fi; '
    '(echo 0 > /proc/sys/user/max_user_namespaces) 2>/dev/null; exec "$@"'
)


class NoUserNamespace(Exception):
    """There can be no such namespace; the text says why, and what brings it where something does."""


@dataclass(frozen=True)
class Extent:
    """`count` ids from `inside` on are those from `outside` on in the namespace above."""

    inside: int
    outside: int
    count: int

    def words(self) -> list[str]:
        """As newuidmap and the kernel read it."""
        return [str(self.inside), str(self.outside), str(self.count)]


def capabilities(status: Path = Path("/proc/self/status")) -> frozenset[int]:
    """Numbers of this process's effective capabilities."""
    for line in status.read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("CapEff:"):
            mask = int(line.split()[1], 16)
            return frozenset(bit for bit in range(64) if mask >> bit & 1)
    return frozenset()


def around(words: list[str]) -> list[str]:
    """A command in a new user namespace; it waits there until `settle` has been called."""
    unshare = shutil.which("unshare") or "unshare"
    return [unshare, "--user", "--", "/bin/sh", "-c", _WAIT_THEN_RUN, _CLOSE_THEN_RUN, *words]


def settle(pid: int, said: IO[bytes], told: IO[bytes]) -> None:
    """Map the users and groups of a process that `around` has started, and let it go on. Raises `NoUserNamespace`.

    `said` is what it writes, `told` what it reads.
    """
    _await_line(said.fileno(), time.monotonic() + _SECONDS_TO_START)
    for kind, program in (("uid", "newuidmap"), ("gid", "newgidmap")):
        _map(pid, kind, program)
    try:
        told.write(b"\n")
        told.flush()
    except OSError as error:
        raise NoUserNamespace("it ended before it had its users") from error


def complaint() -> str:
    """Why there can be no such namespace here; empty where one was made, tried in a moment."""
    pipe = subprocess.PIPE
    try:
        process = subprocess.Popen(around(["/bin/true"]), stdin=pipe, stdout=pipe, stderr=pipe, env={})
    except OSError as error:
        return str(error)
    with process:
        try:
            settle(process.pid, _open(process.stdout), _open(process.stdin))
        except NoUserNamespace as error:
            process.kill()
            return f"{error} {_open(process.stderr).read(4096).decode(errors='replace')}".strip()
        _, errors = process.communicate()
        return "" if process.returncode == 0 else errors.decode(errors="replace").strip()


def _open(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise NoUserNamespace("no pipe")
    return pipe


def _await_line(descriptor: int, deadline: float) -> None:
    ready, _, _ = select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
    if not ready or os.read(descriptor, 1) != b"\n":
        raise NoUserNamespace("no user namespace can be made:")


def _map(pid: int, kind: str, program: str) -> None:
    if {CAP_SETUID, CAP_SETGID} <= capabilities():
        lines = [" ".join(extent.words()) for extent in _all_ids(kind)]
        try:
            Path(f"/proc/{pid}/{kind}_map").write_text("\n".join(lines) + "\n", encoding="ascii")
        except OSError as error:
            raise NoUserNamespace(f"the kernel refuses the map of its {kind}s: {error.strerror}") from error
        return
    found = shutil.which(program)
    if found is None:
        raise NoUserNamespace(f"{program} is not installed (on Debian and Ubuntu: apt install uidmap)")
    words = [word for extent in [_himself(kind), *subordinate(kind)] for word in extent.words()]
    done = subprocess.run([found, str(pid), *words], env={}, capture_output=True, check=False)
    if done.returncode != 0:
        raise NoUserNamespace(f"{program} refuses: {done.stderr.decode(errors='replace').strip()}")


def _himself(kind: str) -> Extent:
    return Extent(0, os.geteuid() if kind == "uid" else os.getegid(), 1)


def _all_ids(kind: str) -> list[Extent]:
    lines = Path(f"/proc/self/{kind}_map").read_text(encoding="ascii").splitlines()
    ids = [(int(first), int(count)) for first, _, count in map(str.split, lines)]
    return [Extent(first, first, count) for first, count in ids]


def subordinate(kind: str, folder: Path = Path("/etc")) -> list[Extent]:
    """The ids that this user may hand out, one after the other from 1 on. Raises `NoUserNamespace` if there are none."""
    file, name = folder / f"sub{kind}", str(os.getuid())
    with suppress(KeyError):
        name = pwd.getpwuid(os.getuid()).pw_name
    found: list[Extent] = []
    for line in _lines(file):
        whose, _, numbers = line.partition(":")
        first, _, count = numbers.partition(":")
        if whose in (name, str(os.getuid())) and first.isdigit() and count.isdigit() and int(count):
            inside = found[-1].inside + found[-1].count if found else 1
            found.append(Extent(inside, int(first), int(count)))
    if not found:
        raise NoUserNamespace(
            f"{file} gives no ids to this user (as root, with numbers that nobody has: "
            f"usermod --add-subuids 100000-165535 --add-subgids 100000-165535 {name})"
        )
    return found


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
