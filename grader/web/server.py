"""The web server: Waitress takes connections, and only whole requests get one of a few threads (docs/decisions/026)."""

from __future__ import annotations

import logging
import resource
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher

from grader.settings import Settings
from grader.web import HARD_CAP_BYTES, access_log, create_app
from grader.web.admission import largest_body
from grader.web.arriving import Channel
from grader.web.lobby import Lobby, Patience

GRACE_SECONDS = 2.0
"""For what is being answered when the server is told to end; `serve` waits for twice as long."""

LARGEST_HEADER = 64 * 1024
FILES_OF_OUR_OWN = 256
ACCEPTED_AT_ONCE = 32

log = logging.getLogger(__name__)

Largest = Callable[[str, str], int]
"""Of a method and a path: how many bytes its body may have."""


class Server(TcpWSGIServer):  # type: ignore[misc]
    """One process on one listening socket, which other processes may share."""

    channel_class = Channel

    def __init__(
        self,
        app: Any,
        listening: socket.socket,
        threads: int,
        patience: Patience | None = None,
        largest: Largest = lambda _method, _path: HARD_CAP_BYTES,
    ) -> None:
        """Listens as it is made; `run` serves. `patience` bounds what is on its way, `largest` each body."""
        self.largest = largest
        self.lobby = Lobby(patience or Patience())
        self._stopping = False
        self._next_look = 0.0
        adjustments = Adjustments(
            sockets=[listening],
            threads=threads,
            ident=None,
            clear_untrusted_proxy_headers=False,  # ProxyFix reads them, as far as settings believe them
            max_request_header_size=LARGEST_HEADER,
            max_request_body_size=HARD_CAP_BYTES + 1,
            outbuf_high_watermark=2 * HARD_CAP_BYTES,  # a reader that is slow holds no thread
            log_socket_errors=False,
            server_name=listening.getsockname()[0],
        )
        dispatcher = ThreadedTaskDispatcher()
        dispatcher.set_thread_count(threads)
        where = (listening.family, listening.type, listening.proto, listening.getsockname())
        super().__init__(
            app,
            _sock=listening,
            dispatcher=dispatcher,
            adj=adjustments,
            sockinfo=where,
            bind_socket=False,
        )

    def readable(self) -> bool:
        """Asked before every wait: the moment to look at who is late, by a clock that nobody sets."""
        now = time.monotonic()
        if now >= self._next_look:
            self._next_look = now + self.lobby.patience.look
            self._watched(self.lobby.look, list(self.active_channels.values()), now)
        return bool(self.accepting)

    def handle_accept(self) -> None:
        """Take who waits; where that is one too many, who has been on the way for longest goes."""
        for _ in range(ACCEPTED_AT_ONCE):
            try:
                taken = self.accept()
            except OSError as error:
                self.logger.warning("a connection was not taken: %s", error)
                return
            if taken is None:
                return
            self._watched(self._welcome, *taken)

    def _welcome(self, connection: socket.socket, address: Any) -> None:
        self.set_socket_options(connection)
        channel = self.channel_class(self, connection, address, self.adj, map=self._map)
        self.lobby.welcome(channel, list(self.active_channels.values()), time.monotonic())

    def _watched(self, step: Callable[..., None], *given: Any) -> None:
        """Whatever is wrong with one connection is no reason to serve nobody; Waitress would close the listening socket."""
        try:
            step(*given)
        except Exception:
            log.exception("a connection could not be looked after")

    def run(self) -> None:
        """Serve until `stop`; then answer what is whole for a moment, and end."""
        while not self._stopping:
            wasyncore.poll2(self.lobby.patience.look, self._map)
        self._take_no_more()
        wasyncore.poll2(0.0, self._map)  # what has come meanwhile may be whole
        self._end_halves()
        until = time.monotonic() + GRACE_SECONDS
        while time.monotonic() < until and any(
            channel.is_answered for channel in self.active_channels.values()
        ):
            wasyncore.poll2(0.05, self._map)
        self.task_dispatcher.shutdown(timeout=1)
        wasyncore.close_all(self._map)

    def stop(self, *_signal: Any) -> None:
        """Have `run` come back; for signal handlers and other threads."""
        if not self._stopping:
            self._stopping = True
            with suppress(OSError):  # `run` may have come back this very moment
                self.pull_trigger()

    def _take_no_more(self) -> None:
        """Who waits to be taken waits for the next process."""
        self.accepting = False
        self.del_channel()
        self.socket.close()

    def _end_halves(self) -> None:
        for channel in list(self.active_channels.values()):
            if not channel.is_answered:
                channel.handle_close()


def run_web(settings: Settings, listening: socket.socket, threads: int) -> None:
    """Serve on that socket until SIGTERM or SIGINT."""
    logging.getLogger("waitress.queue").setLevel(
        logging.ERROR
    )  # one line for each request that waits a moment
    access_log.log.disabled = not settings.access_log
    app = create_app(settings)
    patience = Patience(behind_proxy=bool(settings.trusted_proxies), connections=connections_that_fit())
    server = Server(app, listening, threads, patience, partial(largest_body, app))
    log.info("listening on %s, port %d", *listening.getsockname()[:2])
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, server.stop)
    server.run()


def connections_that_fit() -> int:
    """As many as this process may have files open, two for each; it asks for more where it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * Patience().connections + FILES_OF_OUR_OWN
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    fitting = wanted if soft == resource.RLIM_INFINITY else min(soft, wanted)
    return max(1, (fitting - FILES_OF_OUR_OWN) // 2)
