"""At every door a file is read as it says that it is encoded, and text that came as text is not decoded twice."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import pytest

from grader.db.columns import utc_now
from grader.db.queries import Filter
from grader.lms.signature import make_secret, sign
from grader.services.source import read_source

School = Any
TEXT = "# -*- coding: gbk -*-\nx = '模型'\n"
FILES = [
    ("a.py", TEXT.encode("gbk")),
    ("A.PY", TEXT.replace("\n", "\r\n").encode("utf-16")),
    ("a.py", TEXT.encode("utf-8-sig")),
]


def by_page(school: School, browser: Any, **form: Any) -> str:
    browser.sign_in("ada")
    assert browser.post("/courses/keras/dense", **form).status_code == 302
    newest = school.parts.queries.submissions(Filter(student=school.ids["ada"])).items[0]
    return str(school.parts.store.get(newest.id).source)


def by_api(school: School, callers: dict[str, Any], **sent: Any) -> str:
    answer = callers["ada"].post("/submissions", **sent)
    return str(school.parts.store.get(answer.get_json()["id"]).source)


def by_lms(school: School, client: Any, **code: Any) -> str:
    secret = make_secret()
    assert school.parts.sources.add(school.course, "campus", secret)
    data = {
        "platform": "campus", "course_id": "7", "assignment_id": "dense", "submission_id": "99", "attempt": 1,
        "user": {"id": "U-1", "name": "Zoë"}, "submitted_at": "2026-11-20T20:35:00Z",
    }  # fmt: skip
    event = {"type": "submission.created", "timestamp": "2026-11-20T20:35:00Z", "data": data | code}
    body = json.dumps(event).encode()
    answer = client.post("/webhooks/lms/campus", data=body, headers=sign([secret], "msg_1", utc_now(), body))
    return str(school.parts.store.get(answer.json["submission_id"]).source)


@pytest.mark.parametrize(("name", "data"), FILES)
def test_a_file_is_read_as_it_says(
    name: str, data: bytes, school: School, browser: Any, callers: dict[str, Any], client: Any
) -> None:
    file = {"name": name, "content_base64": base64.b64encode(data).decode()}
    form = {"assignment": "dense", "file": (io.BytesIO(data), name)}
    assert by_page(school, browser, file=(io.BytesIO(data), name)) == TEXT
    assert by_api(school, callers, data=form) == TEXT
    assert by_lms(school, client, files=[file]) == TEXT
    assert read_source(data, name) == TEXT


def test_text_is_not_decoded_a_second_time(
    school: School, browser: Any, callers: dict[str, Any], client: Any
) -> None:
    assert by_page(school, browser, source=TEXT) == TEXT
    assert by_api(school, callers, json={"assignment": "dense", "source": TEXT}) == TEXT
    assert by_lms(school, client, code=TEXT) == TEXT
