"""Clients that hold on to a web server: half a header, one that trickles, a body that never comes, one that trickles."""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

HALF = b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
WITH_A_BODY = HALF + b"Content-Length: 60000\r\n\r\n"
KINDS = ((HALF, b""), (HALF + b"X-A: ", b"a"), (WITH_A_BODY, b""), (WITH_A_BODY + b"source=", b"a"))
"""What each begins with, and what it sends every second from then on."""


class Slow:
    """One of them; whoever is ended calls again."""

    def __init__(self, port: int, number: int) -> None:
        self._port = port
        self._begin, self._more = KINDS[number % len(KINDS)]
        self.ended = 0
        self._call()

    def go_on(self) -> None:
        """A little more."""
        try:
            if self._more:
                self._socket.send(self._more)
            if self._socket.recv(4096):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        self.ended += 1
        self.close()
        self._call()

    def close(self) -> None:
        """Let go."""
        self._socket.close()

    def _call(self) -> None:
        self._socket = socket.create_connection(("127.0.0.1", self._port), 30)
        self._socket.sendall(self._begin)
        self._socket.setblocking(False)


@contextmanager
def slow_clients(port: int, number: int) -> Iterator[list[Slow]]:
    """So many of them for as long as the block runs, each kind as often."""
    callers: list[Slow] = []
    over = threading.Event()
    thread = threading.Thread(target=_hold_on, args=(callers, over), daemon=True)
    try:
        callers.extend(Slow(port, each) for each in range(number))
        thread.start()
        yield callers
    finally:
        over.set()
        if thread.ident is not None:
            thread.join()
        for caller in callers:
            caller.close()


def _hold_on(callers: list[Slow], over: threading.Event) -> None:
    """One of them at a time, all of them once a second."""
    while not over.is_set():
        for caller in random.sample(callers, len(callers)):
            with suppress(OSError):
                caller.go_on()
            if over.wait(1 / len(callers)):
                return
