"""No request may end inside our own network, however its address is spelled; and what comes back is bounded."""

from __future__ import annotations

import http.server
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, ClassVar

import pytest

from grader.lms.addresses import read_networks
from grader.lms.names import system_resolver
from grader.lms.outbound import Sender, SendFailed, UrlRefused

LOOPBACK = read_networks("127.0.0.0/8")


def fixed(*addresses: str) -> Callable[[str, int], Sequence[str]]:
    return lambda _host, _port: addresses


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.1", "0x7f000001", "2130706433", "0177.0.0.1", "[::ffff:127.0.0.1]", "localhost", "[::1]",
        "0.0.0.0", "0", "[::]", "169.254.169.254", "10.0.0.1", "192.168.1.1", "172.16.0.1", "100.64.0.1",
        "[fd00:ec2::254]", "[fe80::1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "224.0.0.1", "255.255.255.255",
        "[::7f00:1]", "192.0.0.8", "[::ffff:192.0.0.192]", "[64:ff9b::c000:c0]", "[::ffff:7f00:1]", "[::ffff:0:7f00:1]", "LOCALHOST", "127.0.0.1.",
    ],
)  # fmt: skip
def test_no_spelling_reaches_the_inside(host: str) -> None:
    with pytest.raises(UrlRefused):
        Sender().check(f"https://{host}/hook")


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(UrlRefused):
        Sender(resolve=fixed("8.8.8.8", "10.0.0.1")).check("https://example.org/")
    target = Sender(resolve=fixed("8.8.8.8", "1.1.1.1")).check("https://example.org/a?b=c")
    assert (target.addresses, target.path, target.port) == (("8.8.8.8", "1.1.1.1"), "/a?b=c", 443)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/", "ftp://example.org/", "file:///etc/passwd", "https://", "https:///x", "example.org",
        "https://user@example.org/", "https://user:pw@example.org/", "https://@example.org/",
        "https://example.org:99999/", "https://example.org:x/", "https://example.org:22/", "https://example.org:0x1bb/",
        "https://exämple.org/", "https://example.org/\r\nX: y", "https://example.org\\@127.0.0.1/", "https://a b/",
        "https://[::1", "https://[fe80::1%25eth0]/", "https://127.0.0.1%2f@example.org/", "https://x/" + "y" * 2000,
    ],
)  # fmt: skip
def test_odd_addresses_are_refused(url: str) -> None:
    with pytest.raises(UrlRefused):
        Sender(resolve=fixed("8.8.8.8")).check(url)


def test_a_resolver_that_fails_or_knows_nothing_refuses() -> None:
    def fails(_host: str, _port: int) -> Sequence[str]:
        raise OSError

    for resolve in (fails, fixed(), fixed("nonsense")):
        with pytest.raises(UrlRefused):
            Sender(resolve=resolve).check("https://example.org/")


def test_http_only_into_networks_that_were_allowed() -> None:
    sender = Sender(LOOPBACK)
    assert sender.check("http://127.0.0.1:8080/").addresses == ("127.0.0.1",)
    assert sender.check("https://[::ffff:127.0.0.1]/").addresses == ("127.0.0.1",)
    with pytest.raises(UrlRefused):
        sender.check("http://10.0.0.1/")
    with pytest.raises(UrlRefused):
        Sender(LOOPBACK, resolve=fixed("127.0.0.1", "8.8.8.8")).check("http://example.org/")
    with pytest.raises(ValueError, match="nonsense"):
        read_networks("10.0.0.0/8, nonsense")


DRIPS = {
    "/status": (b"", b"H"),
    "/headers": (b"HTTP/1.1 200 OK\r\n", b"x"),
    "/more-headers": (b"HTTP/1.1 200 OK\r\n", b"x: y\r\n"),
    "/continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "/body": (b"HTTP/1.0 200 OK\r\n\r\n", b"x"),
    "/body-1.1": (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", b"x"),
    "/long-body": (b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n", b"x"),
    "/chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    "/silent-body": (b"HTTP/1.0 200 OK\r\n\r\n", b""),
}
"""How an answer begins, and what then comes again and again."""


class Receiver(http.server.BaseHTTPRequestHandler):
    """Answers as the path says and remembers what it got."""

    got: ClassVar[list[tuple[str, str | None, bytes]]] = []
    over: ClassVar[threading.Event] = threading.Event()

    def drip(self, start: bytes, byte: bytes = b"x") -> None:
        """A byte now and then, until the test is over or the sender goes away; an hour at most."""
        self.wfile.write(start)
        for _ in range(72_000):
            self.wfile.write(byte)
            if Receiver.over.wait(0.05):
                return

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Receiver.got.append((self.path, self.headers["Host"], body))
        if self.path in DRIPS:
            self.drip(*DRIPS[self.path])
            return
        if self.path == "/endless":
            self.send_response(200)
            self.end_headers()
            for _ in range(4096):
                self.wfile.write(b"x" * 4096)
            return
        self.send_response(int(self.path.strip("/")))
        self.send_header("Location", "/200")
        self.send_header("Retry-After", "7")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_arguments: Any) -> None:
            pass  # clients here go away in the middle, on purpose

    server = Server(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    Receiver.got.clear()
    Receiver.over.clear()
    yield server.server_port
    Receiver.over.set()
    server.shutdown()
    server.server_close()


def test_a_post_arrives_under_its_own_name(port: int) -> None:
    sender = Sender(LOOPBACK, resolve=fixed("127.0.0.1"))
    answer = sender.post(f"http://lms.example:{port}/200", b"{}", {"X": "y"})
    assert (answer.status, answer.retry_after) == (200, "7")
    assert Receiver.got == [("/200", f"lms.example:{port}", b"{}")]


def test_redirects_are_not_followed(port: int) -> None:
    assert Sender(LOOPBACK).post(f"http://127.0.0.1:{port}/302", b"{}", {}).status == 302
    assert len(Receiver.got) == 1


def test_proxies_of_the_environment_are_not_used(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert Sender(LOOPBACK).post(f"http://127.0.0.1:{port}/204", b"{}", {}).status == 204


def test_a_name_that_moves_inside_between_two_looks_reaches_nothing(port: int) -> None:
    """DNS rebinding: the name is public when the endpoint is saved, and ours when it is used."""
    answers = iter([["8.8.8.8"], ["127.0.0.1"], ["127.0.0.1"]])
    sender = Sender(resolve=lambda _host, _port: next(answers))
    sender.check(f"https://lms.example:{port}/200")
    with pytest.raises(UrlRefused):
        sender.post(f"https://lms.example:{port}/200", b"{}", {})
    assert Receiver.got == []


def test_one_send_resolves_once_and_connects_to_what_was_checked(port: int) -> None:
    looked: list[str] = []

    def resolve(host: str, _port: int) -> Sequence[str]:
        looked.append(host)
        return ["127.0.0.1"] if len(looked) == 1 else ["10.255.255.1"]

    assert Sender(LOOPBACK, resolve=resolve).post(f"http://lms.example:{port}/200", b"{}", {}).status == 200
    assert looked == ["lms.example"]


def test_a_receiver_without_tls_gets_nothing_by_https(port: int) -> None:
    with pytest.raises(SendFailed):
        Sender(LOOPBACK, resolve=fixed("127.0.0.1")).post(f"https://lms.example:{port}/200", b"{}", {})
    assert Receiver.got == []


@pytest.mark.parametrize("path", DRIPS)
def test_who_drips_bytes_is_cut_off(port: int, path: str) -> None:
    """Each byte comes in time; all of them together do not. Without the limit each of these lasts for minutes."""
    begun = time.monotonic()
    with pytest.raises(SendFailed, match="in time"):
        Sender(LOOPBACK, timeout=0.4).post(f"http://127.0.0.1:{port}{path}", b"{}", {})
    assert time.monotonic() - begun < 20


def test_an_answer_that_has_no_length_and_comes_in_time_counts(port: int) -> None:
    assert Sender(LOOPBACK).post(f"http://127.0.0.1:{port}/endless", b"{}", {}).status == 200


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_who_says_nothing_is_cut_off(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        sender = Sender(LOOPBACK, timeout=0.4, resolve=fixed("127.0.0.1"))
        with pytest.raises(SendFailed, match="in time"):
            sender.post(f"{scheme}://lms.example:{listener.getsockname()[1]}/", b"{}", {})


def test_who_cannot_be_reached_in_time_is_given_up() -> None:
    """A queue that is full lets nobody in; the addresses share one limit."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener, ExitStack() as full:
        port = listener.getsockname()[1]
        for _ in range(4):
            before_us = full.enter_context(socket.socket())
            before_us.setblocking(False)
            before_us.connect_ex(("127.0.0.1", port))
        sender = Sender(LOOPBACK, timeout=0.4, resolve=fixed("127.0.0.1", "127.0.0.2", "127.0.0.1"))
        with pytest.raises(SendFailed, match="in time"):
            sender.post(f"http://lms.example:{port}/", b"{}", {})


def test_a_name_that_is_not_found_in_time_is_given_up(port: int) -> None:
    over = threading.Event()

    def hangs(_host: str, _port: int) -> Sequence[str]:
        over.wait(60)
        return ["127.0.0.1"]

    with pytest.raises(UrlRefused, match="in time"):
        Sender(LOOPBACK, timeout=0.2, resolve=hangs).post(f"http://lms.example:{port}/200", b"{}", {})
    over.set()
    for thread in threading.enumerate():
        if thread.name == "resolve":
            thread.join(30)
    assert Receiver.got == []


def test_time_that_the_name_took_is_not_given_again(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock is read when a send begins and when it connects; the look-up took all the time there was."""
    clock = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])

    def slow(_host: str, _port: int) -> Sequence[str]:
        clock[0] += 16
        return ["127.0.0.1"]

    with pytest.raises(SendFailed, match="in time"):
        Sender(LOOPBACK, timeout=15, resolve=slow).post(f"http://lms.example:{port}/200", b"{}", {})
    assert Receiver.got == []


def test_who_drips_a_handshake_is_cut_off() -> None:
    def drip() -> None:
        try:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc")
                for _ in range(200):
                    connection.sendall(b"x")
                    time.sleep(0.05)
        except OSError:
            return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        sender = Sender(LOOPBACK, timeout=2.0, resolve=fixed("127.0.0.1"))
        with pytest.raises(SendFailed, match="in time"):
            sender.post(f"https://lms.example:{listener.getsockname()[1]}/", b"{}", {})
        thread.join(20)
    assert not thread.is_alive()


def test_an_endless_answer_is_not_read_to_its_end(port: int) -> None:
    assert Sender(LOOPBACK, timeout=10).post(f"http://127.0.0.1:{port}/endless", b"{}", {}).status == 200


def test_nobody_listens() -> None:
    with pytest.raises(SendFailed):
        Sender(LOOPBACK, timeout=2).post("http://127.0.0.1:1/", b"{}", {})


def test_the_system_resolver() -> None:
    assert "127.0.0.1" in system_resolver("127.1", 443)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for `lms.example`, in one file, made by the system's openssl."""
    path = tmp_path_factory.mktemp("tls") / "lms.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-days", "2", "-subj", "/CN=lms.example", "-addext", "subjectAltName=DNS:lms.example"),
            *("-keyout", path, "-out", path.with_suffix(".crt")),
        ],
        check=True,
        capture_output=True,
        timeout=60,
    )  # fmt: skip
    path.write_text(path.read_text() + path.with_suffix(".crt").read_text())
    return path


@pytest.fixture
def tls_port(certificate: Path) -> Iterator[int]:
    """A receiver with TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.handle_error = lambda *_arguments: None  # type: ignore[method-assign]
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    Receiver.got.clear()
    Receiver.over.clear()
    yield server.server_port
    Receiver.over.set()
    server.shutdown()
    server.server_close()


def test_tls_to_the_checked_ip_under_the_original_name(
    tls_port: int, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.with_suffix(".crt")))
    sender = Sender(LOOPBACK, timeout=5, resolve=fixed("127.0.0.1"))
    assert sender.post(f"https://lms.example:{tls_port}/200", b"{}", {}).status == 200
    assert [host for _, host, _ in Receiver.got] == [f"lms.example:{tls_port}"]
    with pytest.raises(SendFailed, match="CERTIFICATE"):
        sender.post(f"https://other.example:{tls_port}/200", b"{}", {})
    assert len(Receiver.got) == 1


def test_a_certificate_that_nobody_vouches_for_is_refused(tls_port: int) -> None:
    with pytest.raises(SendFailed, match="CERTIFICATE"):
        Sender(LOOPBACK, timeout=5, resolve=fixed("127.0.0.1")).post(
            f"https://lms.example:{tls_port}/200", b"", {}
        )
    assert Receiver.got == []


def test_a_limit_between_two_steps_leaves_no_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connected, and the time is over before anything is sent."""
    made: list[socket.socket] = []
    connect = socket.create_connection

    def slowly(*arguments: Any) -> socket.socket:
        made.append(connect(*arguments))
        time.sleep(0.3)
        return made[0]

    monkeypatch.setattr("grader.lms.pinned.socket.create_connection", slowly)
    late = threading.Timer
    monkeypatch.setattr("grader.lms.pinned.threading.Timer", lambda _seconds, end: late(3600, end))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        sender = Sender(LOOPBACK, timeout=0.2, resolve=fixed("127.0.0.1"))
        with pytest.raises(SendFailed):
            sender.post(f"http://lms.example:{listener.getsockname()[1]}/", b"{}", {})
    assert made[0].fileno() == -1
