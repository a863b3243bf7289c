"""The servers that tests have: an open port alone is not yet one."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from tests.servers import answers_as_postgres, answers_as_redis

pytestmark = pytest.mark.services


@pytest.fixture
def refusing_port() -> Iterator[int]:
    """A port where everybody is let in and sent away, as PostgreSQL does while it starts."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_refuse, args=(server,), daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def _refuse(server: socket.socket) -> None:
    while True:
        try:
            server.accept()[0].close()
        except OSError:
            return


def test_an_open_port_is_not_yet_a_server(refusing_port: int) -> None:
    assert not answers_as_postgres(f"postgresql+psycopg://grader@127.0.0.1:{refusing_port}")
    assert not answers_as_redis(f"redis://127.0.0.1:{refusing_port}/0")


def test_a_server_that_has_started_answers(postgres: str, redis_url: str) -> None:
    assert answers_as_postgres(postgres)
    assert answers_as_redis(redis_url)
