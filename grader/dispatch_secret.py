"""The secret of one dispatch: only whom the job was sent to can say a word about it.

It is HMAC-SHA256 (RFC 2104) of submission and attempt under a key of the control plane, so nobody stores it, and the
same attempt that is sent again has the same one.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from functools import cached_property

_PURPOSE = b"grader: words about jobs"
"""What the key that signs cookies is turned into another one by: neither tells anything of the other."""


class DispatchSecrets:
    """Makes and knows secrets; `read_keys` gives the server's keys when first needed, of which the first makes new ones."""

    def __init__(self, read_keys: Callable[[], Sequence[str]]) -> None:
        self._read_keys = read_keys

    def of(self, submission: str, attempt: int) -> str:
        """The secret of one attempt, 64 hexadecimal digits; OSError or ValueError where there is no key."""
        return _secret(self._keys[0], submission, attempt)

    def knows(self, submission: object, attempt: object, secret: object) -> bool:
        """Whether a word has the secret of its attempt; in a time that tells nothing of the right one."""
        if not (isinstance(submission, str) and type(attempt) is int and isinstance(secret, str)):
            return False
        given = secret.encode("utf-8", "replace")
        known = [hmac.compare_digest(_secret(key, submission, attempt).encode(), given) for key in self._keys]
        return any(known)

    @cached_property
    def _keys(self) -> Sequence[bytes]:
        return [hmac.digest(key.encode(), _PURPOSE, "sha256") for key in self._read_keys()]


def _secret(key: bytes, submission: str, attempt: int) -> str:
    about = f"{submission}\0{attempt}".encode("utf-8", "replace")
    return hmac.digest(key, about, "sha256").hex()
