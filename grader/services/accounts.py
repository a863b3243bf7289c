"""People and how they prove who they are: passwords, sessions, tokens, one-time links."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from grader.domain.message import message
from grader.messages import Told
from grader.services.account_ports import AccountStore
from grader.services.ports import User

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 1024
LONGEST_EMAIL = 320
SESSION_LIFE = timedelta(days=14)
TOKEN_LIFE = timedelta(days=180)
THROTTLE_WINDOW = timedelta(minutes=15)
TRIES_PER_ACCOUNT_AND_ADDRESS = 8
TRIES_PER_ADDRESS = 100


class Purpose(StrEnum):
    """What a one-time link is good for."""

    SIGN_IN = "sign_in"
    RESET = "reset"


LINK_LIFE = {Purpose.SIGN_IN: timedelta(days=14), Purpose.RESET: timedelta(hours=1)}


class AccountError(Told):
    """Something about an account that a person can put right."""


class Throttled(AccountError):
    """Too many wrong passwords from there for this account."""


class Accounts:
    """Verbs around one account store. Secrets go out once and are stored hashed."""

    def __init__(self, store: AccountStore) -> None:
        self.store = store

    def create(
        self, email: str, display_name: str, *, password: str | None = None, is_admin: bool = False
    ) -> User:
        """A new user; AccountError for a bad or taken address or a short password."""
        address = clean_email(email)
        hashed = None if password is None else self._hash(password)
        user = self.store.add_user(address, display_name.strip() or address, hashed, is_admin=is_admin)
        if user is None:
            raise AccountError(message("account_taken", address=address))
        return user

    def verify(self, email: str, password: str, address: str, now: datetime) -> User | None:
        """The user whose password this is; Throttled after too many wrong ones. Unknown users take as long."""
        folded = email.strip().casefold()
        account = digest(folded)
        self._refuse_flood(account, address, now)
        user, hashed = self.store.user_with_hash(folded)
        if not self._fits(hashed, password) or user is None:
            self.store.note_failed_login(account, address, now)
            return None
        if hashed is not None and self._hasher.check_needs_rehash(hashed):
            self.store.set_password_hash(user.id, self._hasher.hash(password))
        return user

    def set_password(self, user: str, password: str) -> None:
        """A new password; every session, token and link of before ends."""
        self.store.set_password_hash(user, self._hash(password))
        self.store.end_access(user)

    def start_session(self, user: str, now: datetime) -> str:
        """The secret of a new browser session."""
        secret = secrets.token_urlsafe(32)
        self.store.add_session(digest(secret), user, now + SESSION_LIFE)
        return secret

    def session_user(self, secret: str, now: datetime) -> User | None:
        """Whose session this is, if it still is one."""
        return self.store.session_user(digest(secret), now)

    def end_session(self, secret: str) -> None:
        """Sign out."""
        self.store.end_session(digest(secret))

    def issue_token(self, user: str, label: str, now: datetime) -> tuple[str, datetime]:
        """A bearer token and when it ends."""
        secret, expires = "kg_" + secrets.token_urlsafe(32), now + TOKEN_LIFE
        self.store.add_token(digest(secret), user, label[:255], expires)
        return secret, expires

    def token_user(self, secret: str, now: datetime) -> User | None:
        """Whose token this is, if it still is one."""
        return self.store.token_user(digest(secret), now)

    def issue_link(self, user: str, purpose: Purpose, now: datetime) -> str:
        """The secret of a link that works once."""
        secret = secrets.token_urlsafe(32)
        self.store.add_link(digest(secret), user, purpose.value, now + LINK_LIFE[purpose])
        return secret

    def peek_link(self, secret: str, now: datetime) -> tuple[User, Purpose] | None:
        """What a link would do, without doing it: mail scanners follow links, too."""
        found = self.store.link(digest(secret), now)
        return None if found is None else (found[0], Purpose(found[1]))

    def use_link(self, secret: str, now: datetime) -> tuple[User, Purpose] | None:
        """Consume a link; None where it was used, ran out or never was."""
        found = self.peek_link(secret, now)
        if found is None or not self.store.use_link(digest(secret), now):
            return None
        return found

    def _refuse_flood(self, account: str, address: str, now: datetime) -> None:
        both, alone = self.store.failed_logins(account, address, now - THROTTLE_WINDOW)
        if both >= TRIES_PER_ACCOUNT_AND_ADDRESS or alone >= TRIES_PER_ADDRESS:
            raise Throttled(message("too_many_attempts"))

    def _fits(self, hashed: str | None, password: str) -> bool:
        tried = password if len(password) <= LONGEST_PASSWORD else ""
        try:
            fits = self._hasher.verify(hashed or self._nobody, tried)
        except (VerificationError, InvalidHashError):
            return False
        return fits and hashed is not None

    def check_password(self, password: str) -> None:
        """AccountError where a password is too short or too long."""
        if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
            raise AccountError(
                message("password_length", shortest=SHORTEST_PASSWORD, longest=LONGEST_PASSWORD)
            )

    def _hash(self, password: str) -> str:
        self.check_password(password)
        return self._hasher.hash(password)

    @cached_property
    def _hasher(self) -> PasswordHasher:
        return PasswordHasher()

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash(secrets.token_hex(16))


def digest(secret: str) -> str:
    """How secrets are stored: they are random, so a plain SHA-256 does."""
    return hashlib.sha256(secret.encode()).hexdigest()


def is_of_nobody(address: str) -> bool:
    """Whether an address is one of those that stand for people whose own were erased."""
    return address.startswith("erased-") and address.endswith("@invalid")


def clean_email(email: str) -> str:
    """A case-folded address; AccountError where it cannot be one."""
    address = email.strip().casefold()
    name, at, domain = address.partition("@")
    strange = any(letter.isspace() or not letter.isprintable() or letter in '<>,;"' for letter in address)
    strange = strange or is_of_nobody(address)
    if not (name and at and domain) or strange or len(address) > LONGEST_EMAIL:
        raise AccountError(message("no_address", text=email))
    return address
