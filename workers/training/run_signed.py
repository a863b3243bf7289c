"""Kept runs that only those can write who have the key: an entry without its tag is not there.

The tag is HMAC-SHA256 (RFC 2104) of the entry's name and bytes, and stands before them. Where entries lie others may write,
the broker's Redis before all; the key is in a file of the workers, 0600.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from contextlib import AbstractContextManager

from workers.training.run_cache import RunCache

TAG_BYTES = 32
_PURPOSE = b"grader: kept runs\0"


class SignedCache:
    """Another cache, with tags under the first of `keys`; those of the others still count."""

    def __init__(self, cache: RunCache, keys: Sequence[str]) -> None:
        self.cache = cache
        self._keys = [key.encode() for key in keys]

    def get(self, key: str) -> bytes | None:
        """The entry, where it is one of ours and was kept under this name."""
        found = self.cache.get(key)
        if found is None:
            return None
        tag, entry = found[:TAG_BYTES], found[TAG_BYTES:]
        known = [hmac.compare_digest(_tag(each, key, entry), tag) for each in self._keys]
        return entry if any(known) else None

    def put(self, key: str, entry: bytes) -> None:
        """Keep an entry with its tag."""
        self.cache.put(key, _tag(self._keys[0], key, entry) + entry)

    def alone(self, key: str, seconds: float) -> AbstractContextManager[None]:
        """As the other cache does it: who is waited for decides nothing."""
        return self.cache.alone(key, seconds)


def _tag(secret: bytes, key: str, entry: bytes) -> bytes:
    return hmac.digest(secret, _PURPOSE + key.encode() + b"\0" + entry, "sha256")
