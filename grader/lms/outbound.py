"""Sending to addresses that strangers chose: resolved once, every address judged, connected to what was judged.

Against requests to our own network (SSRF): https only, no redirects, no proxies, and nothing but public unicast
addresses, unless the operator allowed a network. The check is made when an endpoint is saved and at every send.
"""

from __future__ import annotations

import http.client
import ipaddress
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import SplitResult, urlsplit

from grader.lms.addresses import Address, Network, is_public, unwrapped
from grader.lms.names import Resolve, resolve_within, system_resolver
from grader.lms.pinned import HTTP_PORT, HTTPS_PORT, Pinned, Target

LONGEST_URL = 2000
MOST_RESPONSE_BYTES = 64 * 1024
FIRST_HIGH_PORT = 1024
MOST_ADDRESSES = 3


class UrlRefused(Exception):
    """An address that we do not send to; the text says why, for staff."""


class SendFailed(Exception):
    """No answer came; the text says why, for staff."""


@dataclass(frozen=True)
class Answer:
    """What came back; the body was read and dropped."""

    status: int
    retry_after: str | None = None


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
        """Post once to a checked IP, within `timeout` in all; redirects are answers like others.

        UrlRefused or SendFailed where there is no answer.
        """
        ends = time.monotonic() + self.timeout
        target = self.check(url)
        connection = Pinned(target, ends, self._tls if target.https else None)
        try:
            with connection.within_time():
                connection.request("POST", target.path, body, dict(headers))
                with connection.getresponse() as response:
                    response.read(MOST_RESPONSE_BYTES)
                    return Answer(response.status, response.headers.get("Retry-After"))
        except (OSError, http.client.HTTPException, ValueError) as error:
            late = " (no answer in time)" if isinstance(error, TimeoutError) else ""
            raise SendFailed(f"{type(error).__name__}: {error}"[:300] + late) from None

    def _addresses(self, host: str, port: int) -> list[Address]:
        try:
            names = resolve_within(self.timeout, self.resolve, host, port)
            found = [unwrapped(ipaddress.ip_address(one)) for one in names]
        except TimeoutError:
            raise UrlRefused(f"{host} was not resolved in time") from None
        except (OSError, ValueError):
            raise UrlRefused(f"{host} cannot be resolved") from None
        if not found:
            raise UrlRefused(f"{host} has no address")
        return found

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context()


def _split(url: str) -> tuple[SplitResult, int]:
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or set(url) & set(' \\"<>^`{|}'):
        raise UrlRefused("this is no plain ASCII address")
    try:
        parts = urlsplit(url)
        port = parts.port or (HTTPS_PORT if parts.scheme == "https" else HTTP_PORT)
    except ValueError:
        raise UrlRefused("this is no address") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UrlRefused("only https is sent to")
    if "@" in parts.netloc or "%" in parts.netloc:
        raise UrlRefused("a user name, a password or a zone does not belong into this address")
    return parts, port
