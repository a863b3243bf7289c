"""How long somebody waits for the database: a page much shorter than a migration, which takes what it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import URL


@dataclass(frozen=True)
class DatabasePatience:
    """In seconds; what takes longer is told to whoever asked as "the database is away"."""

    connect: int = 5
    statement: int = 30
    lock: int = 15
    """SQLite's one lock and PostgreSQL's many."""

    connection: float = 5.0
    """For one of the connections of this process."""

    silence: int = 30
    """Until a PostgreSQL whose machine has gone away without a word is given up."""


WEB = DatabasePatience(lock=5)
"""A page waits at one of few threads."""


def of_postgresql(url: URL, patience: DatabasePatience) -> dict[str, Any]:
    """Words of libpq for a connection; those in the operator's address win."""
    milliseconds = {"statement_timeout": patience.statement * 1000, "lock_timeout": patience.lock * 1000}
    words: dict[str, Any] = {
        "connect_timeout": patience.connect,
        "options": " ".join(f"-c {name}={value}" for name, value in milliseconds.items()),
        "keepalives_idle": patience.silence // 3,
        "keepalives_interval": patience.silence // 3,
        "keepalives_count": 2,
        "tcp_user_timeout": patience.silence * 1000,
    }
    return {name: value for name, value in words.items() if name not in url.query}
