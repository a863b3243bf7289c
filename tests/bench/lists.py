"""The dashboard and the API as a TA uses them, with many submissions in PostgreSQL and with few, in turns."""

from __future__ import annotations

import http.cookiejar
import os
import random
import re
import statistics
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.db.migrate import upgrade
from grader.settings import load_settings
from grader.wiring import Wiring
from tests.bench import sources
from tests.bench.metering import metered
from tests.bench.results import Results, percentile
from tests.bench.semester import PASSWORD, TA, Semester, fill
from tests.bench.service import ROOT
from tests.servers import free_port, make_database, postgres_server

KEYS = ("dashboard_p95_ms", "dashboard_growth", "api_p95_ms", "api_growth")
FEW = 1000
PAGE = 50
STARTUP_SECONDS = 60.0
ANSWER_SECONDS = 60.0

PAGES = {
    "first page": "",
    "by score": "sort=-score",
    "by student": "sort=student",
    "a name": "search=Hana+Ahmed",
    "an address": "search=student-7%40example.edu",
    "failed ones": "verdict=failed",
    "one exercise": "assignment=traffic-pool&sort=-received",
    "deep page": "page={deep}",
}
LISTS = {
    "first page": "/submissions",
    "of the course": "/submissions?course=bench&page_size=200",
    "failed ones": "/submissions?verdict=failed",
    "a name": "/submissions?search=Hana+Ahmed",
    "by score": "/submissions?sort=-score",
    "deep page": "/submissions?page={deep}",
    "one": "/submissions/{one}",
    "another": "/submissions/{one}",
}


def run(results: Results) -> None:
    """Every question to both services in turns, so that both see the same machine."""
    many, rounds = results.count(100_000, 10_000), results.count(40, 6)
    with ExitStack() as stack:
        server = stack.enter_context(postgres_server())
        webs = {
            rows: stack.enter_context(web_with(make_database(server, f"rows_{rows}"), rows, results))
            for rows in (many, FEW)
        }
        for key, kinds in (("dashboard", PAGES), ("api", LISTS)):
            ask = Web.page_ms if key == "dashboard" else Web.call_ms
            found = {rows: {kind: [] for kind in kinds} for rows in webs}
            for turn in range(rounds + 1):
                for kind, question in kinds.items():
                    for rows, web in webs.items():
                        milliseconds = ask(web, question)
                        if turn:  # in the first round, pages are read from disk and templates compiled
                            found[rows][kind].append(milliseconds)
            _tell(results, key, found, many)


@dataclass
class Web:
    """One web server on its own database, and a TA who is signed in."""

    address: str
    semester: Semester
    browser: urllib.request.OpenerDirector
    chance: random.Random

    def page_ms(self, query: str) -> float:
        """One dashboard page, in milliseconds to its last byte."""
        return self._ms(f"/courses/bench/dashboard?{self._filled(query)}", {})

    def call_ms(self, path: str) -> float:
        """One API call."""
        return self._ms(f"/api/v1{self._filled(path)}", {"Authorization": f"Bearer {self.semester.token}"})

    def sign_in(self) -> None:
        """As in a browser, with the form's own token."""
        form = self._read("/sign-in", {}).decode()
        token = re.search(r'name="csrf_token" value="([^"]+)"', form)
        assert token is not None
        fields = {"csrf_token": token[1], "email": TA, "password": PASSWORD, "next": ""}
        body = urllib.parse.urlencode(fields).encode()
        headers = {"Referer": f"{self.address}/sign-in"}
        request = urllib.request.Request(f"{self.address}/sign-in", body, headers)
        self.browser.open(request, timeout=ANSWER_SECONDS).close()

    def _filled(self, words: str) -> str:
        deep = len(self.semester.submissions) // PAGE // 2
        return words.format(deep=deep, one=self.chance.choice(self.semester.submissions))

    def _ms(self, path: str, headers: Mapping[str, str]) -> float:
        start = time.perf_counter()
        body = self._read(path, headers)
        seconds = time.perf_counter() - start
        if b"sign-in" in body[:4000] or len(body) < 500:
            raise RuntimeError(f"{path} gives something else than was asked for")
        return 1000 * seconds

    def _read(self, path: str, headers: Mapping[str, str]) -> bytes:
        request = urllib.request.Request(f"{self.address}{path}", headers=dict(headers))
        with self.browser.open(request, timeout=ANSWER_SECONDS) as answer:
            return bytes(answer.read())


@contextmanager
def web_with(database_url: str, rows: int, results: Results) -> Iterator[Web]:
    """A web process on a database with so many submissions."""
    with tempfile.TemporaryDirectory(prefix="bench-web-") as name, metered() as meter:
        settings = load_settings({}, data_dir=Path(name), database_url=database_url)
        parts = Wiring(settings)
        upgrade(parts.database)
        semester = fill(parts, rows)
        parts.database.close()
        results.say(f"{rows} submissions are in the database")
        port = free_port()
        words = ["web", "--port", str(port), "--data-dir", name]
        environ = os.environ | {"GRADER_DATABASE_URL": database_url}
        with (Path(name) / "web.log").open("wb") as log:
            meter.start(
                [sys.executable, "-m", "grader.cli", *words], env=environ, stdout=log, stderr=log, cwd=ROOT
            )
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        browser = urllib.request.build_opener(cookies)
        web = Web(f"http://127.0.0.1:{port}", semester, browser, random.Random(sources.SEED))
        _await(web)
        web.sign_in()
        yield web


def _await(web: Web) -> None:
    until = time.monotonic() + STARTUP_SECONDS
    while True:
        try:
            web.browser.open(f"{web.address}/health/alive", timeout=5).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return


def _tell(results: Results, key: str, found: Mapping[int, Mapping[str, Sequence[float]]], many: int) -> None:
    """The 95th percentile of all questions together, and the medians of each."""
    p95 = {
        rows: percentile([each for times in kinds.values() for each in times], 0.95)
        for rows, kinds in found.items()
    }
    told: dict[str, Any] = {
        f"{rows}_rows_ms": {"p95": round(p95[rows], 2)}
        | {kind: round(statistics.median(times), 2) for kind, times in kinds.items()}
        for rows, kinds in found.items()
    }
    samples = sum(map(len, found[many].values()))
    results.add(f"{key}_p95_ms", p95[many], samples, **told)
    results.add(f"{key}_growth", p95[many] / p95[FEW], samples, **told)
