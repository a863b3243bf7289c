from __future__ import annotations

import io
from datetime import datetime
from typing import Any

import pytest

from grader.domain.course import Role
from grader.domain.report import Verdict
from grader.services.apart import LARGE, Readers
from grader.web import HARD_CAP_BYTES

School = Any
Callers = dict[str, Any]


def hand_in(caller: Any, source: str = "x = 1\n", headers: dict[str, str] | None = None, **more: Any) -> Any:
    return caller.post("/submissions", headers, json={"assignment": "dense", "source": source} | more)


def test_a_source_is_handed_in_and_looked_at(callers: Callers, school: School, make_report: Any) -> None:
    answer = hand_in(callers["ada"])
    assert answer.status_code == 202
    body = answer.get_json()
    assert body["state"] == "queued"
    assert body["url"] == f"/api/v1/submissions/{body['id']}"
    waiting = callers["ada"].get(f"/submissions/{body['id']}").get_json()
    assert (waiting["state"], waiting["position"], waiting["report"]) == ("queued", 1, None)
    school.grade(school.parts.store.get(body["id"]), make_report())
    done = callers["ada"].get(f"/submissions/{body['id']}").get_json()
    assert (done["state"], done["position"]) == ("done", None)
    assert done["report"]["feedback"] == "Nice work!\nLooks good!"
    assert done["report"]["format"] == 1


def test_a_file_is_handed_in(callers: Callers, school: School) -> None:
    form = {"assignment": "dense", "file": (io.BytesIO(b"y = 2\r\n"), "../../my file.py")}
    answer = callers["ada"].post("/submissions", data=form)
    assert answer.status_code == 202
    saved = school.parts.store.get(answer.get_json()["id"])
    assert (saved.source, saved.origin) == ("y = 2\n", "api")


def test_the_same_key_gives_the_same_submission(callers: Callers) -> None:
    answers = [hand_in(callers["ada"], headers={"Idempotency-Key": "k1"}).get_json()["id"] for _ in range(2)]
    assert answers[0] == answers[1]
    assert hand_in(callers["bob"], headers={"Idempotency-Key": "k1"}).get_json()["id"] != answers[0]


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"source": "y = 2\n"}, "source"), ({"source": " "}, "source"), ({"assignment": "conv"}, "assignment")],
)
def test_a_key_that_was_used_for_another_submission_is_refused(
    callers: Callers, changed: dict[str, str], field: str
) -> None:
    first, key = {"assignment": "dense", "source": "x = 1\n"}, {"Idempotency-Key": "k1"}
    kept = callers["ada"].post("/submissions", json=first, headers=key).get_json()["id"]
    answer = callers["ada"].post("/submissions", json=first | changed, headers=key)
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert answer.get_json()["field"] == field
    assert field in answer.get_json()["detail"]
    assert [one["id"] for one in callers["ada"].get("/submissions").get_json()["items"]] == [kept]
    fresh = callers["ada"].post("/submissions", json=first | changed, headers={"Idempotency-Key": "k2"})
    assert fresh.status_code == 202


def test_a_file_under_a_used_key_is_named_as_the_file(callers: Callers) -> None:
    answers = [
        callers["ada"].post(
            "/submissions",
            data={"assignment": "dense", "file": (io.BytesIO(data), "a.py")},
            headers={"Idempotency-Key": "k1"},
        )
        for data in (b"%PDF-1", b"%PDF-2")
    ]
    assert [one.status_code for one in answers] == [202, 422]
    assert answers[1].get_json()["field"] == "file"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"\xff\xfe\xfd", "not_as_declared"),
        (b"\xe9", "not_utf8"),
        (b"x" * 300_000, "too_large"),
        (b"PK\x03\x04", "looks_binary"),
    ],
)
def test_bytes_that_are_no_source_make_a_saved_report(callers: Callers, data: bytes, code: str) -> None:
    form = {"assignment": "dense", "file": (io.BytesIO(data), "a.py")}
    answer = callers["ada"].post("/submissions", data=form)
    assert answer.status_code == 202
    report = callers["ada"].get(f"/submissions/{answer.get_json()['id']}").get_json()["report"]
    assert (report["verdict"], report["reason"]) == ("invalid", "bad_upload")
    assert report["feedback_messages"][-1]["code"] == code


def test_half_a_character_in_json_is_a_bad_upload_and_no_crash(callers: Callers) -> None:
    answer = callers["ada"].post(
        "/submissions", data=b'{"assignment": "dense", "source": "x\\ud800"}', content_type="application/json"
    )
    assert answer.status_code == 202
    assert answer.get_json()["state"] == "done"


def test_only_the_hard_cap_is_a_413(callers: Callers) -> None:
    for size, status in ((HARD_CAP_BYTES - 100_000, 202), (HARD_CAP_BYTES + 1, 413)):
        head = b'--b\r\nContent-Disposition: form-data; name="assignment"\r\n\r\ndense\r\n'
        head += b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.py"\r\n\r\n'
        body = head + b"x" * size + b"\r\n--b--\r\n"
        answer = callers["ada"].post(
            "/submissions", data=body, content_type="multipart/form-data; boundary=b"
        )
        assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"assignment": "dense"},
        {"source": "x"},
        {"assignment": 1, "source": "x"},
        {"assignment": "dense", "source": 1},
        [1],
    ],
)
def test_half_a_request_is_refused(callers: Callers, body: Any) -> None:
    answer = callers["ada"].post("/submissions", json=body)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")


@pytest.mark.parametrize("slug", ["nonsense", "../dense", ""])
def test_an_unknown_assignment_is_404(callers: Callers, slug: str) -> None:
    assert callers["ada"].post("/submissions", json={"assignment": slug, "source": "x"}).status_code == 404


def test_somebody_outside_the_course_cannot_hand_in(callers: Callers) -> None:
    assert hand_in(callers["root"]).status_code == 404


def test_two_courses_need_a_word_about_which(callers: Callers, school: School) -> None:
    other = school.parts.courses.course("other")
    school.parts.courses.set_role(other.id, school.ids["ada"], Role.STUDENT)
    answer = hand_in(callers["ada"])
    assert (answer.status_code, answer.get_json()["courses"]) == (422, ["keras", "other"])
    saved = hand_in(callers["ada"], course="other").get_json()
    assert school.parts.store.get(saved["id"]).course == other.id
    assert hand_in(callers["ada"], course="nonsense").status_code == 404


@pytest.mark.parametrize("who", ["bob", "otto"])
@pytest.mark.parametrize("suffix", ["", "/regrade"])
def test_anothers_submission_looks_as_if_it_did_not_exist(
    callers: Callers, school: School, who: str, suffix: str
) -> None:
    saved, nowhere = school.hand_in("ada").id, "01ARZ3NDEKTSV4RRFFQ69G5FAV"
    call = callers[who].post if suffix else callers[who].get
    answers = [call(f"/submissions/{one}{suffix}") for one in (saved, nowhere)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].data == answers[1].data
    assert dict(answers[0].headers) == dict(answers[1].headers)


def test_students_do_not_see_hidden_checks_and_staff_do(
    callers: Callers, school: School, make_report: Any
) -> None:
    saved = school.hand_in("ada")
    school.grade(saved, make_report())
    student, staff = (callers[who].get(f"/submissions/{saved.id}") for who in ("ada", "tess"))
    assert "a secret" not in student.text
    assert "student" not in student.get_json()
    assert "a secret" in staff.text
    assert staff.get_json()["student"] == school.ids["ada"]


def test_lists_show_what_the_caller_may_see(callers: Callers, school: School, make_report: Any) -> None:
    school.grade(school.hand_in("ada"), make_report(Verdict.FAILED, 3.0))
    school.hand_in("bob", assignment="conv")
    totals = {who: caller.get("/submissions").get_json()["total"] for who, caller in callers.items()}
    assert totals == {"ada": 1, "bob": 1, "tess": 2, "otto": 0, "root": 2}
    for query, count in (
        ("assignment=conv", 1), ("verdict=failed", 1), (f"student={school.ids['bob']}", 1), ("course=keras", 2),
        ("course=nonsense", 0), ("page=2", 0), ("page=x&page_size=-1", 1), ("search=ada", 1),
    ):  # fmt: skip
        assert len(callers["tess"].get(f"/submissions?{query}").get_json()["items"]) == count, query
    (item,) = callers["ada"].get("/submissions").get_json()["items"]
    assert (item["verdict"], item["score"], item["max_score"]) == ("failed", 3.0, 10.0)
    assert item["feedback"].startswith("Not yet")


def test_staff_grade_again_and_students_do_not(
    callers: Callers, school: School, make_report: Any, now: datetime
) -> None:
    saved = school.hand_in("ada")
    assert callers["tess"].post(f"/submissions/{saved.id}/regrade").status_code == 409
    school.grade(saved, make_report())
    assert callers["ada"].post(f"/submissions/{saved.id}/regrade").status_code == 403
    answer = callers["tess"].post(f"/submissions/{saved.id}/regrade", json={"reason": "new data"})
    assert (answer.status_code, answer.get_json()["state"]) == (202, "queued")
    assert callers["ada"].get(f"/submissions/{saved.id}").get_json()["report"] is None


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/assignments"),
        ("GET", "/submissions"),
        ("POST", "/submissions"),
        ("POST", "/tokens"),
        ("GET", "/submissions/x"),
    ],
)
@pytest.mark.parametrize("header", [None, "Bearer ", "Bearer nonsense", "Basic abc", "nonsense"])
def test_without_a_good_token_there_is_nothing(
    client: Any, method: str, path: str, header: str | None
) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = client.open(f"/api/v1{path}", method=method, headers=headers)
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_body_of_many_values_is_refused_before_any_is_made(callers: Callers) -> None:
    for body in (b'{"source": [' + b"[]," * 2000, b'{"a":' * 40, b"]" * 5000):
        answer = callers["ada"].post("/submissions", data=body, content_type="application/json")
        assert answer.status_code == 422


def test_a_file_that_cannot_be_read_now_is_asked_for_again(
    callers: Callers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.services.submit.READERS", Readers(at_once=0, waiting=0))
    answer = hand_in(callers["ada"], "#" * (LARGE + 1))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert callers["ada"].get("/submissions").get_json()["total"] == 0
