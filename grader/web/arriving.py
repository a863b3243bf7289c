"""A connection, and the request that is on its way over it; no thread sees it before all of it is here."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from functools import partial
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.utilities import RequestEntityTooLarge

from grader.web.access_log import Answer, Refusal

IDLE, HEADER, BODY, WORK, ANSWER, LEFTOVERS = "idle", "header", "body", "work", "answer", "leftovers"
"""What happens on a connection. `IDLE` is between two requests, `LEFTOVERS` what comes of a body that nobody wanted."""

_SORRY = b"That came too slowly. Nothing of it was taken. Please send it again.\n"
TOO_SLOW = (
    b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Content-Length: %d\r\n\r\n%b" % (len(_SORRY), _SORRY)
)


class Arriving(HTTPRequestParser):  # type: ignore[misc]
    """A request of which the rest may be to come. One with too large a body is handed over without it."""

    unwanted = False
    """Whether its body is left out: the site answers as it answers too much, from the header alone."""

    def __init__(self, adj: Any, largest: Any) -> None:
        """`largest(method, path)`: bytes that the body may have."""
        super().__init__(adj)
        self._largest = largest
        self._bound: int | None = None

    def received(self, data: bytes) -> int:
        """Take more; how much of it belongs to this request."""
        consumed = int(super().received(data))
        if isinstance(self.error, RequestEntityTooLarge) or (self.error is None and self._is_too_large()):
            self._leave_out()
            return len(data)  # what follows is its body
        return consumed

    def _is_too_large(self) -> bool:
        if not self.headers_finished or self.body_rcv is None:
            return False
        if self._bound is None:
            self._bound = self._largest(self.command, self.path)
        return bool(max(self.content_length, self.body_bytes_received) > self._bound)

    def _leave_out(self) -> None:
        """What does not come is not announced either, but for its length; the connection ends with the answer."""
        self.close()
        self.headers["CONTENT_LENGTH"] = str(max(self.content_length, self.body_bytes_received))
        self.headers["CONNECTION"] = "close"
        self.body_rcv, self.error = None, None
        self.expect_continue = False
        self.completed = self.unwanted = True


class Channel(HTTPChannel):  # type: ignore[misc]
    """One connection: what it waits for, since when, and how much has moved since."""

    task_class = Answer
    error_task_class = Refusal

    def __init__(self, server: Any, sock: socket.socket, addr: Any, adj: Any, map: Any = None) -> None:  # noqa: A002 - Waitress's word
        """As Waitress makes it."""
        super().__init__(server, sock, addr, adj, map=map)
        self.parser_class = partial(Arriving, largest=server.largest)
        self.began = self.since = time.monotonic()
        self.moved = 0
        self._served = 0
        self._doing = (HEADER, 0)
        self._unwanted = self._leftovers = False

    @property
    def state(self) -> str:
        """One of the words above."""
        request = self.request
        if self._leftovers:
            return LEFTOVERS
        if self.requests:
            return WORK if not self.total_outbufs_len else ANSWER
        if self.total_outbufs_len:
            return ANSWER
        if request is None:
            return IDLE if self._served else HEADER
        return BODY if request.headers_finished else HEADER

    @property
    def is_answered(self) -> bool:
        """Whether a whole request has come over it whose answer has not gone."""
        return self.state in (WORK, ANSWER)

    @property
    def held(self) -> int:
        """Bytes of a body that is not whole."""
        request = self.request
        return 0 if request is None else int(request.body_bytes_received)

    def look(self, now: float) -> str:
        """The state; `began`, `since` and `moved` begin anew when it is another one, or of another request."""
        doing = (self.state, self._served)
        if doing != self._doing:
            self._doing, self.began = doing, now
            self.count_anew(now)
        return doing[0]

    def count_anew(self, now: float) -> None:
        """Of what moves, from here."""
        self.since, self.moved = now, 0

    def end_early(self, *, told: bool = False) -> None:
        """End it, with a word to whom there is time for one."""
        if told:
            with suppress(OSError):
                self.socket.send(TOO_SLOW)
        self._unwanted = False
        self.handle_close()

    def recv(self, size: int) -> bytes:
        """What has come."""
        data = bytes(super().recv(size))
        self.moved += len(data)
        return data

    def send(self, data: bytes, do_close: bool = True) -> int:
        """What can go."""
        sent = int(super().send(data, do_close=do_close) or 0)
        self.moved += sent
        return sent

    def received(self, data: bytes) -> bool:
        """Take more of a request; what nobody wants is thrown away."""
        if self._leftovers:
            return False
        taken = bool(super().received(data))
        with self.requests_lock:
            self._unwanted = self._unwanted or any(request.unwanted for request in self.requests)
        return taken

    def service(self) -> None:
        """Answer one request, in a thread."""
        self._served += 1
        super().service()

    def readable(self) -> bool:
        """Whether we want more of it now."""
        return self._fileno is not None and (self._leftovers or bool(super().readable()))

    def writable(self) -> bool:
        """Whether there is anything to send, or to end."""
        return self._fileno is not None and not self._leftovers and bool(super().writable())

    def handle_close(self) -> None:
        """End it; but where much is still on its way, the answer would be lost with it: that goes first."""
        if self._unwanted and self.connected:
            self._unwanted = False
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_WR)
                self.will_close = self.close_when_flushed = False
                self._leftovers = True
                return
        super().handle_close()
