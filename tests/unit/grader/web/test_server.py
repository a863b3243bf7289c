"""The server alone, with a small site behind it and little patience."""

from __future__ import annotations

import logging
import resource
import socket
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any

import pytest

from grader.web.lobby import Patience
from grader.web.server import Server, connections_that_fit

SHORT = Patience(header=0.5, idle=0.5, window=0.5, least=2000, leftovers=2.0, look=0.05)
LARGEST = 300_000
LONG = 20.0
"""Seconds: no wait of these tests is meant to be that long."""


class Site:
    """A server in a thread, and what its application has seen."""

    def __init__(self, patience: Patience, threads: int = 2) -> None:
        self.seen: list[tuple[str, int, int]] = []
        self.asked: list[tuple[str, str]] = []
        self.going_on = threading.Event()
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.server = Server(self._answer, self.listening, threads, patience, lambda *_: LARGEST)
        self._thread = threading.Thread(target=self.server.run)
        self._thread.start()

    def _answer(self, environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        announced = int(environ.get("CONTENT_LENGTH") or 0)
        length = len(environ["wsgi.input"].read())
        self.seen.append((environ["PATH_INFO"], announced, length))
        if environ["PATH_INFO"] == "/wait":
            self.going_on.wait(LONG)
        if environ["PATH_INFO"] == "/broken":
            raise ValueError(environ["PATH_INFO"])
        if environ["PATH_INFO"] == "/mine":
            environ["grader.user"] = "01ADA"
        if environ["PATH_INFO"] == "/large":
            start("200 OK", [])
            return [b"x" * 1_000_000] * 40
        self.asked.append((environ["REMOTE_ADDR"], environ.get("HTTP_X_FORWARDED_FOR", "")))
        start("413 Too Large" if announced > LARGEST else "200 OK", [("Content-Length", "3")])
        return [b"ok\n"]

    def call(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), LONG)

    def get(self, path: str = "/") -> bytes:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=LONG) as answer:
            return bytes(answer.read())

    def close(self) -> None:
        self.going_on.set()
        self.server.stop()
        self._thread.join(LONG)
        assert not self._thread.is_alive()


@contextmanager
def serving(patience: Patience = SHORT, threads: int = 2) -> Iterator[Site]:
    with closing(Site(patience, threads)) as site:
        yield site


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as made:
        yield made


def post(length: int, path: str = "/") -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n".encode()


def answer_of(caller: socket.socket) -> bytes:
    """One answer, whole; the connection stays."""
    said = b""
    while not said.endswith(b"ok\n"):
        more = caller.recv(65536)
        assert more, said
        said += more
    return said


def everything(caller: socket.socket) -> bytes:
    """Until the other side ends it."""
    said = b""
    with caller:
        while True:
            try:
                more = caller.recv(65536)
            except ConnectionError:
                return said
            if not more:
                return said
            said += more


def trickle(caller: socket.socket, piece: bytes, pause: float) -> float:
    """A piece now and then, until the other side has ended it; seconds that took."""
    begun = time.monotonic()
    caller.settimeout(pause)
    while time.monotonic() - begun < LONG:
        try:
            caller.sendall(piece)
            if not caller.recv(4096):
                break
        except TimeoutError:
            continue
        except ConnectionError:
            break
    return time.monotonic() - begun


def test_a_page_and_a_second_one_over_the_same_connection(site: Site) -> None:
    with site.call() as caller:
        for _ in range(2):
            caller.sendall(b"GET /a%20b?c HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert b"200 OK" in answer_of(caller)
    assert [path for path, _, _ in site.seen] == ["/a b"] * 2


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: b"])
def test_half_a_header_is_ended_and_no_thread_sees_it(site: Site, sent: bytes) -> None:
    caller = site.call()
    caller.sendall(sent)
    assert everything(caller) == b""
    assert site.seen == []


def test_a_header_that_trickles_is_ended(site: Site) -> None:
    with site.call() as caller:
        caller.sendall(b"GET / HTTP/1.1\r\nX-A: ")
        assert trickle(caller, b"a", 0.05) < LONG
    assert site.seen == []


def test_a_second_header_that_trickles_is_ended(site: Site) -> None:
    with site.call() as caller:
        caller.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b"200 OK" in answer_of(caller)
        caller.sendall(b"GET / HTTP/1.1\r\nX-A: ")
        assert trickle(caller, b"a", 0.05) < LONG
    assert len(site.seen) == 1


def test_a_connection_that_asks_nothing_more_is_ended(site: Site) -> None:
    caller = site.call()
    caller.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert everything(caller).endswith(b"ok\n")


def test_a_body_that_never_comes_is_ended_with_a_word(site: Site) -> None:
    caller = site.call()
    caller.sendall(post(1000) + b"x")
    assert b"408 Request Timeout" in everything(caller)
    assert site.seen == []


def test_a_body_that_trickles_is_ended(site: Site) -> None:
    with site.call() as caller:
        caller.sendall(post(100_000))
        assert trickle(caller, b"a" * 10, 0.05) < LONG
    assert site.seen == []


def test_a_body_of_many_chunks_that_trickles_is_ended(site: Site) -> None:
    with site.call() as caller:
        caller.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        assert trickle(caller, b"1\r\na\r\n", 0.05) < LONG
    assert site.seen == []


def test_a_slow_body_that_is_fast_enough_gets_in_however_long_it_takes(site: Site) -> None:
    with site.call() as caller:
        caller.sendall(post(40_000))
        for _ in range(40):
            caller.sendall(b"x" * 1000)
            time.sleep(0.05)
        assert b"200 OK" in answer_of(caller)
    assert site.seen == [("/", 40_000, 40_000)]


def test_slow_callers_hold_no_thread(site: Site) -> None:
    with ExitStack() as stack:
        for sent in (b"GET / HT", post(1000) + b"x"):
            for _ in range(20):
                stack.enter_context(site.call()).sendall(sent)
        for _ in range(20):
            assert site.get() == b"ok\n"


def test_many_half_requests_of_one_address_end_the_oldest_and_whole_ones_get_in() -> None:
    patience = Patience(of_one_address=10, look=0.05)
    with serving(patience) as site, ExitStack() as stack:
        body = stack.enter_context(site.call())
        body.sendall(post(8) + b"1234")
        callers = []
        for _ in range(30):
            callers.append(stack.enter_context(site.call()))
            callers[-1].sendall(b"GET / HTTP/1.1\r\n")
            assert site.get() == b"ok\n"
        for caller in callers[:20]:
            assert everything(caller) == b""
        for caller in callers[-8:]:
            caller.sendall(b"Host: localhost\r\n\r\n")
            assert b"200 OK" in answer_of(caller)
        body.sendall(b"5678")
        assert b"200 OK" in answer_of(body), "a body goes after headers"


def test_only_connections_without_a_whole_request_count() -> None:
    with serving(Patience(of_one_address=5), threads=1) as site, ExitStack() as stack:
        callers = [stack.enter_context(asking(site, number + 1)) for number in range(20)]
        site.going_on.set()
        assert [b"200 OK" in answer_of(caller) for caller in callers] == [True] * 20
        for caller in callers:
            caller.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert b"200 OK" in answer_of(caller), "who is between two requests does not count either"


def asking(site: Site, number: int) -> socket.socket:
    """Who has sent a whole request, and waits as one of so many."""
    caller = site.call()
    caller.sendall(b"GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n")
    until = time.monotonic() + LONG
    while sum(one.is_answered for one in list(site.server.active_channels.values())) < number:
        assert time.monotonic() < until
        time.sleep(0.005)
    return caller


def test_behind_a_proxy_nobody_is_counted() -> None:
    with serving(Patience(of_one_address=2, behind_proxy=True)) as site, ExitStack() as stack:
        callers = [stack.enter_context(site.call()) for _ in range(10)]
        for caller in callers:
            caller.sendall(b"GET / HTTP/1.1\r\n")
        assert site.get() == b"ok\n"
        for caller in callers:
            caller.sendall(b"Host: localhost\r\n\r\n")
            assert b"200 OK" in answer_of(caller)


def test_bytes_that_wait_are_bounded() -> None:
    with serving(Patience(held=150_000, look=0.05)) as site, ExitStack() as stack:
        first, second = (stack.enter_context(site.call()) for _ in range(2))
        for caller in (first, second):
            caller.sendall(post(100_000) + b"x" * 99_000)
            time.sleep(0.2)
        assert b"408" in everything(first)
        second.sendall(b"x" * 1000)
        assert b"200 OK" in answer_of(second)


@pytest.mark.parametrize("asks", [b"", b"Expect: 100-continue\r\n"])
def test_a_body_that_is_too_large_is_answered_by_the_site_before_it_comes(site: Site, asks: bytes) -> None:
    with site.call() as caller:
        caller.sendall(post(10 * LARGEST).replace(b"\r\n\r\n", b"\r\n" + asks + b"\r\n"))
        said = everything(caller)
    assert said.startswith(b"HTTP/1.1 413")
    assert site.seen == [("/", 10 * LARGEST, 0)]


def test_who_reads_the_answer_only_after_sending_all_of_it_reads_it(site: Site) -> None:
    with site.call() as caller:
        caller.sendall(post(10 * LARGEST) + b"GET /evil HTTP/1.1\r\n\r\n")
        for _ in range(10):
            caller.sendall(b"x" * LARGEST)
        assert everything(caller).startswith(b"HTTP/1.1 413")
    assert [path for path, _, _ in site.seen] == ["/"], "a body is no request"


def test_who_goes_on_sending_what_nobody_wants_is_ended(site: Site) -> None:
    with site.call() as caller:
        caller.sendall(post(10**12))
        assert trickle(caller, b"x" * 1000, 0.05) < LONG


def test_a_chunked_body_that_grows_too_large(site: Site) -> None:
    with site.call() as caller:
        caller.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(40):
            caller.sendall(b"2710\r\n" + b"x" * 10_000 + b"\r\n")
        assert everything(caller).startswith(b"HTTP/1.1 413")
    assert site.seen[0][1] > LARGEST
    assert site.seen[0][2] == 0


def test_who_does_not_read_an_answer_holds_no_thread_and_is_ended() -> None:
    with serving(threads=1) as site, site.call() as reader:
        reader.sendall(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert site.get() == b"ok\n"
        until = time.monotonic() + LONG
        while site.server.active_channels:
            assert time.monotonic() < until
            time.sleep(0.02)
        assert len(everything(reader)) < 40_000_000


def test_what_a_proxy_says_reaches_the_site_which_knows_whether_to_believe_it(site: Site) -> None:
    with site.call() as caller:
        caller.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 192.0.2.7\r\n\r\n")
        assert b"200 OK" in answer_of(caller)
    assert site.asked == [("127.0.0.1", "192.0.2.7")]


def test_there_are_files_for_as_many_connections_as_are_taken() -> None:
    fitting = connections_that_fit()
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert 1 <= fitting <= Patience().connections
    assert soft == resource.RLIM_INFINITY or 2 * fitting < soft


def test_a_fault_of_ours_with_one_connection_leaves_the_others(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_given: Any) -> None:
        raise RuntimeError("of the lobby")

    with monkeypatch.context() as patched:
        patched.setattr(site.server.lobby, "welcome", fail)
        patched.setattr(site.server.lobby, "look", fail)
        site.get()
        time.sleep(0.2)
    assert "of the lobby" in caplog.text
    assert site.get() == b"ok\n"


def test_a_stop_waits_for_what_is_answered_and_ends_what_is_not_whole() -> None:
    with serving() as site, asking(site, 1) as whole, site.call() as half:
        half.sendall(b"GET / HTTP")
        site.server.stop()
        assert everything(half) == b""
        site.going_on.set()
        assert b"200 OK" in answer_of(whole)
        with pytest.raises(ConnectionError):
            site.call()


def test_two_servers_on_one_socket(site: Site) -> None:
    other = Site.__new__(Site)
    other.seen, other.asked, other.going_on = [], [], threading.Event()
    second = Server(other._answer, site.listening.dup(), 1, SHORT)
    thread = threading.Thread(target=second.run)
    thread.start()
    try:
        for _ in range(50):
            assert site.get() == b"ok\n"
        site.server.stop()
        time.sleep(0.3)
        assert site.get() == b"ok\n"
        assert other.seen
        assert len(site.seen) + len(other.seen) == 51
    finally:
        second.stop()
        thread.join(LONG)


def test_each_answer_is_one_line_without_a_secret_and_without_a_trick(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "grader.access")
    asked = {
        "GET /mine?token=geheim": "GET /mine 200 3",
        "GET /link/geheim": "GET /link/- 200 3",
        "GET //LINK/geheim/x": "GET //LINK/- 200 3",
        "GET /a%0a2026%20INFO%20fake%1b[2J%e2%80%ae": "GET /a%0A2026%20INFO%20fake%1B%5B2J%E2%80%AE 200",
        "GET /broken": "GET /broken 500",
        "POST /" + "x" * 4000: "POST /" + "x" * 199 + " 200 3",
    }
    with serving() as site:
        for request in asked:
            with closing(site.call()) as line:
                line.sendall(f"{request} HTTP/1.0\r\nContent-Length: 0\r\n\r\n".encode())
                while line.recv(65536):
                    pass
        with closing(site.call()) as line:
            line.sendall(b"GET / HTTP/1.0\r\nContent-Length: geheim\r\n\r\n")
            while line.recv(65536):
                pass
    lines = [record.getMessage() for record in caplog.records if record.name == "grader.access"]
    assert len(lines) == len(asked) + 1
    for told, expected in zip(lines, asked.values(), strict=False):
        assert told.startswith(expected), told
        assert len(told.split()) == 6
        assert told.isascii()
        assert told.isprintable()
    assert lines[0].endswith("ms 01ADA")
    assert lines[1].endswith("ms -")
    assert " 400 " in lines[-1]
    assert not any("geheim" in told for told in lines)
