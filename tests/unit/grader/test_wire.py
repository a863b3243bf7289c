from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from grader import wire
from grader.domain.errors import Location
from grader.domain.message import message
from grader.domain.report import CheckResult, LayerRow, ModelTable, Outcome, PartReport, Report, Verdict
from grader.domain.submission import Job
from grader.domain.training import SeededRun, TrainingRun


@dataclass(frozen=True)
class Thing:
    name: str
    count: int = 3


def report():
    table = ModelTable((LayerRow("f", "Flatten", ("in",), (None, 3), 0),), 1, 1)
    run = TrainingRun((SeededRun(0, 2, {"loss": (1.0, None)}, 0.5),))
    return Report(
        "a",
        "v",
        Verdict.FAILED,
        10.0,
        5.0,
        (message("not_yet", a=1, b=2.5, c=None, d=True),),
        checks=(CheckResult("c", "model", "t", Outcome.PASSED, 1.0, 1.0, needs=("x",)),),
        parts=(PartReport("model", "build_model", table, run),),
        location=Location(1, 2),
    )


def test_a_report_and_a_job_come_back_as_they_went():
    assert wire.loads(Report, wire.dumps(report())) == report()
    job = Job("s", 1, "a", "v", (("d", "h"),), "x = 1\n", "en")
    assert wire.loads(Job, wire.dumps(job)) == job


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"name": "x", "count": 1, "more": 1}, r"no key \['more'\]"),
        ({"name": "x"}, r"the keys \['count'\]"),
        ({"name": 1, "count": 1}, "Thing.name: expected str"),
        ({"name": "x", "count": True}, "Thing.count: expected int"),
        ({"name": "x", "count": 1.0}, "Thing.count: expected int"),
        ([], "expected an object"),
    ],
)
def test_a_misfit_is_refused_with_its_place(data, words):
    with pytest.raises(wire.WireError, match=words):
        wire.from_json(Thing, data)


def test_files_of_people_may_leave_out_what_has_a_default():
    assert wire.from_json(Thing, {"name": "x"}, complete=False) == Thing("x", 3)
    with pytest.raises(wire.WireError, match="name"):
        wire.from_json(Thing, {}, complete=False)


@pytest.mark.parametrize(
    "data",
    [
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b'{"a": 1, "a": 2}',
        b"[" * 100_000,
        b'{"a": ' + b"9" * 5000 + b"}",
        b"\xff",
        b"",
    ],
)
def test_json_that_lies_is_refused(data):
    with pytest.raises(wire.WireError):
        wire.parse(data)


def nested(depth):
    return b"[" * depth + b"]" * depth


@pytest.mark.parametrize(
    ("fits", "sprawls", "limits"),
    [
        (nested(3), nested(4), {"max_depth": 3}),
        (b'{"a": {"a": {}}}', b'{"a": {"a": [{}]}}', {"max_depth": 3}),
        (b"[1, 2]", b"[1, 2, 3]", {"max_values": 3}),
        (b'{"a": [1]}', b'{"a": [1], "b": 2}', {"max_values": 3}),
        (b"[1]", b"[11]", {"max_bytes": 3}),
        (nested(wire.MAX_DEPTH), nested(wire.MAX_DEPTH + 1), {}),
    ],
)
def test_size_depth_and_number_of_values_have_an_edge(fits, sprawls, limits):
    wire.parse(fits, **limits)
    with pytest.raises(wire.WireTooBig):
        wire.parse(sprawls, **limits)


def test_brackets_and_commas_within_strings_do_not_count():
    text = '[{,"' * 500 + "\\"
    assert wire.parse(json.dumps([text]).encode(), max_depth=1, max_values=2) == [text]


@pytest.mark.parametrize("data", [b'"' + b'\\"' * 1_000_000, b'"\\' * 1_000_000, b'"' * 2_000_001, b'["a\\'])
def test_strings_without_an_end_are_refused_at_once(data):
    """A pattern that goes back over what it saw would need hours for these."""
    with pytest.raises(wire.WireError):
        wire.parse(data)


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63 - 1), 0])
def test_whole_numbers_have_64_bits(number):
    assert wire.parse(str(number).encode()) == number
    if number:
        with pytest.raises(wire.WireError):
            wire.parse(str(number + (1 if number > 0 else -1)).encode())


def test_more_bytes_than_allowed_are_refused_before_they_are_read():
    with pytest.raises(wire.WireError, match="at most 3"):
        wire.parse(b'"abc"', max_bytes=3)


def test_no_number_that_is_none_leaves():
    with pytest.raises(wire.WireError):
        wire.dumps({"a": float("nan")})
