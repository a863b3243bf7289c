"""The guest's supervisor: `--stdio` for one job over its own pipes, `--listen PATH` for a socket that stays.

Exit status 0: the host closed the channel, or the supervisor gave itself up because a job left something
behind and whoever started it should start a fresh one.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import struct
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from . import job, preload
from .frames import Channel, HostIsGone
from .supervisor import Supervisor

_BACKLOG = 16


def main(arguments: Sequence[str]) -> int:
    """Serve jobs until the channel closes or the supervisor gives itself up."""
    options = _options(arguments)
    os.umask(0o077)
    preload.use_environment(str(options.scratch))
    if options.stdio:
        _over_stdio(options)
    else:
        _over_socket(options)
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="guest", description=__doc__)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--stdio", action="store_true", help="serve jobs on standard input and output")
    where.add_argument("--listen", type=Path, metavar="PATH", help="serve jobs on a Unix socket")
    parser.add_argument("--socket-mode", type=lambda text: int(text, 8), default=0o660, metavar="OCTAL")
    parser.add_argument("--fresh", action="store_true", help="load the libraries anew for each job")
    parser.add_argument("--warm", action="store_true", help="serve many jobs on standard input and output")
    parser.add_argument("--preload", action="store_true", help="with --warm: load the libraries beforehand")
    scratch = Path("/tmp")  # noqa: S108 - inside a sandbox that is the job's own
    parser.add_argument("--scratch", type=Path, default=scratch, help="a writable folder of limited size")
    return parser.parse_args(arguments)


def _over_stdio(options: argparse.Namespace) -> None:
    """Take the channel off descriptors 0 and 1, where a library might print, and serve on it."""
    channel = Channel(os.dup(0), os.dup(1))
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    supervisor = Supervisor(options.scratch)
    if options.warm and options.preload:
        preload.libraries(options.scratch)
    try:
        while options.warm and supervisor.is_clean:
            _in_a_handler(supervisor, channel, options.scratch)
        if not options.warm:
            _serve(supervisor, channel, options.scratch)
    except HostIsGone:
        return


def _serve(supervisor: Supervisor, channel: Channel, scratch: Path) -> None:
    """One job: read it, load what it needs, say that it starts, run it, answer."""
    task = job.parse(channel.receive())
    versions = preload.libraries(scratch) if task.preload else {}
    channel.send({"format": 1, "job": task.nonce, "started": True, "versions": versions})
    channel.send(supervisor.run(task, channel))


def _over_socket(options: argparse.Namespace) -> None:
    supervisor = Supervisor(options.scratch)
    if not options.fresh:
        preload.libraries(options.scratch)
    server = _listen(options.listen, options.socket_mode)
    try:
        while supervisor.is_clean:
            connection, _ = server.accept()
            with connection:
                if not _comes_from_a_job(connection, supervisor):
                    _serve_connection(supervisor, connection, options)
    finally:
        options.listen.unlink(missing_ok=True)


def _listen(path: Path, mode: int) -> socket.socket:
    path.unlink(missing_ok=True)
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.bind(str(path))
    path.chmod(mode)
    server.listen(_BACKLOG)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    return server


def _comes_from_a_job(connection: socket.socket, supervisor: Supervisor) -> bool:
    """Whether a job wants to hand in a job: it runs as one of the users that are for jobs."""
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    _, user, _ = struct.unpack("3i", credentials)
    return supervisor.users is not None and user in supervisor.users


def _serve_connection(supervisor: Supervisor, connection: socket.socket, options: argparse.Namespace) -> None:
    channel = Channel(connection.fileno(), connection.fileno())
    _in_a_handler(supervisor, channel, options.scratch)


def _in_a_handler(supervisor: Supervisor, channel: Channel, scratch: Path) -> None:
    """A process of its own reads the job, watches it and answers.

    Jobs are forked from it, and so from a process that has never seen another job: whatever a student finds in the
    memory that a fork inherits, no other student's source, output or model is in it.
    """
    pid = os.fork()
    if pid == 0:
        _handle_and_exit(supervisor, channel, scratch)
    supervisor.take_user()
    _, status = os.waitpid(pid, 0)
    supervisor.is_clean = status == 0


def _handle_and_exit(supervisor: Supervisor, channel: Channel, scratch: Path) -> NoReturn:
    status = 1
    try:
        supervisor.settle()
        _serve(supervisor, channel, scratch)
        status = 0 if supervisor.is_clean else 1
    finally:
        os._exit(status)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
