from __future__ import annotations

from typing import Any

import pytest

PASSWORD = "a long enough password"


def login(client: Any, **body: Any) -> Any:
    return client.post("/api/v1/login", json=body)


def test_a_password_gives_a_token_and_that_another(client: Any) -> None:
    token = login(client, email="ADA@example.edu", password=PASSWORD).get_json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    answer = client.post("/api/v1/tokens", headers=headers, json={"label": "laptop"})
    assert answer.status_code == 201
    assert answer.get_json()["token"] != token
    assert client.get("/api/v1/assignments", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"email": "ada@example.edu", "password": "wrong"}, 401),
        ({"email": "nobody@example.edu", "password": PASSWORD}, 401),
        ({"email": "ada@example.edu"}, 422),
        ({"email": ["ada@example.edu"], "password": PASSWORD}, 422),
    ],
)
def test_anything_else_gives_none(client: Any, body: dict[str, Any], status: int) -> None:
    answer = login(client, **body)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")


def test_guessing_is_slowed_down(client: Any) -> None:
    statuses = [login(client, email="ada@example.edu", password="wrong").status_code for _ in range(9)]
    assert statuses[-1] == 429


def test_a_cookie_is_no_token(browser: Any) -> None:
    browser.sign_in("ada")
    assert browser.client.get("/api/v1/assignments").status_code == 401
