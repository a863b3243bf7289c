"""Texts that are no messages, as a cut-off disk, another program or a curious operator leaves them in a queue."""

from __future__ import annotations

import base64
import json

SOUND = {
    "body": base64.b64encode(b"[[], {}, {}]").decode(),
    "content-type": "application/json",
    "content-encoding": "utf-8",
    "headers": {"task": "grader.grade", "id": "1"},
    "properties": {
        "body_encoding": "base64",
        "delivery_tag": "1",
        "delivery_info": {"exchange": "", "routing_key": "grading"},
    },
}

CORRUPT = [
    "",
    "{",
    "nonsense",
    "[]",
    "5",
    "null",
    '"text"',
    "{}",
    b"\xff\xfe\x00".decode("utf-8", "surrogateescape"),
    json.dumps(SOUND | {"properties": {}}),
    json.dumps(SOUND | {"properties": 1}),
    json.dumps(SOUND | {"headers": 7}),
    json.dumps(SOUND | {"body": "not base64"}),
    json.dumps(SOUND | {"body": 3}),
]
