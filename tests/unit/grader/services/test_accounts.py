from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from argon2 import PasswordHasher

from grader.services.accounts import (
    LONGEST_PASSWORD,
    TRIES_PER_ACCOUNT_AND_ADDRESS,
    AccountError,
    Accounts,
    Purpose,
    Throttled,
    clean_email,
)
from grader.wiring import Wiring

PASSWORD = "a long enough password"
DAY = timedelta(days=1)


@pytest.fixture
def accounts(parts: Wiring) -> Accounts:
    parts.accounts.__dict__["_hasher"] = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    return parts.accounts


def test_a_password_fits_its_account_only(accounts: Accounts, now: datetime) -> None:
    user = accounts.create(" Ada@Example.EDU ", "Ada", password=PASSWORD)
    assert user.email == "ada@example.edu"
    assert accounts.verify("ADA@example.edu", PASSWORD, "a", now) == user
    for email, password in (
        ("ada@example.edu", "wrong"),
        ("bob@example.edu", PASSWORD),
        ("", ""),
        ("x" * 999, "x"),
    ):
        assert accounts.verify(email, password, "a", now) is None


def test_an_account_without_a_password_accepts_none(accounts: Accounts, now: datetime) -> None:
    accounts.create("ada@example.edu", "Ada")
    assert accounts.verify("ada@example.edu", "", "a", now) is None


@pytest.mark.parametrize("password", ["", "short", "x" * (LONGEST_PASSWORD + 1)])
def test_a_password_has_bounds(accounts: Accounts, password: str, now: datetime) -> None:
    with pytest.raises(AccountError, match="characters"):
        accounts.create("ada@example.edu", "Ada", password=password)
    accounts.create("ada@example.edu", "Ada", password=PASSWORD)
    assert accounts.verify("ada@example.edu", password, "a", now) is None


def test_an_address_is_taken_once(accounts: Accounts) -> None:
    accounts.create("ada@example.edu", "Ada")
    with pytest.raises(AccountError, match="already"):
        accounts.create("ADA@EXAMPLE.EDU", "Another")


@pytest.mark.parametrize("email", ["", "ada", "@x", "a@", "a b@c", "a@b\n", "<a@b>", "a" * 400 + "@b"])
def test_no_address(email: str) -> None:
    with pytest.raises(AccountError):
        clean_email(email + "," if email.endswith("\n") else email)


def test_guessing_is_slowed_down_for_that_address_only(accounts: Accounts, now: datetime) -> None:
    user = accounts.create("ada@example.edu", "Ada", password=PASSWORD)
    for _ in range(TRIES_PER_ACCOUNT_AND_ADDRESS):
        accounts.verify("ada@example.edu", "wrong", "attacker", now)
    with pytest.raises(Throttled):
        accounts.verify("ada@example.edu", PASSWORD, "attacker", now)
    assert accounts.verify("ada@example.edu", PASSWORD, "home", now) == user
    assert accounts.verify("ada@example.edu", PASSWORD, "attacker", now + timedelta(minutes=16)) == user


def test_unknown_accounts_cost_a_hash_and_are_throttled_as_well(accounts: Accounts, now: datetime) -> None:
    asked: list[str | None] = []

    class Counting(PasswordHasher):
        def verify(self, hashed: str | bytes, password: str | bytes) -> bool:
            asked.append(str(hashed))
            return super().verify(hashed, password)

    accounts.__dict__["_hasher"] = Counting(time_cost=1, memory_cost=64, parallelism=1)
    for _ in range(TRIES_PER_ACCOUNT_AND_ADDRESS):
        accounts.verify("nobody@example.edu", "x", "a", now)
    assert len(asked) == TRIES_PER_ACCOUNT_AND_ADDRESS
    with pytest.raises(Throttled):
        accounts.verify("nobody@example.edu", "x", "a", now)


def test_an_old_hash_is_made_new_at_sign_in(accounts: Accounts, now: datetime) -> None:
    accounts.create("ada@example.edu", "Ada", password=PASSWORD)
    old = accounts.store.user_with_hash("ada@example.edu")[1]
    accounts.__dict__["_hasher"] = PasswordHasher(time_cost=2, memory_cost=64, parallelism=1)
    assert accounts.verify("ada@example.edu", PASSWORD, "a", now) is not None
    new = accounts.store.user_with_hash("ada@example.edu")[1]
    assert old != new
    assert accounts.verify("ada@example.edu", PASSWORD, "a", now) is not None


def test_the_real_hasher_is_argon2id_with_enough_memory(
    parts: Wiring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.services.accounts.PasswordHasher", PasswordHasher)
    hasher = parts.accounts._hasher
    assert hasher.type.name == "ID"
    assert hasher.memory_cost >= 19 * 1024
    assert hasher.time_cost >= 2


def test_a_link_works_once(accounts: Accounts, now: datetime) -> None:
    user = accounts.create("ada@example.edu", "Ada")
    secret = accounts.issue_link(user.id, Purpose.RESET, now)
    assert accounts.peek_link(secret, now) == (user, Purpose.RESET)
    assert accounts.peek_link(secret, now + 2 * DAY) is None
    assert accounts.use_link(secret, now) == (user, Purpose.RESET)
    assert accounts.use_link(secret, now) is None
    assert accounts.use_link("nonsense", now) is None


def test_sessions_and_tokens_end(accounts: Accounts, now: datetime) -> None:
    user = accounts.create("ada@example.edu", "Ada")
    session, (token, expires) = accounts.start_session(user.id, now), accounts.issue_token(user.id, "t", now)
    assert accounts.session_user(session, now) == accounts.token_user(token, now) == user
    assert accounts.session_user(session, now + 15 * DAY) is None
    assert accounts.token_user(token, expires) is None
    accounts.end_session(session)
    assert accounts.session_user(session, now) is None


def test_a_new_password_ends_all_access(accounts: Accounts, now: datetime) -> None:
    user = accounts.create("ada@example.edu", "Ada", password=PASSWORD)
    session, (token, _) = accounts.start_session(user.id, now), accounts.issue_token(user.id, "t", now)
    link = accounts.issue_link(user.id, Purpose.SIGN_IN, now)
    accounts.set_password(user.id, "another long password")
    assert accounts.session_user(session, now) is None
    assert accounts.token_user(token, now) is None
    assert accounts.use_link(link, now) is None
    assert accounts.verify("ada@example.edu", PASSWORD, "a", now) is None


def test_no_secret_stands_in_the_database(accounts: Accounts, parts: Wiring, now: datetime) -> None:
    user = accounts.create("ada@example.edu", "Ada", password=PASSWORD)
    secrets = [accounts.start_session(user.id, now), accounts.issue_token(user.id, "t", now)[0], PASSWORD]
    secrets.append(accounts.issue_link(user.id, Purpose.RESET, now))
    parts.database.close()
    stored = b"".join(path.read_bytes() for path in parts.settings.data_dir.glob("grader.db*"))
    assert not any(secret.encode() in stored for secret in secrets)
