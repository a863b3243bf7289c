"""Signatures as Standard Webhooks 1.0 wants them: HMAC-SHA256 over `id.timestamp.body`, compared in constant time."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

PREFIX = "whsec_"
SECRET_BYTES = 32
SHORTEST_SECRET, LONGEST_SECRET = 24, 64
TOLERANCE_SECONDS = 300
MOST_SIGNATURES = 10
HEADERS = ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"

_ID = re.compile(r"[A-Za-z0-9_=+/~:-]{1,200}")  # a full stop would make `id.timestamp.body` ambiguous
_SECONDS = re.compile(r"[0-9]{1,12}")


class SignatureRefused(Exception):
    """The message is not what a holder of the secret signed within the last five minutes."""


def make_secret() -> str:
    """A fresh secret: `whsec_` and 32 random bytes in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def sign(secrets_: Sequence[str], message_id: str, moment: datetime, body: bytes) -> dict[str, str]:
    """The three headers; one signature for each secret. ValueError for a naive time, a bad id or a bad secret."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone")
    if not _ID.fullmatch(message_id):
        raise ValueError(f"{message_id!r} is no message id")
    seconds = str(int(moment.astimezone(UTC).timestamp()))
    signatures = [f"v1,{_digest(_key(one), message_id, seconds, body)}" for one in secrets_]
    return {ID: message_id, TIMESTAMP: seconds, SIGNATURE: " ".join(signatures)}


def verify(secrets_: Sequence[str], headers: Mapping[str, str], body: bytes, now: datetime) -> str:
    """The message's id, when one of its signatures fits one of the secrets; else SignatureRefused, whatever is wrong."""
    message_id, seconds = headers.get(ID, ""), headers.get(TIMESTAMP, "")
    if not _ID.fullmatch(message_id) or not _SECONDS.fullmatch(seconds):
        raise SignatureRefused("no usable id or timestamp")
    given = _given(headers.get(SIGNATURE, ""))
    wanted = [_digest(_key(one), message_id, seconds, body).encode() for one in secrets_]
    fits = [hmac.compare_digest(one, other) for one in given for other in wanted]
    if not any(fits):
        raise SignatureRefused("no signature fits")
    if abs(now.timestamp() - int(seconds)) > TOLERANCE_SECONDS:
        raise SignatureRefused("too old, or from the future")
    return message_id


def _given(header: str) -> list[bytes]:
    """The `v1` signatures of a header; what else is in it is ignored, however it is spelled."""
    parts = [part.partition(",") for part in header.split(" ")[:MOST_SIGNATURES]]
    return [text.encode("utf-8", "replace") for version, _, text in parts if version == "v1"]


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(PREFIX) or not SHORTEST_SECRET <= len(key) <= LONGEST_SECRET:
        raise ValueError("a secret is whsec_ and 24 to 64 bytes in base64")
    return key


def _digest(key: bytes, message_id: str, seconds: str, body: bytes) -> str:
    signed = f"{message_id}.{seconds}.".encode() + body
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
