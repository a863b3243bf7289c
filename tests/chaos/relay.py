"""A way to a server that can be cut: bytes wait on both sides, and nobody is told."""

from __future__ import annotations

import socket
import threading
from typing import Self
from urllib.parse import urlsplit

PIECE = 65536


class Relay:
    """Listens on a port of its own for as long as the block runs."""

    def __init__(self, target: str) -> None:
        where = urlsplit(target)
        self._target = (where.hostname or "127.0.0.1", where.port or 0)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = target.replace(str(where.port), str(self._listening.getsockname()[1]))
        self._open = threading.Event()
        self._sockets: list[socket.socket] = []

    def __enter__(self) -> Self:
        self._open.set()
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._open.set()
        for one in (self._listening, *self._sockets):
            one.close()

    def cut(self) -> None:
        """Let nothing through."""
        self._open.clear()

    def mend(self) -> None:
        """Let it go on."""
        self._open.set()

    def _accept(self) -> None:
        while True:
            try:
                caller, _ = self._listening.accept()
                answering = socket.create_connection(self._target, 10)
            except OSError:
                return
            answering.settimeout(None)
            self._sockets += [caller, answering]
            for source, sink in ((caller, answering), (answering, caller)):
                threading.Thread(target=self._pass_on, args=(source, sink), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while piece := source.recv(PIECE):
                self._open.wait()
                sink.sendall(piece)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            return
