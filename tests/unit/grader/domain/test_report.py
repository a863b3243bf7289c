from __future__ import annotations

from dataclasses import replace

import pytest

from grader import wire
from grader.domain.errors import Reason, StudentError
from grader.domain.message import message
from grader.domain.report import (
    NICE_WORK,
    CheckResult,
    DiffLine,
    Outcome,
    PartReport,
    Provenance,
    Report,
    Timings,
    Verdict,
    Visibility,
    feedback_of,
    verdict_of,
    with_one_step,
)
from grader.domain.training import ByAverages, FewerEpochs, SeededRun, TrainingRun
from grader.messages import render, render_report


def result(name, outcome, **more):
    return CheckResult(name, "model", name, outcome, 1.0 if outcome is Outcome.PASSED else 0.0, 1.0, **more)


def test_our_fault_has_no_score_and_a_students_verdict_has_one():
    assert Report.fault("a", "v", 10).score is None
    assert Report.invalid("a", "v", 10, StudentError(Reason.BAD_CODE, message("bad_claim"))).score == 0.0
    with pytest.raises(ValueError, match="cannot have score"):
        Report("a", "v", Verdict.GRADER_ERROR, 10, 0.0, ())
    with pytest.raises(ValueError, match="cannot have score"):
        Report("a", "v", Verdict.FAILED, 10, None, ())


def test_the_verdict_follows_from_the_outcomes():
    passed, failed = result("a", Outcome.PASSED), result("b", Outcome.FAILED)
    assert verdict_of([passed]) is Verdict.PASSED
    assert verdict_of([passed, failed]) is Verdict.FAILED
    assert verdict_of([passed, result("c", Outcome.SKIPPED)]) is Verdict.FAILED
    assert verdict_of([failed, result("d", Outcome.BROKEN)]) is Verdict.GRADER_ERROR


def test_feedback_is_praise_or_the_first_thing_to_change():
    assert [line.code for line in feedback_of({"a": result("a", Outcome.PASSED)})] == [
        "nice_work",
        "looks_good",
    ]
    told = result(
        "b",
        Outcome.FAILED,
        message=message("wrong_input_shape"),
        expected="x",
        actual="y",
        hint=message("hint_softmax"),
    )
    codes = [line.code for line in feedback_of({"b": told})]
    assert codes == ["not_yet", "wrong_input_shape", "expected_actual", "hint_softmax"]
    first = feedback_of({"a": result("a", Outcome.PASSED), "b": told})[0]
    assert first == message("not_yet_but", right=1, checks=2)


def test_students_never_see_the_seed_of_a_probe():
    made = Provenance("0", "3", "2", "bubblewrap", probe_seed=8_161_972)
    report = Report("a", "v", Verdict.PASSED, 10, 10.0, NICE_WORK, provenance=made)
    assert "8161972" not in repr(report.for_student())
    assert report.for_student().provenance.sandbox == "bubblewrap"
    assert Report("a", "v", Verdict.PASSED, 10, 10.0, NICE_WORK).for_student().provenance is None


def test_students_never_see_whether_a_network_was_known():
    run = SeededRun(0, 40, {"accuracy": (1.0,)}, 0.88)
    times = Timings(1.0, 0.2, 0.004, 0.3)
    made = [
        Report(
            "a",
            "v",
            Verdict.PASSED,
            10,
            10.0,
            NICE_WORK,
            timings=timings,
            parts=(PartReport("m", "f", training=told),),
        )
        for told, timings in (
            (TrainingRun((run,), cached=True, seconds=2.5), times),
            (TrainingRun((run,), cached=False, seconds=2.6), replace(times, train_s=2.6, total_s=2.9)),
        )
    ]
    known, fresh = (report.for_student() for report in made)
    assert known == fresh
    assert (known.timings.queue_s, known.timings.extract_s) == (1.0, 0.2)
    public = render_report(known)
    assert public["timings"] == {"queue_s": 1.0, "extract_s": 0.2, "train_s": None, "total_s": None}
    assert public["parts"][0]["training"]["cached"] is None
    assert wire.loads(Report, wire.dumps(known)) == known


def test_students_never_see_a_hidden_check():
    hidden = result(
        "secret",
        Outcome.FAILED,
        visibility=Visibility.HIDDEN,
        message=message("wrong_params"),
        expected="SECRET",
    )
    report = Report("a", "v", Verdict.FAILED, 10, 1.0, (), checks=(hidden,))
    shown = repr(report.for_student())
    assert "secret" not in shown.casefold()
    assert report.for_student().checks[0].max_points == 1.0


def test_a_stored_report_from_before_lines_had_shapes_still_loads():
    part = PartReport("model", "build_model", diff=(DiffLine("missing", "Flatten()", None),))
    stored = wire.to_json(Report("a", "v", Verdict.FAILED, 10, 3.0, (), parts=(part,)))
    stored["parts"][0]["diff"] = [{"kind": "missing", "expected": "Flatten()", "actual": None}]
    assert wire.from_json(Report, stored, complete=False).parts == (part,)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (DiffLine("same", "x", "x"), None),
        (DiffLine("own", None, "x"), None),
        (DiffLine("missing", "x", None), "diff_missing"),
        (DiffLine("changed", "x", "y"), "diff_changed"),
        (DiffLine("changed", "x", "y", option="units"), "diff_changed_option"),
        *[
            (DiffLine(kind, "x", "y"), f"diff_{kind}")
            for kind in ("extra", "silent", "swapped", "moved", "joined", "shared")
        ],
    ],
)
def test_a_line_of_the_comparison_says_what_is_the_matter(line, code):
    assert (line.told and line.told.code) == code
    assert code is None or render(line.told)


def test_one_next_step_in_a_whole_report():
    first = replace(
        result("a", Outcome.FAILED),
        message=message("not_a_chain"),
        hint=message("hint_trained_by_us", epochs=3),
    )
    second = replace(first, id="b", hint=message("hint_logits"))
    told = with_one_step([result("z", Outcome.PASSED), first, second], lambda _: message("hint_softmax"))
    assert [one.hint and one.hint.code for one in told] == [None, "hint_softmax", None]
    own = with_one_step([replace(first, hint=message("hint_logits"))], lambda _: message("hint_softmax"))
    assert own[0].hint == message("hint_logits")


@pytest.mark.parametrize(
    ("own", "told"),
    [(0.44, ["note_averages"]), (0.94, ["note_averages"]), (0.84, []), (0.90, [])],
)
def test_a_report_teaches_where_keras_would_say_something_else(own, told):
    """By more than 5 points, to either side; of several runs by the median."""
    runs = tuple(
        SeededRun(seed, 40, {"accuracy": (1.0,)}, 0.88, ByAverages(value, 280))
        for seed, value in enumerate((0.0, own, 1.0))
    )
    notes = PartReport("model", "HappyModel", training=TrainingRun(runs)).notes
    assert [note.code for note in notes] == told
    for note in notes:
        words = render(note)
        assert words.startswith(
            "Keras's moving averages had not settled after 280 steps: your own evaluate would say"
        )
        assert f"{own:.0%}" in words
        assert f"{own:.0%}" in render(note, "zh")


def test_a_report_on_a_network_without_averages_says_nothing_of_them():
    run = SeededRun(0, 40, {"accuracy": (1.0,)}, 0.88)
    assert PartReport("model", "HappyModel", training=TrainingRun((run,))).notes == ()
    assert PartReport("model", "HappyModel").notes == ()


def test_a_report_says_that_epochs_were_left_out():
    run = SeededRun(0, 9, {"accuracy": (1.0,)}, 0.88)
    trained = TrainingRun((run,), fewer_epochs=FewerEpochs(23, 40))
    [note] = PartReport("model", "HappyModel", training=trained).notes
    for language in ("en", "zh"):
        words = render(note, language)
        assert "40" in words
        assert "23" in words


@pytest.mark.parametrize(
    ("why", "code"),
    [({"borderline": True}, "runs_borderline"), ({"fell_short": True}, "runs_learnt"), ({}, "runs_median")],
)
def test_a_report_says_why_there_were_several_trainings(why, code):
    runs = tuple(SeededRun(seed, 1, {"accuracy": (1.0,)}, 0.5) for seed in range(3))
    told = PartReport("model", "HappyModel", training=TrainingRun(runs, threshold=0.8, **why)).told_of_runs
    assert told.code == code
    assert "50.0%" in render(told)
    assert "50.0%" in render(told, "zh")
