"""Pages beside 200 clients that never send a whole request, and without them, in turns; no proxy in front."""

from __future__ import annotations

import statistics
import urllib.parse
from collections.abc import Sequence
from contextlib import ExitStack

from tests.bench.lists import PAGES, web_with
from tests.bench.results import Results, percentile
from tests.servers import make_database, postgres_server
from tests.slow_clients import slow_clients

KEYS = ("slow_clients_p95_ratio",)
CLIENTS = 200
ROWS = 1000


def run(results: Results) -> None:
    """Rounds of dashboard pages, every second one beside the slow clients."""
    rounds = results.count(20, 6)
    with ExitStack() as stack:
        server = stack.enter_context(postgres_server())
        web = stack.enter_context(web_with(make_database(server, "slow"), ROWS, results))
        port = urllib.parse.urlsplit(web.address).port or 0
        alone: list[float] = []
        beside: list[float] = []
        ended = 0
        for number in range(rounds + 1):
            first = [web.page_ms(query) for query in PAGES.values()]
            with slow_clients(port, CLIENTS) as clients:
                second = [web.page_ms(query) for query in PAGES.values()]
                ended += sum(client.ended for client in clients)
            if number:  # in the first round, pages are read from disk and templates compiled
                alone += first
                beside += second
        ratio = percentile(beside, 0.95) / percentile(alone, 0.95)
        results.add(KEYS[0], ratio, len(beside), alone=_told(alone), beside=_told(beside), ended=ended)


def _told(milliseconds: Sequence[float]) -> dict[str, float]:
    return {
        "p50_ms": round(statistics.median(milliseconds), 2),
        "p95_ms": round(percentile(milliseconds, 0.95), 2),
    }
