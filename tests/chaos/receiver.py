"""The LMS: takes every message, and remembers which ids it was told about which submission."""

from __future__ import annotations

import http.server
import json
import threading
from collections import defaultdict
from typing import Any, Self


class Receiver(http.server.ThreadingHTTPServer):
    """For as long as the block runs."""

    daemon_threads = True

    def __init__(self) -> None:
        self.ids: dict[str, set[str]] = defaultdict(set)
        self.scores: dict[str, float | None] = {}
        super().__init__(("127.0.0.1", 0), _Taking)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}/hook"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.1,), daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, *_arguments: Any) -> None:
        """Senders are killed, on purpose."""


class _Taking(http.server.BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        data = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["data"]
        submission = str(data["grader_submission_id"])
        self.server.ids[submission].add(str(self.headers["webhook-id"]))
        self.server.scores[submission] = data.get("score")
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        pass
