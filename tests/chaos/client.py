"""Students who hand in over HTTP, each once, and do not give up: the same key again until it is acknowledged."""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

import urllib3

from tests.chaos.work import Piece, piece

ANSWER_SECONDS = 20.0
PAUSE_SECONDS = 1.0
GIVE_UP_SECONDS = 240.0
ACKNOWLEDGED = 202


@dataclass
class Handed:
    """One hand-in: its key, and what was answered at last."""

    piece: Piece
    key: str = field(default_factory=lambda: uuid.uuid4().hex)
    submission: str = ""
    acknowledged: float = 0.0


class Students:
    """They come one after another, `every` so many seconds, for as long as there are tokens or the block runs."""

    def __init__(self, address: str, tokens: Sequence[str], every: float) -> None:
        self.handed: list[Handed] = []
        self.answers: Counter[str] = Counter()
        self._address, self._tokens, self._every = address, tokens, every
        self._over = threading.Event()
        self._pool = ThreadPoolExecutor(24)
        self._thread = threading.Thread(target=self._come, daemon=True)
        timeout = urllib3.Timeout(connect=5, read=ANSWER_SECONDS)
        self._http = urllib3.PoolManager(maxsize=24, timeout=timeout, retries=False)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """Nobody comes any more; who has come is acknowledged."""
        self._over.set()
        self._thread.join()
        self._pool.shutdown(wait=True)
        self._http.clear()

    def await_all(self) -> None:
        """Until everybody has come."""
        self._thread.join()

    def _come(self) -> None:
        for number, token in enumerate(self._tokens):
            one = Handed(piece(number))
            self.handed.append(one)
            self._pool.submit(self._hand_in, one, token)
            if self._over.wait(self._every):
                return

    def _hand_in(self, one: Handed, token: str) -> None:
        until = time.monotonic() + GIVE_UP_SECONDS
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": one.key}
        words = {"assignment": one.piece.assignment, "source": one.piece.source, "course": "chaos"}
        while time.monotonic() < until and not one.submission:
            said = "refused"
            with suppress(urllib3.exceptions.HTTPError, ValueError, KeyError):
                said = "cut off"
                answer = self._http.request(
                    "POST", f"{self._address}/api/v1/submissions", headers=headers, json=words
                )
                said = str(answer.status)
                if answer.status == ACKNOWLEDGED:
                    one.acknowledged = time.monotonic()
                    one.submission = str(answer.json()["id"])
            self.answers[said] += 1
            if not one.submission:
                time.sleep(PAUSE_SECONDS)
