"""What holds for every hostile case: nothing forged, stolen, disturbed or left behind. Each demand says what broke it."""

from __future__ import annotations

import json
import time
import unicodedata

from grader import wire
from grader.domain.report import Report
from grader.messages import render_report
from tests.hostile.cases import Case
from tests.hostile.conftest import SHAPE, Grader, Neighbour
from tests.hostile.deserved import is_sum_of_checks, most_points
from tests.hostile.host import Traces, left_after

GOT_THROUGH = "GOT THROUGH"
"""What a case prints when it could do what it may not."""

LONGEST_SECONDS = 300.0
"""Of one grading, the start of a sandbox included: against hanging, on a machine that may be busy. What a job may take is for
its limits to say."""

_KEPT_OUTPUT = 64 * 1024
_GRADER_PATHS = ("/opt/grader", "workers/guest", "site-packages", "/guest/")


def hold(case: Case, grader: Grader, *, is_patient: bool = True) -> None:
    """One attack, and the same world after it as before."""
    before = Traces.now(grader.own)
    for _ in range(case.side_car.times):
        report = _stand(case, grader, is_patient=is_patient)
    assert_nothing_left(before, grader)
    # What never reached the trainer needs no training after it.
    assert_honest(grader.grade_twin(report.assignment if report.checks else SHAPE), grader)
    assert_nothing_left(before, grader)


def hold_beside(case: Case, grader: Grader, neighbour: Neighbour) -> None:
    """Somebody who is graded at the same time gets what is theirs, and the attacker sees nothing of it."""
    hostile = neighbour.thread.submit(graded, case, neighbour.grader)
    honest = []
    while not hostile.done() or not honest:
        honest.append(grader.grade_twin(SHAPE))
    for report in honest:
        assert_honest(report, grader)
    assert case.allows(hostile.result(), counted=grader.is_counted), _shown(hostile.result())
    _assert_nothing_told(hostile.result(), grader)


def graded(case: Case, grader: Grader) -> Report:
    """The report of a case."""
    data = case.data(grader.host.places)
    return grader.pipeline.grade_file(case.side_car.assignment, data, case.upload_name)


def assert_nothing_left(before: Traces, grader: Grader) -> None:
    """No process, group, mount, file or message of a job, and no changed source."""
    left = left_after(before, grader.own)
    assert not left, f"left behind: {left}"


def _stand(case: Case, grader: Grader, *, is_patient: bool) -> Report:
    begun = time.monotonic()
    report = graded(case, grader)
    _assert_nothing_told(report, grader)
    if is_patient and not case.allows(report, counted=grader.is_counted):
        # Which limit ends a case first depends on how busy the machine is; what follows holds for both tries.
        begun, report = time.monotonic(), graded(case, grader)
        _assert_nothing_told(report, grader)
    seconds = time.monotonic() - begun
    assert case.allows(report, counted=grader.is_counted), _shown(report)
    assert wire.loads(Report, wire.dumps(report)) == report, "what is kept is not what was written"
    assert seconds < LONGEST_SECONDS, f"{seconds:.0f} s: {_shown(report)}"
    _assert_score(case, report, grader)
    assert grader.host.listeners.seen() == [], "somebody called"
    return report


def _assert_score(case: Case, report: Report, grader: Grader) -> None:
    """The score is a sum of checks, never more than the network shown is worth, and a twin's own where there is one."""
    assert report.score is not None
    assert report.score <= most_points(report), _shown(report)
    if not report.checks:
        return
    assert is_sum_of_checks(report)
    assert _best_accuracy(report) <= case.side_car.most_accuracy, _shown(report)
    frozen = grader.expected[case.side_car.assignment, "frozen"]
    if most_points(report) < most_points(grader.expected[case.side_car.assignment, "honest"]):
        assert report.score <= max(frozen.score or 0.0, most_points(frozen))
    if case.side_car.same_as:
        twin = grader.expected[case.side_car.assignment, case.side_car.same_as]
        assert _learnt(report) == _learnt(twin), _shown(report)


def _learnt(report: Report) -> object:
    """What a twin must show in the same way: score, layers and every number of the training."""
    (part,) = report.parts
    assert part.model is not None
    rows = [(row.kind, row.output_shape, row.params) for row in part.model.layers]
    return report.score, rows, part.training and part.training.runs


def _best_accuracy(report: Report) -> float:
    runs = [run for part in report.parts if part.training for run in part.training.runs]
    return max((run.test_accuracy or 0.0 for run in runs), default=0.0)


def _assert_nothing_told(report: Report, grader: Grader) -> None:
    """No canary anywhere, no path of ours in what a student reads, output cut and free of controls."""
    got_through = [line for line in report.stdout.splitlines() if GOT_THROUGH in line]
    assert not got_through, "\n".join(got_through[:10])
    public = json.dumps(render_report(report), ensure_ascii=False)
    assert public.encode(errors="ignore").decode() == public, "half a pair of surrogates"
    told = grader.host.canaries.found_in(public) + grader.host.canaries.found_in(repr(report))
    assert told == [], f"canaries told: {told}"
    feedback = json.dumps(render_report(report)["feedback"])
    assert not [path for path in _GRADER_PATHS if path in feedback], feedback
    assert len(report.stdout.encode()) <= _KEPT_OUTPUT, "too much output kept"
    texts = (report.stdout, render_report(report)["feedback"], *render_report(report)["notes"])
    shown = {character for text in texts for character in text} - set("\n\t")
    controls = {hex(ord(character)) for character in shown if unicodedata.category(character)[0] == "C"}
    assert not controls, f"control characters shown: {sorted(controls)}"


def assert_honest(report: Report, grader: Grader) -> None:
    """Honest work gets exactly what it gets on any other day."""
    expected = grader.expected[report.assignment, "honest"]
    assert report.verdict == expected.verdict == "passed", _shown(report)
    assert _learnt(report) == _learnt(expected), "honest work got something else"


def _shown(report: Report) -> str:
    public = render_report(report)
    wanted = ("verdict", "reason", "score", "feedback", "notes", "stdout", "timings")
    return json.dumps({key: public[key] for key in wanted}, indent=1, ensure_ascii=False)[:4000]
