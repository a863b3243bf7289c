"""Accounts and everything that signs in. Implements `services.account_ports.AccountStore`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.exc import IntegrityError

from grader.db.access_tables import ApiTokenRow, LoginAttemptRow, OneTimeLinkRow, SignInRow
from grader.db.erasure_tables import ErasureRow
from grader.db.session import Database, rows_changed
from grader.db.tables import UserRow
from grader.services.ports import User


class AccountRows:
    """Users, sessions, tokens and links on one database; secrets arrive hashed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_user(
        self, email: str, display_name: str, password_hash: str | None, *, is_admin: bool
    ) -> User | None:
        """A new user; None where the address is taken."""
        row = UserRow(
            email=email,
            display_name=display_name[:255],
            password_hash=password_hash,
            is_admin=is_admin,
            language="",
        )
        try:
            with self._database.write() as session:
                session.add(row)
                session.flush()
                return user_of(row)
        except IntegrityError:
            return None

    def users(self) -> Sequence[User]:
        """Everybody, by address."""
        with self._database.read() as session:
            return [user_of(row) for row in session.scalars(select(UserRow).order_by(UserRow.email))]

    def any_admin(self) -> bool:
        """Whether somebody can administer this server."""
        with self._database.read() as session:
            return session.scalar(select(UserRow.id).where(UserRow.is_admin).limit(1)) is not None

    def user(self, user: str) -> User | None:
        """One user by id."""
        return self._one(select(UserRow).where(UserRow.id == user))

    def user_by_email(self, email: str) -> User | None:
        """One user by address; nobody who was erased."""
        erased = exists().where(ErasureRow.user_id == UserRow.id)
        return self._one(select(UserRow).where(UserRow.email == email.strip().casefold(), ~erased))

    def user_with_hash(self, email: str) -> tuple[User | None, str | None]:
        """One user and the password hash, by case-folded address."""
        with self._database.read() as session:
            row = session.scalar(select(UserRow).where(UserRow.email == email))
            return (None, None) if row is None else (user_of(row), row.password_hash)

    def set_password_hash(self, user: str, password_hash: str) -> None:
        """A new hash for one user."""
        with self._database.write() as session:
            session.execute(update(UserRow).where(UserRow.id == user).values(password_hash=password_hash))

    def set_language(self, user: str, language: str) -> None:
        """The language that one user chose; empty for none."""
        with self._database.write() as session:
            session.execute(update(UserRow).where(UserRow.id == user).values(language=language))

    def end_access(self, user: str) -> None:
        """End every session, token and unused link of one user."""
        with self._database.write() as session:
            session.execute(delete(SignInRow).where(SignInRow.user_id == user))
            session.execute(delete(ApiTokenRow).where(ApiTokenRow.user_id == user))
            session.execute(delete(OneTimeLinkRow).where(OneTimeLinkRow.user_id == user))

    def add_session(self, hashed: str, user: str, expires_at: datetime) -> None:
        """A new browser session."""
        with self._database.write() as session:
            session.add(SignInRow(hash=hashed, user_id=user, expires_at=expires_at))

    def session_user(self, hashed: str, now: datetime) -> User | None:
        """Whose session it is."""
        query = select(UserRow).join(SignInRow, SignInRow.user_id == UserRow.id)
        return self._one(query.where(SignInRow.hash == hashed, SignInRow.expires_at > now))

    def end_session(self, hashed: str) -> None:
        """End one browser session."""
        with self._database.write() as session:
            session.execute(delete(SignInRow).where(SignInRow.hash == hashed))

    def add_token(self, hashed: str, user: str, label: str, expires_at: datetime) -> None:
        """A new bearer token."""
        with self._database.write() as session:
            session.add(ApiTokenRow(hash=hashed, user_id=user, label=label, expires_at=expires_at))

    def token_user(self, hashed: str, now: datetime) -> User | None:
        """Whose token it is."""
        query = select(UserRow).join(ApiTokenRow, ApiTokenRow.user_id == UserRow.id)
        return self._one(query.where(ApiTokenRow.hash == hashed, ApiTokenRow.expires_at > now))

    def add_link(self, hashed: str, user: str, purpose: str, expires_at: datetime) -> None:
        """A new one-time link."""
        with self._database.write() as session:
            session.add(OneTimeLinkRow(hash=hashed, user_id=user, purpose=purpose, expires_at=expires_at))

    def link(self, hashed: str, now: datetime) -> tuple[User, str] | None:
        """Whose link it is and what for, if it still works."""
        query = (
            select(UserRow, OneTimeLinkRow.purpose)
            .join(OneTimeLinkRow, OneTimeLinkRow.user_id == UserRow.id)
            .where(
                OneTimeLinkRow.hash == hashed,
                OneTimeLinkRow.used_at.is_(None),
                OneTimeLinkRow.expires_at > now,
            )
        )
        with self._database.read() as session:
            found = session.execute(query).first()
            return None if found is None else (user_of(found[0]), found[1])

    def use_link(self, hashed: str, now: datetime) -> bool:
        """Mark a link as used; False where somebody was quicker."""
        change = (
            update(OneTimeLinkRow)
            .where(
                OneTimeLinkRow.hash == hashed,
                OneTimeLinkRow.used_at.is_(None),
                OneTimeLinkRow.expires_at > now,
            )
            .values(used_at=now)
        )
        with self._database.write() as session:
            return rows_changed(session, change) == 1

    def note_failed_login(self, account: str, address: str, now: datetime) -> None:
        """Remember a password that did not fit."""
        with self._database.write() as session:
            session.add(LoginAttemptRow(account=account, address=address[:64], tried_at=now))

    def failed_logins(self, account: str, address: str, since: datetime) -> tuple[int, int]:
        """How many failed since then: for this account from this address, and from this address altogether."""
        tried = select(func.count()).where(
            LoginAttemptRow.address == address[:64], LoginAttemptRow.tried_at > since
        )
        with self._database.read() as session:
            both = session.scalar(tried.where(LoginAttemptRow.account == account)) or 0
            return both, session.scalar(tried) or 0

    def _one(self, query: Any) -> User | None:
        with self._database.read() as session:
            row = session.scalar(query)
            return None if row is None else user_of(row)


def user_of(row: UserRow) -> User:
    """The value of a row."""
    return User(
        row.id, row.email, row.display_name, row.is_admin, row.language, row.password_hash is not None
    )
