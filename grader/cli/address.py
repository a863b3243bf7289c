"""Where people find this grader: as the operator says, or as the `grader serve` that runs has left it in its data folder.

The service holds a lock on its note for as long as it lives, however it ends; so a note that nobody holds is an old one.
"""

from __future__ import annotations

import fcntl
import os
import re
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

if TYPE_CHECKING:
    from grader.settings import Settings

FILE = "serve.address"
_ADDRESS = re.compile(r"https?://[!-~]{1,255}")
_HOW = "set GRADER_PUBLIC_URL to the address that people use, for instance https://grader.example.edu"


class LeftAddress:
    """The note of a running service; `remove` takes it away."""

    def __init__(self, data_dir: Path, address: str) -> None:
        self._path = data_dir / FILE
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        os.fchmod(self._descriptor, 0o600)  # whatever an older one allowed
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)  # waits for who is just looking
        os.ftruncate(self._descriptor, 0)
        os.write(self._descriptor, address.encode())

    def remove(self) -> None:
        """At the end."""
        self._path.unlink(missing_ok=True)
        os.close(self._descriptor)


def running_address(data_dir: Path) -> str | None:
    """What the service that runs on this folder has left; None where none runs."""
    try:
        descriptor = os.open(data_dir / FILE, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        found = os.read(descriptor, 512).decode("ascii", "replace")
        return found if _ADDRESS.fullmatch(found) else None
    else:
        return None
    finally:
        os.close(descriptor)


def known_address(settings: Settings) -> str | None:
    """The address that people use, without a slash at its end; None where nobody has said it.

    A service that listens on every address of the machine does not know by which of them it is found.
    """
    address = settings.public_url or running_address(settings.data_dir) or ""
    return None if not address or _is_any(address) else address.rstrip("/")


def needed_address(settings: Settings) -> str:
    """The same for a command that is about to print a link; where it is not known, wrong usage, before anything is changed.

    What opens on this machine alone is said so, on the error stream, unless the operator has asked for just that.
    """
    address = known_address(settings)
    if address is None:
        left = running_address(settings.data_dir)
        raise click.UsageError(_not_known(settings.data_dir) if left is None else _any_of_them(left))
    if not settings.public_url and _is_loopback(address):
        click.echo(f"Links to {address} open on this machine only; for others, {_HOW}.", err=True)
    return address


def address_of(host: str, port: int) -> str:
    """As browsers write it."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def link_url(address: str, secret: str) -> str:
    """The address of a one-time link."""
    return f"{address}/link/{secret}"


def _not_known(data_dir: Path) -> str:
    return f"Nothing was changed, since a link needs an address: start grader serve on {data_dir}, or {_HOW}."


def _any_of_them(left: str) -> str:
    return f"Nothing was changed: the grader listens on every address ({left}), so for a link {_HOW}."


def _is_any(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    return host in {"0.0.0.0", "::"}  # noqa: S104 - compared, not listened on


def _is_loopback(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
