"""A connection to addresses that were judged, which ends at its limit whatever the other side does."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

HTTPS_PORT, HTTP_PORT = 443, 80


@dataclass(frozen=True)
class Target:
    """A checked address: `addresses` are the IPs that may be connected to, and no others."""

    https: bool
    host: str
    port: int
    path: str
    addresses: tuple[str, ...]


class Pinned(http.client.HTTPConnection):
    """Connects to addresses that were judged, under the original name in `Host`, SNI and the certificate.

    `ends` is the moment of the monotonic clock at which all of it is over: connecting, TLS, sending, headers and body.
    """

    def __init__(self, target: Target, ends: float, tls: ssl.SSLContext | None) -> None:
        super().__init__(target.host, target.port)
        self.default_port = HTTPS_PORT if target.https else HTTP_PORT
        self._target = target
        self._ends = ends
        self._tls = tls
        self._over = False
        self._live: socket.socket | None = None

    @contextmanager
    def within_time(self) -> Iterator[None]:
        """TimeoutError, whatever the block came to, where the limit was reached in it; closes the connection.

        A socket that is shut down reads as one that has ended, and that may look like a whole answer.
        """
        limit = threading.Timer(self._left(), self._end)
        limit.daemon = True
        limit.start()
        try:
            yield
        except (OSError, http.client.HTTPException, ValueError):
            self._check()
            raise
        else:
            self._check()
        finally:
            limit.cancel()
            self.close()
            if self._live is not None:  # also where the limit was reached between two steps
                self._live.close()

    def connect(self) -> None:
        """Try the judged addresses in turn."""
        reached = self._hold(self._reach())
        self.sock = reached
        if self._tls is not None:
            name = self._target.host
            secure = self._tls.wrap_socket(reached, server_hostname=name, do_handshake_on_connect=False)
            self.sock = self._hold(secure)  # before the handshake, so that the limit reaches that, too
            secure.do_handshake()

    def _reach(self) -> socket.socket:
        refused = OSError("no address")
        for address in self._target.addresses:
            try:
                return socket.create_connection((address, self._target.port), self._left())
            except OSError as error:
                refused = error
        raise refused

    def _hold(self, sock: socket.socket) -> socket.socket:
        """Keep what `_end` shuts down: `sock` is None while an answer without a length is read."""
        self._live = sock
        if self._over:  # just now, while nothing was held
            sock.close()
        self._check()
        sock.settimeout(self._left())
        return sock

    def _left(self) -> float:
        """Seconds until the limit; TimeoutError where it was reached."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the limit was reached")
        return left

    def _end(self) -> None:
        """The time is over: whoever waits on the socket goes on at once."""
        self._over = True
        sock = self._live
        if sock is not None:
            try:
                socket.socket.shutdown(sock, socket.SHUT_RDWR)
            except OSError:
                return

    def _check(self) -> None:
        if self._over:
            raise TimeoutError("the limit was reached")
