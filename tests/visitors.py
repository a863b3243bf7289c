"""The real app around the small school."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from grader.db.columns import utc_now
from grader.settings import load_settings
from grader.web import create_app
from grader.web.current import EXTENSION

PASSWORD = "a long enough password"


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """Routes and templates, compiled once for all tests."""
    return create_app(load_settings({}, data_dir=tmp_path_factory.mktemp("site")))


@pytest.fixture
def app(school: Any, site: Flask) -> Iterator[Flask]:
    """The site of the small school; what a test sets in its `config` is gone after it."""
    config = dict(site.config)
    site.extensions[EXTENSION] = school.parts
    yield site
    site.config.clear()
    site.config.update(config)


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address of a real server on a free port of loopback, which ends with the block."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser."""
    return app.test_client()


class Caller:
    """Somebody with a bearer token."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self._client = client
        self._headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str) -> Any:
        return self._client.get(f"/api/v1{path}", headers=self._headers)

    def post(self, path: str, headers: dict[str, str] | None = None, **more: Any) -> Any:
        return self._client.post(f"/api/v1{path}", headers=self._headers | (headers or {}), **more)


@pytest.fixture
def callers(app: Flask, school: Any) -> dict[str, Caller]:
    """A caller for everybody."""
    accounts = school.parts.accounts
    return {
        name: Caller(app.test_client(), accounts.issue_token(user, "t", utc_now())[0])
        for name, user in school.ids.items()
    }


def token_in(page: str) -> str:
    """The CSRF token of a page's form."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


class Browser:
    """Fills in forms as a person would."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def post(self, path: str, form_at: str | None = None, **fields: str) -> Any:
        page = self.client.get(form_at or path)
        return self.client.post(path, data=fields | {"csrf_token": token_in(page.text)})

    def sign_in(self, who: str, password: str = PASSWORD, **more: str) -> Any:
        return self.post("/sign-in", email=f"{who}@example.edu", password=password, **more)


@pytest.fixture
def browser(client: FlaskClient) -> Browser:
    """A person at a browser."""
    return Browser(client)
