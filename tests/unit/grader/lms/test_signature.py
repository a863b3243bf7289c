"""Our signatures beside the reference package, both ways, and beside its two faults."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from grader.lms.signature import ID, SIGNATURE, TIMESTAMP, SignatureRefused, make_secret, sign, verify

SECRET, OTHER = make_secret(), make_secret()
BODY = '{"type":"submission.created","näme":"ünï"}'.encode()


def test_the_reference_package_accepts_ours() -> None:
    headers = sign([SECRET], "msg_1", datetime.now(UTC), BODY)
    assert Webhook(SECRET).verify(BODY, headers)["type"] == "submission.created"
    with pytest.raises(WebhookVerificationError):
        Webhook(OTHER).verify(BODY, headers)


def test_we_accept_the_reference_packages() -> None:
    now = datetime.now(UTC)
    header = Webhook(SECRET).sign("msg_1", now, BODY.decode())
    headers = {ID: "msg_1", TIMESTAMP: str(int(now.timestamp())), SIGNATURE: header}
    assert verify([SECRET], headers, BODY, now) == "msg_1"


def test_both_secrets_count_during_a_rotation() -> None:
    now = datetime.now(UTC)
    headers = sign([SECRET, OTHER], "msg_1", now, BODY)
    assert len(headers[SIGNATURE].split(" ")) == 2
    for secret in (SECRET, OTHER):
        assert Webhook(secret).verify(BODY, headers)
        assert verify([secret], headers, BODY, now) == "msg_1"
    old = sign([OTHER], "msg_1", now, BODY)
    assert verify([SECRET, OTHER], old, BODY, now) == "msg_1"
    with pytest.raises(SignatureRefused):
        verify([SECRET], old, BODY, now)


@pytest.mark.parametrize("seconds", [-301, 301])
def test_five_minutes_either_way_and_no_more(seconds: int) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    near = now + timedelta(seconds=seconds - (1 if seconds > 0 else -1))
    assert verify([SECRET], sign([SECRET], "m", near, BODY), BODY, now)
    with pytest.raises(SignatureRefused):
        verify([SECRET], sign([SECRET], "m", now + timedelta(seconds=seconds), BODY), BODY, now)


def test_every_byte_is_signed() -> None:
    now = datetime.now(UTC)
    headers = sign([SECRET], "m1", now, BODY)
    changes: list[tuple[dict[str, str], bytes]] = [
        (headers, BODY + b" "),
        (headers | {ID: "m2"}, BODY),
        (headers | {TIMESTAMP: str(int(headers[TIMESTAMP]) + 1)}, BODY),
        (headers | {SIGNATURE: headers[SIGNATURE].replace("v1,", "v1a,")}, BODY),
    ]
    for changed, body in changes:
        with pytest.raises(SignatureRefused):
            verify([SECRET], changed, body, now)


@pytest.mark.parametrize(
    "header",
    ["", "v1", "v1,", ",", "v1,a,b", "nonsense", "v1,ÿ", "v1 , x", " ", "v2,AAAA", "v1," + "A" * 9000],
)
def test_an_odd_header_is_refused_and_no_fault_of_ours(header: str) -> None:
    """The reference package raises ValueError for a header without exactly one comma."""
    now = datetime.now(UTC)
    headers = sign([SECRET], "m", now, BODY) | {SIGNATURE: header}
    with pytest.raises(SignatureRefused):
        verify([SECRET], headers, BODY, now)


def test_an_odd_signature_beside_a_good_one_does_no_harm() -> None:
    now = datetime.now(UTC)
    headers = sign([SECRET], "m", now, BODY)
    headers[SIGNATURE] = "v1,a,b nonsense v1a,xyz " + headers[SIGNATURE]
    assert verify([SECRET], headers, BODY, now) == "m"
    with pytest.raises(ValueError, match="unpack"):
        Webhook(SECRET).verify(BODY, headers)


def test_bytes_that_are_no_text_are_signed_and_verified() -> None:
    """The reference package raises UnicodeDecodeError for them."""
    now = datetime.now(UTC)
    headers = sign([SECRET], "m", now, b"\xff\xfe")
    assert verify([SECRET], headers, b"\xff\xfe", now) == "m"
    with pytest.raises(UnicodeDecodeError):
        Webhook(SECRET).verify(b"\xff\xfe", headers)


def test_naive_times_are_refused_and_zones_are_converted() -> None:
    """The reference package takes any time for UTC: what it signs at 14:00+02:00 never verifies."""
    now = datetime.now(UTC)
    abroad = now.astimezone(timezone(timedelta(hours=2)))
    assert sign([SECRET], "m", abroad, BODY) == sign([SECRET], "m", now, BODY)
    assert Webhook(SECRET).sign("m", abroad, BODY.decode()) != Webhook(SECRET).sign("m", now, BODY.decode())
    with pytest.raises(ValueError, match="time zone"):
        sign([SECRET], "m", now.replace(tzinfo=None), BODY)


@pytest.mark.parametrize("size", [0, 23, 65])
def test_short_and_long_secrets_are_refused(size: int) -> None:
    secret = "whsec_" + base64.b64encode(b"x" * size).decode()
    with pytest.raises(ValueError, match="24 to 64"):
        sign([secret], "m", datetime.now(UTC), BODY)


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_ä", "whsec_****", base64.b64encode(b"x" * 32).decode()]
)
def test_what_is_no_secret_is_refused(secret: str) -> None:
    with pytest.raises(ValueError, match="whsec_"):
        sign([secret], "m", datetime.now(UTC), BODY)


@pytest.mark.parametrize("message_id", ["", "a.b", "a b", "ä", "x" * 201, "a\n"])
def test_odd_ids_are_refused(message_id: str) -> None:
    now = datetime.now(UTC)
    with pytest.raises(ValueError, match="message id"):
        sign([SECRET], message_id, now, BODY)
    with pytest.raises(SignatureRefused):
        verify([SECRET], sign([SECRET], "m", now, BODY) | {ID: message_id}, BODY, now)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=80), st.binary(max_size=50))
def test_no_headers_are_a_fault_of_ours(message_id: str, seconds: str, header: str, body: bytes) -> None:
    with pytest.raises(SignatureRefused):
        verify([SECRET], {ID: message_id, TIMESTAMP: seconds, SIGNATURE: header}, body, datetime.now(UTC))
