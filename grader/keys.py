"""Files that hold a secret of this server: the operator's own, or one that is made once in the data folder."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from grader.settings import Settings

SHORTEST_KEY_BYTES = 32
_COOKIE_KEY = "secret-key"
"""The file in the data folder from which cookies and words about jobs get their keys."""


def read_keys(given: Path | None, made: Path) -> list[str]:
    """Every line of the file `given`, else of the file `made`, which is made where it is not; ValueError for a short one."""
    path = given or made
    if given is None and not path.exists():
        _make_key(path)
    keys = path.read_text(encoding="utf-8").split() or [""]
    if min(map(len, keys)) < SHORTEST_KEY_BYTES:
        detail = f"{path}: a secret key has at least {SHORTEST_KEY_BYTES} characters"
        raise ValueError(detail)
    return keys


def server_keys(settings: Settings) -> list[str]:
    """The keys of this server, the newest first, which cookies and words about jobs get theirs from."""
    return read_keys(settings.secret_key_file, settings.data_dir / _COOKIE_KEY)


def _make_key(path: Path) -> None:
    """Write beside and link into place, so that two processes that start together agree on one key."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(48))
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
