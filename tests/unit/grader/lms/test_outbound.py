"""No request may end inside our own network, however its address is spelled; and what comes back is bounded."""

from __future__ import annotations

import http.server
import ipaddress
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar

import pytest

from grader.lms.outbound import Sender, SendFailed, UrlRefused, is_public, read_networks, system_resolver

LOOPBACK = read_networks("127.0.0.0/8")


def fixed(*addresses: str) -> Callable[[str, int], Sequence[str]]:
    return lambda _host, _port: addresses


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.1", "0x7f000001", "2130706433", "0177.0.0.1", "[::ffff:127.0.0.1]", "localhost", "[::1]",
        "0.0.0.0", "0", "[::]", "169.254.169.254", "10.0.0.1", "192.168.1.1", "172.16.0.1", "100.64.0.1",
        "[fd00:ec2::254]", "[fe80::1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "224.0.0.1", "255.255.255.255",
        "[::7f00:1]", "[::ffff:7f00:1]", "[::ffff:0:7f00:1]", "LOCALHOST", "127.0.0.1.",
    ],
)  # fmt: skip
def test_no_spelling_reaches_the_inside(host: str) -> None:
    with pytest.raises(UrlRefused):
        Sender().check(f"https://{host}/hook")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "169.254.169.254", "100.64.0.1", "100.127.255.255", "0.0.0.0", "255.255.255.255",
        "224.0.0.1", "239.1.1.1", "240.0.0.1", "192.0.2.1", "198.18.0.1", "192.88.99.1", "168.63.129.16",
        "::1", "::", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "::ffff:10.0.0.1",
        "64:ff9b::8.8.8.8", "64:ff9b:1::1", "2002:808:808::", "2001::1", "2001:db8::1", "3fff::1", "::127.0.0.1",
        "::ffff:0:127.0.0.1", "5f00::1", "100::1",
    ],
)  # fmt: skip
def test_what_is_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "2a00:1450::1"]
)
def test_what_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


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


class Receiver(http.server.BaseHTTPRequestHandler):
    """Answers as the path says and remembers what it got."""

    got: ClassVar[list[tuple[str, str | None, bytes]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Receiver.got.append((self.path, self.headers["Host"], body))
        if self.path == "/slow":
            for _ in range(200):
                self.wfile.write(b"H")
                time.sleep(0.05)
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
    yield server.server_port
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


def test_who_drips_bytes_is_cut_off(port: int) -> None:
    """Each byte comes in time; all of them together do not."""
    with pytest.raises(SendFailed, match="in time"):
        Sender(LOOPBACK, timeout=0.5).post(f"http://127.0.0.1:{port}/slow", b"{}", {})


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
        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        sender = Sender(LOOPBACK, timeout=0.5, resolve=fixed("127.0.0.1"))
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
    yield server.server_port
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
