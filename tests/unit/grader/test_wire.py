from __future__ import annotations

import json
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader import wire
from grader.domain.errors import Location
from grader.domain.message import LARGEST, Message, message
from grader.domain.report import (
    CheckResult,
    Described,
    LayerRow,
    ModelTable,
    Outcome,
    PartReport,
    Report,
    Verdict,
)
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


def plainly_nested(depth):
    value = []
    for _ in range(depth - 1):
        value = [value]
    return value


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


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (2**63, "64 bits"),
        ({"a": (-(2**63),)}, "64 bits"),
        (message("x", deep=message("y", text="\ud800")), "surrogate"),
        ({"\udfff": 1}, "surrogate"),
        ({1: "a", "1": "b"}, "not text"),
        ([float("inf")], "no place"),
        (Thing("x", 2**200), "64 bits"),
    ],
)
def test_what_would_be_refused_is_not_written(value, words):
    for write in (wire.to_json, wire.dumps):
        with pytest.raises(wire.WireError, match=words):
            write(value)


@pytest.mark.parametrize(
    ("fits", "sprawls", "limit"),
    [
        ("x" * 98, "x" * 99, {"max_bytes": 100}),
        ([0] * 9, [0] * 10, {"max_values": 10}),
        ([[]] * 4, [[]] * 5, {"max_values": 9}),
        ({"a": {"b": [0, 1]}}, {"a": {"b": [0, 1, 2]}}, {"max_values": 5}),
        (message("x", a=1), message("x", a=message("y")), {"max_depth": 2}),
        (plainly_nested(wire.MAX_DEPTH), plainly_nested(wire.MAX_DEPTH + 1), {}),
        ([0], plainly_nested(100_000), {}),
    ],
)
def test_writing_and_reading_have_one_edge(fits, sprawls, limit, monkeypatch):
    for name, value in limit.items():
        monkeypatch.setattr(wire, name.upper(), value)
    assert wire.parse(wire.dumps(fits), **limit) == wire.to_json(fits)
    with pytest.raises(wire.WireTooBig):
        wire.dumps(sprawls)


def test_what_came_through_another_reader_is_bounded_as_well():
    """A broker's messages and a database's columns are no bytes that `parse` has seen."""
    for count in (2**63, -(2**200)):
        with pytest.raises(wire.WireError, match=r"Thing.count: .*64 bits"):
            wire.from_json(Thing, {"name": "x", "count": count})
    for score in (float("nan"), float("-inf"), 2**2000):
        with pytest.raises(wire.WireError):
            wire.from_json(float, score)


FEW = settings(max_examples=60, database=None)
CHARACTERS = st.characters(codec=None, exclude_categories=())
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(CHARACTERS, max_size=5)
HUGE = st.sampled_from([2**63 - 1, 2**63, -(2**63), 2**200, 10**400])
VALUES = st.recursive(
    LEAVES | HUGE,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(CHARACTERS, max_size=3) | st.integers(0, 1), inner, max_size=4)
    ),
    max_leaves=20,
)


@FEW
@given(VALUES)
def test_what_is_written_is_read_and_equal(value):
    try:
        data = wire.dumps(value)
    except wire.WireError:
        return
    assert wire.parse(data) == value


PARAMS = st.dictionaries(st.text(max_size=5), LEAVES | HUGE, max_size=4)
MESSAGES = st.builds(
    Message,
    st.text(max_size=9),
    PARAMS | st.dictionaries(st.text(max_size=2), st.builds(Message, st.just("x"), PARAMS)),
)
WORDS = st.text(max_size=5)
ROWS = st.builds(
    LayerRow,
    WORDS,
    WORDS,
    st.lists(WORDS, max_size=2).map(tuple),
    st.tuples(st.none(), st.integers()),
    st.integers() | HUGE,
)
TABLES = st.builds(ModelTable, st.lists(ROWS, max_size=2).map(tuple), st.integers() | HUGE, st.integers())
NETWORKS = st.dictionaries(st.text(max_size=3), VALUES, max_size=3)
PARTS = st.builds(
    PartReport, WORDS, WORDS, model=st.none() | TABLES, described=st.none() | st.builds(Described, NETWORKS)
)
REPORTS = st.builds(
    Report,
    WORDS,
    WORDS,
    st.just(Verdict.FAILED),
    st.floats(),
    st.floats(),
    st.lists(MESSAGES, max_size=3).map(tuple),
    parts=st.lists(PARTS, max_size=2).map(tuple),
    location=st.none() | st.builds(Location, st.none() | st.integers() | HUGE),
    stdout=WORDS,
)


@FEW
@given(REPORTS)
def test_a_report_that_is_written_is_read_and_equal(written):
    try:
        data = wire.dumps(written)
    except wire.WireError:
        return
    assert wire.loads(Report, data) == written


@FEW
@given(
    st.lists(
        st.builds(
            Message, st.just("x"), st.dictionaries(st.text(max_size=3), st.integers() | HUGE | st.floats())
        )
    )
)
def test_no_number_keeps_a_message_from_being_read(messages):
    written = tuple(messages)
    assert wire.loads(tuple[Message, ...], wire.dumps(written)) == written


def test_no_number_that_is_none_leaves():
    with pytest.raises(wire.WireError):
        wire.dumps({"a": float("nan")})


def test_a_message_and_the_wire_agree_on_the_largest_number():
    assert LARGEST == wire.LARGEST
    assert message("x", a=LARGEST, b=-LARGEST, c=True).params == {"a": LARGEST, "b": -LARGEST, "c": True}
