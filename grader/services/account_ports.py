"""What signing in needs of a database; secrets arrive hashed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from grader.services.ports import User


class AccountStore(Protocol):
    """Users, sessions, tokens and links."""

    def add_user(
        self, email: str, display_name: str, password_hash: str | None, *, is_admin: bool
    ) -> User | None:
        """A new user; None where the address is taken."""

    def users(self) -> Sequence[User]:
        """Everybody, by address."""

    def any_admin(self) -> bool:
        """Whether somebody can administer this server."""

    def user(self, user: str) -> User | None:
        """One user by id."""

    def user_by_email(self, email: str) -> User | None:
        """One user by address; nobody who was erased."""

    def user_with_hash(self, email: str) -> tuple[User | None, str | None]:
        """One user and the password hash, by case-folded address."""

    def set_password_hash(self, user: str, password_hash: str) -> None:
        """A new hash for one user."""

    def set_language(self, user: str, language: str) -> None:
        """The language that one user chose; empty for none."""

    def end_access(self, user: str) -> None:
        """End every session, token and unused link of one user."""

    def add_session(self, hashed: str, user: str, expires_at: datetime) -> None:
        """A new browser session."""

    def session_user(self, hashed: str, now: datetime) -> User | None:
        """Whose session it is."""

    def end_session(self, hashed: str) -> None:
        """End one browser session."""

    def add_token(self, hashed: str, user: str, label: str, expires_at: datetime) -> None:
        """A new bearer token."""

    def token_user(self, hashed: str, now: datetime) -> User | None:
        """Whose token it is."""

    def add_link(self, hashed: str, user: str, purpose: str, expires_at: datetime) -> None:
        """A new one-time link."""

    def link(self, hashed: str, now: datetime) -> tuple[User, str] | None:
        """Whose link it is and what for, if it still works."""

    def use_link(self, hashed: str, now: datetime) -> bool:
        """Mark a link as used; False where somebody was quicker."""

    def note_failed_login(self, account: str, address: str, now: datetime) -> None:
        """Remember a password that did not fit."""

    def failed_logins(self, account: str, address: str, since: datetime) -> tuple[int, int]:
        """How many failed since then: for this account from this address, and from this address altogether."""
