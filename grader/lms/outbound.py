"""Sending to addresses that strangers chose: resolved once, every address judged, connected to what was judged.

Against requests to our own network (SSRF): https only, no redirects, no proxies, and nothing but public unicast
addresses, unless the operator allowed a network. The check is made when an endpoint is saved and at every send.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import SplitResult, urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str, int], Sequence[str]]

LONGEST_URL = 2000
MOST_RESPONSE_BYTES = 64 * 1024
HTTPS_PORT, FIRST_HIGH_PORT = 443, 1024
MOST_ADDRESSES = 3
_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")
_NEVER: tuple[Network, ...] = (
    ipaddress.IPv4Network("100.64.0.0/10"),  # carrier-grade NAT
    ipaddress.IPv4Network("192.88.99.0/24"),  # 6to4 relays
    ipaddress.IPv4Network("168.63.129.16/32"),  # Azure's metadata, on a public address
    ipaddress.IPv6Network("64:ff9b::/96"),  # NAT64: an IPv4 address in disguise
    ipaddress.IPv6Network("2002::/16"),  # 6to4: the same
    ipaddress.IPv6Network("2001::/32"),  # Teredo: the same
    ipaddress.IPv6Network("3fff::/20"),  # documentation
)


class UrlRefused(Exception):
    """An address that we do not send to; the text says why, for staff."""


class SendFailed(Exception):
    """No answer came; the text says why, for staff."""


@dataclass(frozen=True)
class Target:
    """A checked address: `addresses` are the IPs that may be connected to, and no others."""

    https: bool
    host: str
    port: int
    path: str
    addresses: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """What came back; the body was read and dropped."""

    status: int
    retry_after: str | None = None


def system_resolver(host: str, port: int) -> Sequence[str]:
    """Every address of a name, as the system knows it."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


@dataclass(frozen=True)
class Sender:
    """Posts to checked addresses. `allowed` are private networks that may be reached, by plain http too."""

    allowed: tuple[Network, ...] = ()
    timeout: float = 15.0
    resolve: Resolve = field(default=system_resolver)

    def check(self, url: str) -> Target:
        """Judge an address now; UrlRefused unless every IP behind it may be reached."""
        parts, port = _split(url)
        host = parts.hostname or ""
        addresses = self._addresses(host, port)
        inside = [any(one in network for network in self.allowed) for one in addresses]
        if not all(ours or is_public(one) for ours, one in zip(inside, addresses, strict=True)):
            raise UrlRefused(f"{host} is not on the public internet")
        if parts.scheme == "http" and not all(inside):
            raise UrlRefused("only https is sent to")
        if not all(inside) and port != HTTPS_PORT and port < FIRST_HIGH_PORT:
            raise UrlRefused(f"port {port} is not sent to")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return Target(parts.scheme == "https", host, port, path, tuple(map(str, addresses[:MOST_ADDRESSES])))

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post once to a checked IP; redirects are answers like others. UrlRefused or SendFailed where there is none."""
        target = self.check(url)
        connection = _Pinned(target, self.timeout, self._tls if target.https else None)
        deadline = threading.Timer(self.timeout, connection.abort)
        deadline.daemon = True
        deadline.start()
        try:
            connection.request("POST", target.path, body, dict(headers))
            response = connection.getresponse()
            response.read(MOST_RESPONSE_BYTES)
            return Answer(response.status, response.headers.get("Retry-After"))
        except (OSError, http.client.HTTPException, ValueError) as error:
            is_late = connection.aborted or isinstance(error, TimeoutError)
            late = " (no answer in time)" if is_late else ""
            raise SendFailed(f"{type(error).__name__}: {error}"[:300] + late) from None
        finally:
            deadline.cancel()
            connection.close()

    def _addresses(self, host: str, port: int) -> list[Address]:
        try:
            found = [_unwrapped(ipaddress.ip_address(one)) for one in self.resolve(host, port)]
        except (OSError, ValueError):
            raise UrlRefused(f"{host} cannot be resolved") from None
        if not found:
            raise UrlRefused(f"{host} has no address")
        return found

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context()


def is_public(address: Address) -> bool:
    """Whether this is a global unicast address that leads to no translator and to no metadata service."""
    one = _unwrapped(address)
    if not one.is_global or one.is_multicast or one.is_reserved or any(one in network for network in _NEVER):
        return False
    return isinstance(one, ipaddress.IPv4Address) or one in _GLOBAL_V6


def read_networks(text: str) -> tuple[Network, ...]:
    """`127.0.0.0/8, 10.1.0.0/16` → networks; ValueError for anything else."""
    return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())


def _unwrapped(address: Address) -> Address:
    """::ffff:127.0.0.1 is 127.0.0.1."""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return address if mapped is None else mapped


def _split(url: str) -> tuple[SplitResult, int]:
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or set(url) & set(' \\"<>^`{|}'):
        raise UrlRefused("this is no plain ASCII address")
    try:
        parts = urlsplit(url)
        port = parts.port or (HTTPS_PORT if parts.scheme == "https" else 80)
    except ValueError:
        raise UrlRefused("this is no address") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UrlRefused("only https is sent to")
    if "@" in parts.netloc or "%" in parts.netloc:
        raise UrlRefused("a user name, a password or a zone does not belong into this address")
    return parts, port


class _Pinned(http.client.HTTPConnection):
    """Connects to addresses that were judged, under the original name in `Host`, SNI and the certificate."""

    def __init__(self, target: Target, timeout: float, tls: ssl.SSLContext | None) -> None:
        super().__init__(target.host, target.port, timeout=timeout)
        self.default_port = HTTPS_PORT if target.https else 80
        self._target = target
        self._tls = tls
        self.aborted = False

    def connect(self) -> None:
        """Try the judged addresses in turn."""
        reached = self._reach()
        self.sock = reached
        if self._tls is not None:
            name = self._target.host
            secure = self._tls.wrap_socket(reached, server_hostname=name, do_handshake_on_connect=False)
            self.sock = secure  # before the handshake, so that `abort` reaches that, too
            secure.do_handshake()

    def abort(self) -> None:
        """The time is over: whoever waits on the socket gets an error."""
        self.aborted = True
        sock = self.sock
        if sock is not None:
            try:
                socket.socket.shutdown(sock, socket.SHUT_RDWR)
            except OSError:
                return

    def _reach(self) -> socket.socket:
        refused = OSError("no address")
        for address in self._target.addresses:
            if self.aborted:
                break
            try:
                found = socket.create_connection((address, self._target.port), self.timeout)
            except OSError as error:
                refused = error
                continue
            self.sock = found
            if not self.aborted:
                return found
        raise refused
