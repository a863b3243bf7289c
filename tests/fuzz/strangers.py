"""What strangers send beside claims: frames of guests, notebooks, rosters, words of workers; and what must hold for each.

`make fuzz` goes on for longer than the tests do.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import logging
import struct
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from grader import queue, wire
from grader.db.columns import utc_now
from grader.db.migrate import upgrade
from grader.domain.course import CountingRule, Role
from grader.domain.errors import StudentError
from grader.domain.report import Verdict
from grader.messages import render
from grader.services.courses import import_roster, read_roster
from grader.services.ports import Upload
from grader.services.source import read_source
from grader.services.submit import submit
from grader.settings import load_settings
from grader.tasks import make_control_app
from grader.wiring import Wiring
from tests.fuzz.claims import JSON, RAW, WORDS
from tests.school import TinyShelf, report_of
from workers.sandbox.frames import BrokenFrame, FrameReader

LARGEST_FRAME = 100_000
LONGEST_NAME, LONGEST_ADDRESS = 255, 254
"""Of a column of the database."""
BATCH = 500

TEXTS = st.sampled_from(
    [*WORDS, "ada@example.edu", "A@B", "student", "ta", "=1+1", '"', "\r", "\ufeff", "\x00", "é" * 300]
) | st.text(max_size=12)
BYTES = st.sampled_from(RAW) | st.binary(max_size=24)


@st.composite
def cut(draw: Any, whole: Any) -> bytes:
    """Bytes with some of them taken away, doubled, or others in their place."""
    data = bytes(draw(whole))
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2, 3]))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 30)))
        data = data[:start] + draw(BYTES | st.just(data[start:end] * 2)) + data[end:]
    return data


FRAMES = st.lists(
    st.dictionaries(st.sampled_from(WORDS[:10]), JSON, max_size=3).map(
        lambda frame: struct.pack(">I", len(json.dumps(frame))) + json.dumps(frame).encode()
    )
    | st.builds(lambda size, body: struct.pack(">I", size) + body, st.integers(0, 2**32 - 1), BYTES)
    | BYTES.map(lambda body: struct.pack(">I", len(body)) + body),
    max_size=4,
)


class Pieces:
    """A stream that gives so many bytes at once, and then ends."""

    def __init__(self, data: bytes, size: int) -> None:
        self._pieces = [data[at : at + size] for at in range(0, len(data), size)]

    def receive(self, _deadline: float) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""

    def send(self, data: bytes, deadline: float) -> None:
        """Nobody answers."""


def judge_frames(data: bytes) -> str:
    """Objects, then `BrokenFrame`, however the bytes come."""
    said: list[tuple[str, str]] = []
    for size in (1, 7, 1 << 16):
        reader, frames = FrameReader(Pieces(data, size), LARGEST_FRAME), []
        try:
            while True:
                frames.append(reader.read(0.0))
        except BrokenFrame as broken:
            said.append((json.dumps(frames), broken.detail))
    assert all(detail for _, detail in said)
    assert len(set(said)) == 1, "how bytes are cut into pieces says nothing"
    assert all(isinstance(frame, dict) for frame in frames)
    return "frames" if frames else "broken"


CELL = st.fixed_dictionaries(
    {},
    optional={
        "cell_type": st.sampled_from(["code", "code", "markdown", "raw"]) | JSON,
        "source": st.just("x = 1\n") | TEXTS | st.lists(TEXTS, max_size=3) | JSON,
        "input": TEXTS,
        "outputs": JSON,
    },
)
NOTEBOOKS = st.fixed_dictionaries(
    {},
    optional={
        "cells": st.lists(CELL, max_size=4) | st.lists(CELL | JSON, max_size=4) | JSON,
        "worksheets": st.lists(
            st.fixed_dictionaries({"cells": st.lists(CELL, max_size=2)}) | JSON, max_size=2
        ),
        "metadata": st.fixed_dictionaries(
            {"language_info": st.fixed_dictionaries({"name": st.just("python") | TEXTS | JSON})}
        )
        | JSON,
        "nbformat": st.integers(-1, 9) | JSON,
    },
).map(lambda book: json.dumps(book).encode())


def judge_notebook(data: bytes) -> str:
    """A source that can be kept and sent, or words that render."""
    try:
        source = read_source(data, "book.ipynb")
    except StudentError as error:
        words = [render(one) for one in error.messages]
        return error.reason.value if all(words) else "silent"
    assert source.strip()
    assert "\0" not in source
    assert "\r" not in source
    source.encode()
    return "source"


def _roster(lines: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(lines)
    return out.getvalue().encode("utf-8", "replace")


HEADERS = st.sampled_from([["email"], ["email", "name", "role"], ["Email", "role"], ["name"], []]) | st.lists(
    TEXTS, max_size=3
)
PEOPLE = st.lists(
    st.tuples(
        st.sampled_from(["ada@example.edu", "bob@example.edu", "ADA@example.edu "]) | TEXTS,
        TEXTS,
        st.sampled_from(["", "ta", "teacher", "student"]) | TEXTS,
    ).map(list)
    | st.lists(TEXTS, max_size=4),
    max_size=5,
)
ROSTERS = st.builds(lambda header, people: _roster([header, *people]), HEADERS, PEOPLE) | st.builds(
    lambda header, name: _roster([header, ["ada@example.edu", name, ""]]),
    st.just(["email", "name", "role"]),
    st.sampled_from(["x" * 300, "x" * 200_000, '"' * 200_000, "\x00", "\ud800"]),
)


@dataclass
class Site:
    """A course on a real database, and the control worker's tasks."""

    parts: Wiring
    course: str
    student: str

    def __post_init__(self) -> None:
        self.tasks = make_control_app(self.parts).tasks

    def judge_roster(self, data: bytes) -> str:
        """People as a database takes them, or the lines that are wrong."""
        read = read_roster(data)
        for line, text in read.errors:
            assert line >= 1
            assert text
        for one in read.people:
            assert 0 < len(one.name) <= LONGEST_NAME
            assert len(one.email) <= LONGEST_ADDRESS
            assert not set("\0\r\n") & set(one.name + one.email)
            (one.name + one.email).encode()
        if read.errors:
            return "errors"
        invited = import_roster(self.parts.courses, self.parts.accounts, self.course, read.people, utc_now())
        assert len(invited) == len(read.people)
        return "people"

    def judge_word(self, said: tuple[str, list[Any], str]) -> str:
        """A word of a worker, with the right secret: it changes its own job in a way that reports can, or nothing."""
        word, arguments, signed = said
        upload = Upload(student=self.student, course=self.course, assignment="dense", data=b"x = 1\n")
        job = submit(upload, self.parts.dispatcher, utc_now())
        about: list[Any] = [job.id, 1] if signed != "stranger" else arguments[:2]
        right = self.parts.dispatch_secrets.of(job.id, 1)
        secret = {"secret": right} if signed == "right" else {"secret": arguments[-1]} if arguments else {}
        self.tasks[word].apply(
            args=[*about, *arguments], kwargs=secret, throw=True, routing_key=queue.CONTROL
        )
        after = self.parts.store.get(job.id)
        assert after is not None
        if signed != "right":
            assert after == job, "nobody is believed without the secret"
        if after.verdict is not None and after.verdict is not Verdict.GRADER_ERROR:
            assert after.score is not None
            assert 0 <= after.score <= (after.max_score or 0.0)
        return f"{after.state}"


ABOUT_A_JOB = (
    queue.PROGRESS, queue.HEARTBEAT, queue.RECORD_REPORT, queue.JOB_FAILED, queue.JOB_REFUSED, queue.JOB_IS_SLOW,
    queue.JOB_RETURNED,
)  # fmt: skip
REPORT = wire.to_json(report_of())


@st.composite
def reports(draw: Any) -> Any:
    """A report with some of what it says changed."""
    said = json.loads(json.dumps(REPORT))
    if draw(st.booleans()):
        said["checks"][0][draw(st.sampled_from(sorted(said["checks"][0])))] = draw(JSON)
    for _ in range(draw(st.sampled_from([0, 0, 1, 2]))):
        said[draw(st.sampled_from(sorted(said)))] = draw(JSON)
    return said


_WORKER = st.sampled_from(["w", "", "\0", "x" * 9000, "\ud800"])
_MEANT = {
    queue.PROGRESS: (st.sampled_from(["extract", "train", "probe"]), _WORKER),
    queue.RECORD_REPORT: (reports(),),
    queue.JOB_FAILED: (_WORKER, st.sampled_from([None, 0, 1, -1, 10**30])),
    queue.JOB_REFUSED: (_WORKER, st.sampled_from(["version", "data", "sandbox"]), _WORKER),
}


@st.composite
def said(draw: Any) -> tuple[str, list[Any], str]:
    """A word, most of it as it is meant."""
    word = draw(st.sampled_from((queue.RECORD_REPORT, *ABOUT_A_JOB)))
    arguments = [draw(one if draw(st.integers(0, 5)) else JSON) for one in _MEANT.get(word, ())]
    if not draw(st.integers(0, 5)):
        arguments = arguments[:-1] if draw(st.booleans()) else [*arguments, draw(JSON)]
    return word, arguments, draw(st.sampled_from(["right", "right", "right", "forged", "stranger"]))


SAID = said()


@contextmanager
def site(folder: Path) -> Iterator[Site]:
    """It is there as long as the block."""
    parts = Wiring(load_settings({"GRADER_MAX_WAITING": "0"}, data_dir=folder), TinyShelf())
    upgrade(parts.database)
    course = parts.courses.add_course("keras", "Keras", "CODE", CountingRule.BEST, ["dense"])
    assert course is not None
    student = parts.accounts.create("ada@example.edu", "Ada")
    parts.courses.set_role(course.id, student.id, Role.STUDENT)
    try:
        yield Site(parts, course.id, student.id)
    finally:
        parts.database.close()


def kinds(there: Site) -> dict[str, tuple[Any, Callable[[Any], str]]]:
    """What is made up, and who judges it."""
    return {
        "frames": (cut(FRAMES.map(b"".join)), judge_frames),
        "notebooks": (cut(NOTEBOOKS), judge_notebook),
        "rosters": (cut(ROSTERS), there.judge_roster),
        "words": (SAID, there.judge_word),
    }


def run(strategy: Any, judge: Callable[[Any], str], seconds: float) -> Counter[str]:
    """Judge for so long; what came of it."""
    outcomes, until = Counter[str](), time.monotonic() + seconds

    @settings(max_examples=BATCH, deadline=None, database=None, report_multiple_bugs=False,
              phases=[Phase.generate, Phase.shrink], suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(strategy)
    def batch(one: Any) -> None:
        if time.monotonic() < until:
            outcomes[judge(one)] += 1

    while time.monotonic() < until:
        batch()
    return outcomes


def main() -> None:
    """Fuzz each kind, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    seconds = parser.parse_args().minutes * 60
    logging.disable()  # each word that is refused is a line
    with tempfile.TemporaryDirectory(prefix="grader-strangers-") as folder, site(Path(folder)) as there:
        for kind, (strategy, judge) in kinds(there).items():
            outcomes = run(strategy, judge, seconds)
            said = ", ".join(f"{what} {number:,}" for what, number in outcomes.most_common())
            print(f"{sum(outcomes.values()):>9,} {kind}: {said}")


if __name__ == "__main__":
    main()
