"""Every hostile case through the real pipeline: nothing forged, stolen, disturbed or left behind."""

from __future__ import annotations

import json
import threading
import time
import unicodedata

import pytest

from grader.domain.report import Report
from grader.messages import render_report
from tests.hostile.cases import Case, load_cases
from tests.hostile.conftest import SHAPE, Grader
from tests.hostile.deserved import is_sum_of_checks, most_points
from tests.hostile.host import Traces, left_after

pytestmark = [pytest.mark.sandbox, pytest.mark.training]

CASES = list(load_cases())
_KEPT_OUTPUT = 64 * 1024
_GRADER_PATHS = ("/opt/grader", "workers/guest", "site-packages", "/guest/")


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Case:
    return request.param


def test_case(case: Case, grader: Grader) -> None:
    """One attack, and the same world after it as before."""
    before = Traces.now(grader.backend)
    begun = time.monotonic()
    report = _graded(case, grader)
    if not case.allows(report):
        # Which limit ends a case first depends on how busy the machine is; what follows holds for both tries.
        _assert_nothing_told(report, grader)
        begun, report = time.monotonic(), _graded(case, grader)
    seconds = time.monotonic() - begun
    assert case.allows(report), _shown(report)
    assert seconds < case.side_car.longest_wall_seconds
    _assert_score(case, report, grader)
    _assert_nothing_told(report, grader)
    assert grader.host.listeners.seen() == []
    assert left_after(before, grader.backend) == {}
    # What never reached the trainer needs no training after it.
    _assert_honest(grader.grade_twin(report.assignment if report.checks else SHAPE), grader)
    assert left_after(before, grader.backend) == {}


@pytest.mark.parametrize("case", [case for case in CASES if case.side_car.beside], ids=lambda case: case.name)
def test_beside(case: Case, grader: Grader, neighbour: Grader) -> None:
    """Somebody who is graded at the same time gets what is theirs, and the attacker sees nothing of it."""
    hostile: list[Report] = []
    thread = threading.Thread(target=lambda: hostile.append(_graded(case, neighbour)))
    thread.start()
    honest = []
    while thread.is_alive() or not honest:
        honest.append(grader.grade_twin(SHAPE))
    thread.join()
    for report in honest:
        _assert_honest(report, grader)
    assert case.allows(hostile[0]), _shown(hostile[0])
    _assert_nothing_told(hostile[0], grader)


def _graded(case: Case, grader: Grader) -> Report:
    data = case.data(grader.host.places)
    return grader.pipeline.grade_file(case.side_car.assignment, data, case.upload_name)


def _assert_score(case: Case, report: Report, grader: Grader) -> None:
    """The score is a sum of checks, never more than the network shown is worth, and a twin's own where there is one."""
    frozen = grader.expected[case.side_car.assignment, "frozen"]
    assert report.score is not None
    assert report.score <= most_points(report), _shown(report)
    if report.checks:
        assert is_sum_of_checks(report)
    if most_points(report) < most_points(grader.expected[case.side_car.assignment, "honest"]):
        assert report.score <= max(frozen.score or 0.0, most_points(frozen))
    if case.side_car.same_as:
        twin = grader.expected[case.side_car.assignment, case.side_car.same_as]
        assert _learnt(report) == _learnt(twin)


def _learnt(report: Report) -> object:
    """What a twin must show in the same way: score, layers and every number of the training."""
    (part,) = report.parts
    assert part.model is not None
    rows = [(row.kind, row.output_shape, row.params) for row in part.model.layers]
    return report.score, rows, part.training and part.training.runs


def _assert_nothing_told(report: Report, grader: Grader) -> None:
    """No canary anywhere in the report, no path of ours in what a student reads, output cut and free of controls."""
    public = json.dumps(render_report(report), ensure_ascii=False)
    assert grader.host.canaries.found_in(public) == []
    assert grader.host.canaries.found_in(repr(report)) == []
    feedback = json.dumps(render_report(report)["feedback"])
    assert not [path for path in _GRADER_PATHS if path in feedback], feedback
    assert len(report.stdout.encode()) <= _KEPT_OUTPUT
    texts = (report.stdout, render_report(report)["feedback"], *render_report(report)["notes"])
    shown = {character for text in texts for character in text} - set("\n\t")
    assert not {hex(ord(character)) for character in shown if unicodedata.category(character)[0] == "C"}


def _assert_honest(report: Report, grader: Grader) -> None:
    """Honest work gets exactly what it gets on any other day."""
    expected = grader.expected[report.assignment, "honest"]
    assert report.verdict == expected.verdict == "passed", _shown(report)
    assert _learnt(report) == _learnt(expected)


def _shown(report: Report) -> str:
    public = render_report(report)
    wanted = ("verdict", "reason", "score", "feedback", "notes", "stdout", "timings")
    return json.dumps({key: public[key] for key in wanted}, indent=1, ensure_ascii=False)[:4000]
