"""`grader webhook` against a real folder and a real receiver."""

from __future__ import annotations

import http.server
import re
import shutil
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from standardwebhooks.webhooks import Webhook

from grader.cli import cli
from grader.db.columns import utc_now
from grader.services.ports import NewSubmission, Upload
from grader.settings import load_settings
from grader.wiring import Wiring


@pytest.fixture
def run(school_template: tuple[Path, str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`grader …` on one data folder with the courses of the small school."""
    shutil.copy(school_template[0], tmp_path / "grader.db")
    for name in ("GRADER_DATABASE_URL", "GRADER_BROKER_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GRADER_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("GRADER_PUBLIC_URL", "https://grader.example.edu/")
    monkeypatch.setenv("GRADER_WEBHOOK_ALLOW_PRIVATE", "127.0.0.0/8")

    def call(*arguments: str) -> Result:
        return CliRunner().invoke(cli, list(arguments))

    return call


@pytest.fixture
def own_parts(tmp_path: Path) -> Iterator[Wiring]:
    parts = Wiring(load_settings({}, data_dir=tmp_path))
    yield parts
    parts.database.close()


def secret_in(text: str) -> str:
    found = re.search(r"shown only now: (whsec_\S+)", text)
    assert found is not None, text
    return found[1]


def test_a_source_from_add_to_remove(run: Any, own_parts: Wiring, monkeypatch: pytest.MonkeyPatch) -> None:
    added = run("webhook", "source", "add", "keras", "campus-lms")
    assert "https://grader.example.edu/webhooks/lms/campus-lms" in added.output
    first = secret_in(added.output)
    assert run("webhook", "source", "add", "keras", "campus-lms").exit_code == 2
    second = secret_in(run("webhook", "source", "rotate", "campus-lms").output)
    source = own_parts.sources.source("campus-lms", utc_now())
    assert source is not None
    assert source.secrets == (second, first)
    assert run("webhook", "source", "map", "campus-lms", "48151", "dense").exit_code == 0
    assert own_parts.sources.assignment_for(source.id, "48151") == "dense"
    assert run("webhook", "source", "map", "campus-lms", "48151", "nonsense").exit_code == 2
    listed = run("webhook", "source", "list").output
    assert listed.split("\t")[:2] == ["campus-lms", "keras"]
    assert listed.endswith("\thttps://grader.example.edu/webhooks/lms/campus-lms\n")
    assert "whsec_" not in listed
    monkeypatch.delenv("GRADER_PUBLIC_URL")
    unknown = run("webhook", "source", "list").output
    assert unknown.endswith("\t(GRADER_PUBLIC_URL is not set)/webhooks/lms/campus-lms\n")
    assert run("webhook", "source", "remove", "campus-lms").exit_code == 0
    assert run("webhook", "source", "list").output == ""


@pytest.mark.parametrize(
    "words",
    [
        ("source", "add", "nowhere", "campus"),
        ("source", "add", "keras", "Campus LMS"),
        ("source", "rotate", "campus"),
        ("source", "remove", "campus"),
        ("source", "map", "campus", "1", "traffic-dense"),
        ("endpoint", "add", "nowhere", "https://127.0.0.1/"),
        ("endpoint", "add", "keras", "http://10.0.0.1/"),
        ("endpoint", "add", "keras", "https://10.0.0.1/"),
        ("endpoint", "add", "keras", "file:///etc/passwd"),
        ("endpoint", "rotate", "x"),
        ("endpoint", "enable", "x"),
        ("endpoint", "disable", "x"),
        ("endpoint", "remove", "x"),
        ("endpoint", "test", "x"),
    ],
)
def test_wrong_usage(run: Any, words: tuple[str, ...]) -> None:
    result = run("webhook", *words)
    assert result.exit_code == 2, result.output
    assert "Error" in result.output


class Answering(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((dict(self.headers), body))  # type: ignore[attr-defined]
        self.send_response(int(self.path.strip("/")))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Any]:
    server: Any = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.got = []
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_an_endpoint_from_add_to_remove(run: Any, own_parts: Wiring, receiver: Any) -> None:
    added = run("webhook", "endpoint", "add", "keras", f"http://127.0.0.1:{receiver.server_port}/204")
    assert added.exit_code == 0, added.output
    endpoint = re.findall(r"Endpoint: (\S+)", added.output)[0]
    tested = run("webhook", "endpoint", "test", endpoint)
    assert (tested.exit_code, tested.output) == (0, "The endpoint answered 204.\n")
    headers, body = receiver.got[0]
    assert Webhook(secret_in(added.output)).verify(body, headers)["type"] == "webhook.test"
    rotated = secret_in(run("webhook", "endpoint", "rotate", endpoint).output)
    run("webhook", "endpoint", "test", endpoint)
    headers, body = receiver.got[1]
    assert Webhook(rotated).verify(body, headers)["data"] == {"endpoint_id": endpoint}
    assert run("webhook", "endpoint", "list").output.startswith(f"{endpoint}\tkeras\thttp://127.0.0.1:")
    disabled = run("webhook", "endpoint", "disable", endpoint).output
    assert disabled == f"{endpoint} is off. Grades that stay owed: 0.\n"
    assert "off: An operator has switched it off." in run("webhook", "endpoint", "list").output
    assert run("webhook", "endpoint", "enable", endpoint).exit_code == 0
    assert "\ton\n" in run("webhook", "endpoint", "list").output
    assert run("webhook", "endpoint", "remove", endpoint).exit_code == 0
    assert run("webhook", "endpoint", "list").output == ""


def test_who_was_off_is_sent_what_it_is_owed_or_everybodys_newest(
    run: Any, own_parts: Wiring, receiver: Any, make_report: Any
) -> None:
    """Ada's grade is from before the endpoint, Bob's from while it was off."""
    course = own_parts.courses.course("keras")
    assert course is not None
    now = utc_now() - timedelta(seconds=5)

    def grade(who: str) -> None:
        student = own_parts.accounts.store.user_by_email(f"{who}@example.edu")
        assert student is not None
        upload = Upload(student.id, course.id, "dense", b"x = 1\n")
        own_parts.store.add(NewSubmission(upload, "v", "x = 1\n", now), make_report())

    grade("ada")
    url = f"http://127.0.0.1:{receiver.server_port}/204"
    endpoint = re.findall(r"Endpoint: (\S+)", run("webhook", "endpoint", "add", "keras", url).output)[0]
    run("webhook", "endpoint", "disable", endpoint)
    grade("bob")
    assert run("webhook", "endpoint", "disable", endpoint).output.endswith("stay owed: 1.\n")
    assert "\towed: 1\toff: " in run("webhook", "endpoint", "list").output
    on = run("webhook", "endpoint", "enable", endpoint).output
    assert "Grades to send: 1." in on
    assert f"enable {endpoint} --everybody" in on
    assert "Grades to send: 2." in run("webhook", "endpoint", "enable", endpoint, "--everybody").output
    assert "\towed: 2\ton" in run("webhook", "endpoint", "list").output


def test_a_test_that_fails_says_so_and_switches_nothing_off(
    run: Any, own_parts: Wiring, receiver: Any
) -> None:
    added = run("webhook", "endpoint", "add", "keras", f"http://127.0.0.1:{receiver.server_port}/410")
    endpoint = re.findall(r"Endpoint: (\S+)", added.output)[0]
    tested = run("webhook", "endpoint", "test", endpoint)
    assert tested.exit_code == 1
    assert "410 instead of 2xx" in tested.output
    known = own_parts.endpoints.endpoint(endpoint, utc_now())
    assert known is not None
    assert known.enabled


def test_help_has_examples(run: Any) -> None:
    for words in ((), ("source", "add"), ("endpoint", "test")):
        assert "grader webhook" in run("webhook", *words, "--help").output
