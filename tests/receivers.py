"""A receiver of webhooks on this machine: what it got, and what it answers."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class Receiver(http.server.ThreadingHTTPServer):
    """Answers with the statuses it was given, the last one for ever; keeps what it got, in the order of its coming.

    `meanwhile` is called while a message is under way: after it came, before it is answered.
    """

    daemon_threads = True

    def __init__(self) -> None:
        self.statuses = [200]
        self.retry_after = ""
        self.meanwhile: Callable[[], object] = lambda: None
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.under_way: dict[str, int] = {}
        self.overlaps: list[str] = []
        self.lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), Answering)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"

    @property
    def ids(self) -> list[str]:
        """The webhook-ids, in order."""
        return [headers["webhook-id"] for headers, _ in self.got]

    @property
    def told(self) -> list[dict[str, Any]]:
        """The data of the messages, in order."""
        return [json.loads(body)["data"] for _, body in self.got]

    def begin(self, headers: dict[str, str], body: bytes) -> tuple[str, int]:
        """A message came; whose it is, and what to answer. Two about one student and exercise at once are noted."""
        data = json.loads(body)["data"]
        about = f"{data.get('user', {}).get('id')} {data.get('assignment_id')}"
        with self.lock:
            self.got.append((headers, body))
            self.under_way[about] = self.under_way.get(about, 0) + 1
            if self.under_way[about] > 1:
                self.overlaps.append(about)
            return about, self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]


class Answering(http.server.BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        about, status = self.server.begin({name.lower(): text for name, text in self.headers.items()}, body)
        try:
            self.server.meanwhile()
        finally:
            with self.server.lock:
                self.server.under_way[about] -= 1
        self.send_response(status)
        if self.server.retry_after:
            self.send_header("Retry-After", self.server.retry_after)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        pass


@contextmanager
def receiving() -> Iterator[Receiver]:
    """It listens as long as the block lasts."""
    server = Receiver()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
