"""The socket that the web server takes over, opened before anything else is started."""

from __future__ import annotations

import errno
import socket

import click

WRONG_USAGE = 2
WAITING_CALLERS = 256


def listen(host: str, port: int) -> socket.socket:
    """Listen there; who cannot is told why and what to do, and ends with 2."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(WAITING_CALLERS)
    except (OSError, OverflowError) as error:
        listening.close()
        click.echo(what_to_do(host, port, error), err=True)
        raise SystemExit(WRONG_USAGE) from None
    return listening


def what_to_do(host: str, port: int, error: Exception) -> str:
    """One sentence on what is wrong, one on how to choose another port or address."""
    number = error.errno if isinstance(error, OSError) else None
    another = "Choose another port: grader serve --port 0 takes any free one, make serve PORT=8001 that one."
    if number == errno.EADDRINUSE:
        return f"Port {port} of {host} is in use by another program, perhaps by another grader. {another}"
    if number == errno.EACCES:
        return f"Port {port} is kept for the administrator of this machine, as all below 1024 are. {another}"
    if number == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
        return f"{host} is no address of this machine. Leave --host out to listen on this machine alone."
    return f"Cannot listen on {host}:{port}: {error}. {another}"
