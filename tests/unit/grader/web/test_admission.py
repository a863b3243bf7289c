"""What never gets as far as a page: other hosts, large bodies, long fields, deep JSON, odd characters."""

from __future__ import annotations

import gc
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from grader.settings import load_settings
from grader.web import HARD_CAP_BYTES, create_app
from grader.web.admission import SMALL_BODY, TAKES_FILES, largest_body
from grader.web.current import EXTENSION

School = Any

# Werkzeug leaves the temporary files of a form that it gives up to the garbage collector, which deletes them.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(autouse=True, scope="module")
def _collected() -> Iterator[None]:
    yield
    gc.collect()


@pytest.fixture(scope="module")
def named_site(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """A server that knows its name."""
    folder = tmp_path_factory.mktemp("named")
    return create_app(load_settings({}, data_dir=folder, public_url="https://grader.example.edu"))


@pytest.fixture
def public(school: School, named_site: Flask) -> FlaskClient:
    """A browser at it."""
    named_site.extensions[EXTENSION] = school.parts
    return named_site.test_client()


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("grader.example.edu", 200), ("grader.example.edu:443", 200), ("GRADER.example.edu", 200), ("127.0.0.1:8000", 200),
        ("evil.example", 400), ("grader.example.edu.evil.example", 400), ("evil.example:443", 400),
        ("x.grader.example.edu", 400), ("", 400), ("a b", 400),
    ],
)  # fmt: skip
def test_only_our_own_name_is_answered(public: FlaskClient, host: str, status: int) -> None:
    answer = public.get("/sign-in", headers={"Host": host})
    assert answer.status_code == status
    assert "evil" not in answer.text


@pytest.mark.parametrize("address", ["", "http://0.0.0.0:8000", "http://127.0.0.1:8000", "http://[::1]:8000"])
def test_without_a_name_of_its_own_a_server_answers_to_any(school: School, address: str) -> None:
    """`grader serve` guesses its address from the socket; a proxy in front may use another."""
    client = create_app(replace(school.parts.settings, public_url=address), school.parts).test_client()
    assert client.get("/sign-in", headers={"Host": "grader.local:8000"}).status_code == 200


def test_orchestrators_ask_for_health_by_any_name(public: FlaskClient) -> None:
    assert public.get("/health/alive", headers={"Host": "10.1.2.3:8000"}).status_code == 200


def test_a_forwarded_host_is_believed_of_a_trusted_proxy_alone_and_must_be_ours(school: School) -> None:
    for proxies, status in ((0, 200), (1, 400)):
        settings = replace(
            school.parts.settings, public_url="https://grader.example.edu", trusted_proxies=proxies
        )
        client = create_app(settings, school.parts).test_client()
        headers = {"Host": "grader.example.edu", "X-Forwarded-Host": "evil.example"}
        assert client.get("/sign-in", headers=headers).status_code == status


def test_strangers_send_little(app: Flask, client: Any) -> None:
    """Every route that takes a body, from the map of routes; nobody who is not signed in fills a disk."""
    for rule in app.url_map.iter_rules():
        if "POST" not in rule.methods or rule.endpoint in {*TAKES_FILES, "webhooks_in.receive"}:
            continue
        path = re.sub(r"<[^>]+>", "x", rule.rule)
        body = b'{"email": "' + b"x" * SMALL_BODY + b'"}'
        answer = client.post(path, data=body, content_type="application/json")
        if path == "/csp-report":  # it takes what it gets, and drops it
            assert (
                answer.status_code == client.post(path, data={"email": "x" * SMALL_BODY}).status_code == 204
            )
            continue
        assert answer.status_code in {400, 401, 413}, path
        if path.startswith("/api/v1/login"):
            assert answer.status_code == 413
        form = client.post(path, data={"email": "x" * SMALL_BODY})
        assert form.status_code in {401, 413}, path
    answer = client.post("/courses/keras/dense", data={"source": "x" * SMALL_BODY})
    assert answer.headers["Location"].startswith("/sign-in")


def test_a_body_over_the_hard_cap_is_a_413(browser: Any, callers: Any) -> None:
    browser.sign_in("ada")
    big = io.BytesIO(b"#" * (HARD_CAP_BYTES + 1))
    assert browser.post("/courses/keras/dense", file=(big, "a.py")).status_code == 413
    big = io.BytesIO(b"#" * (HARD_CAP_BYTES + 1))
    answer = callers["ada"].post("/submissions", data={"assignment": "dense", "file": (big, "a.py")})
    assert (answer.status_code, answer.mimetype) == (413, "application/problem+json")


def test_a_length_that_was_not_told_is_counted(callers: Any) -> None:
    body = b'{"assignment": "dense", "source": "' + b"x" * HARD_CAP_BYTES + b'"}'
    answer = callers["ada"].post(
        "/submissions",
        input_stream=io.BytesIO(body),
        content_type="application/json",
        environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )
    assert answer.status_code == 413


def test_files_below_the_cap_get_their_report(callers: Any) -> None:
    answer = callers["ada"].post("/submissions", json={"assignment": "dense", "source": "#" * 300_000})
    assert answer.status_code == 202
    assert callers["ada"].get(f"/submissions/{answer.json['id']}").json["report"]["reason"] == "bad_upload"


def test_a_form_has_few_parts_and_short_fields(browser: Any) -> None:
    browser.sign_in("ada")
    many = {f"field{number}": (io.BytesIO(b"x"), "x") for number in range(30)}
    assert browser.post("/courses/keras/dense", **many).status_code == 413
    assert browser.post("/courses/keras/dense", source="x = 1", once="y" * 5000).status_code == 413
    assert browser.post("/join", form_at="/", code="z" * 5000).status_code == 413


@pytest.mark.parametrize("path", ["/submissions/%00", "/link/a%00b", "/courses/keras/dense%00"])
def test_no_address_has_nul(browser: Any, path: str) -> None:
    browser.sign_in("ada")
    assert browser.client.get(path).status_code == 400


def test_a_search_is_made_without_nul(app: Flask) -> None:
    with app.test_request_context("/?search=a%00b&search=c&page=1"):
        app.preprocess_request()
        assert request.args.getlist("search") == ["ab", "c"]


def test_no_field_has_nul_but_code_is_told_so_in_a_report(browser: Any) -> None:
    browser.sign_in("ada")
    assert browser.post("/join", form_at="/", code="a\0b").status_code == 400
    answer = browser.post("/courses/keras/dense", source="x = '\0'")
    assert "characters that no Python text has" in browser.client.get(answer.location).text


def test_an_address_is_no_novel(client: Any) -> None:
    assert client.get("/sign-in?next=/" + "x" * 9000).status_code == 414


DEEP = "[" * 100_000


@pytest.mark.parametrize(
    "body",
    [
        DEEP, '{"email":' * 50_000, '{"email": "a", "password": [["x"]]}', '{"email": {"a": 1}, "password": "x"}',
        '{"email": "\\ud800", "password": "x"}', '{"email": "a\\u0000", "password": "x"}', '{"email": NaN}', "[]", "1", '"x"',
        "{", '{"email": "a", "password": "x", "\\udfff": 1}', '{"email": 1' + "0" * 5000 + "}", '{"email": 1}', "null",
    ],
    ids=lambda body: body[:24],
)  # fmt: skip
def test_strange_json_is_refused_and_never_an_error_of_ours(
    client: Any, callers: Any, school: School, body: str
) -> None:
    saved = school.hand_in("ada")
    for call, path in (
        (client.post, "/api/v1/login"),
        (callers["ada"].post, "/submissions"),
        (callers["ada"].post, "/tokens"),
        (callers["tess"].post, f"/submissions/{saved.id}/regrade"),
    ):
        answer = call(path, data=body, content_type="application/json")
        assert answer.status_code in {201, 409, 413, 422}, (path, answer.text)
        assert answer.mimetype in {"application/problem+json", "application/json"}


def test_half_a_character_in_code_gets_a_report_and_in_a_name_a_refusal(callers: Any) -> None:
    send = callers["ada"].post
    code = send(
        "/submissions", data='{"assignment": "dense", "source": "\\ud800"}', content_type="application/json"
    )
    assert code.status_code == 202
    name = json.dumps({"assignment": "dense", "source": "x", "file_name": "\ud800"})
    assert send("/submissions", data=name, content_type="application/json").status_code == 422


def test_a_file_name_is_kept_without_its_tricks(callers: Any, school: School) -> None:
    name = "a\x1b[2J\u202eyp.py" + "x" * 500
    saved = callers["ada"].post(
        "/submissions", json={"assignment": "dense", "source": "x", "file_name": name}
    )
    kept = school.parts.store.get(saved.json["id"]).file_name
    assert kept.startswith("a␛[2J\ufffdyp.py")
    assert len(kept) == 200


@pytest.mark.parametrize("page", ["99999999999999999999999", "-1", "0", "1e9", "９"])
def test_pages_beyond_every_list_are_empty_or_the_first(callers: Any, page: str) -> None:
    assert callers["tess"].get(f"/submissions?page={page}&page_size={page}").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "most"),
    [
        ("POST", "/api/v1/submissions", 25 * 1024 * 1024),
        ("POST", "/courses/keras/dense", 25 * 1024 * 1024),
        ("POST", "/webhooks/lms/campus", 1024 * 1024),
        ("POST", "/sign-in", 64 * 1024),
        ("GET", "/courses/keras/dense", 64 * 1024),
        ("POST", "/nothing/is/here", 64 * 1024),
        ("PATCH", "/api/v1/submissions", 64 * 1024),
        ("POST", "/courses/k\xc3\xa9ras/dense", 25 * 1024 * 1024),
        ("POST", "/\xff", 64 * 1024),
    ],
)
def test_the_server_waits_for_no_more_than_an_address_takes(
    site: Flask, method: str, path: str, most: int
) -> None:
    assert largest_body(site, method, path) == most
