from __future__ import annotations

import dataclasses
import json

import pytest

from grader.domain.assignment import Assignment, ChoiceBounds, EntryPoint, Limits, Part
from grader.domain.errors import Reason, SlowJob, StudentError
from grader.domain.message import message
from grader.domain.probe import ProbeKind, ProbePlan
from grader.domain.training import TrainingChoice
from grader.messages import render, render_lines
from workers.extract import Haste, SandboxExtractor, argument_names
from workers.retelling import of_image_format, without_renaming
from workers.sandbox import base
from workers.telling import printable

ENTRY = EntryPoint("build_model", variables=("model",))
MODEL = {
    "layers": [
        {"kind": "InputLayer", "name": "in", "trainable": True, "options": {"shape": [4]}},
        {"kind": "Dense", "name": "d", "trainable": True, "options": {"units": 3}},
    ],
    "nodes": [{"layer": 0, "inputs": []}, {"layer": 1, "inputs": [0]}],
    "inputs": [0],
    "outputs": [1],
    "built_for_you": False,
}


class Answering:
    """A sandbox whose guest said just this."""

    name = "answering"
    degraded = ()

    def __init__(self, outcome):
        self.outcome = outcome

    def run(self, job, limits):
        return self.outcome


def extract(outcome, choice=None):
    part = Part("model", ENTRY, (4,), None, choice)
    return SandboxExtractor(Answering(outcome)).extract("", Assignment("a", "A", "v", "", "", (part,)))


def claimed(claim, **more):
    return base.Finished(claim=json.dumps(claim).encode(), **more)


def good(**more):
    return {
        "format": 1,
        "parts": [{"name": "model", "entry_point": "build_model", "model": MODEL}],
        "training": None,
        "notes": [],
    } | more


def error_of(outcome, **more):
    with pytest.raises(StudentError) as caught:
        extract(outcome, **more)
    return caught.value


def test_dropout_that_does_nothing_is_told_of():
    dropout = {"kind": "Dropout", "name": "drop", "trainable": True, "options": {"rate": 0.0}}
    layers = [MODEL["layers"][0], dropout, MODEL["layers"][1]]
    nodes = [*MODEL["nodes"], {"layer": 2, "inputs": [1]}]
    for rate, told in ((0.0, [message("note_dropout_zero", layer="drop")]), (0.5, [])):
        dropout["options"] = {"rate": rate}
        model = MODEL | {"layers": layers, "nodes": nodes, "outputs": [2]}
        found = extract(
            claimed(good(parts=[{"name": "model", "entry_point": "build_model", "model": model}]))
        )
        assert list(found.notes) == told


def test_a_claim_becomes_a_model():
    found = extract(claimed(good(), stdout="hi\x1b[31m\u202e\n"))
    assert found.parts["model"].model.params == 15
    assert found.stdout == "hi[31m\n"


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (base.TimedOut(clock="cpu"), Reason.TIME_LIMIT),
        (base.TimedOut(clock="wall"), Reason.TIME_LIMIT),
        (base.OutOfMemory(), Reason.MEMORY_LIMIT),
        (base.TooManyProcesses(), Reason.PROCESS_LIMIT),
        (base.TooMuchOutput(), Reason.OUTPUT_LIMIT),
        (base.DiskFull(), Reason.DISK_LIMIT),
        (base.ClaimTooBig(), Reason.TOO_BIG),
        (base.Crashed(signal=11), Reason.CRASHED),
        (base.EndedEarly(status=0), Reason.BAD_RESULT),
    ],
)
def test_every_end_has_its_reason_and_words(outcome, reason):
    error = error_of(outcome)
    assert error.reason is reason
    assert render_lines(error.messages)


@pytest.mark.parametrize(
    "claim",
    [
        b"",
        b"not json",
        b"[]",
        b'{"format": 2}',
        b'{"format": 1, "parts": []}',
        b'{"format": 1, "parts": 3}',
        b'{"format": 1, "error": 1}',
        b'{"format": 1, "error": {"reason": "time_limit", "code": "ended_early", "params": {}}}',
        b'{"format": 1, "error": {"reason": "bad_code", "code": "nice_work", "params": {}}}',
        b'{"format": 1, "error": {"reason": "bad_code", "code": "missing_module", "params": {}}}',
        b'{"format": 1, "error": {"reason": "bad_code", "code": ["x"], "params": {}}}',
        b'{"format": 1, "parts": [{"name": "model", "entry_point": "other", "model": {}}]}',
    ],
)
def test_a_disturbed_claim_is_the_students_and_gives_nothing(claim):
    error = error_of(base.Finished(claim=claim))
    assert error.reason is Reason.BAD_RESULT
    assert error.messages[0].code == "bad_claim"


def test_a_limit_that_no_counter_saw_is_an_error_of_the_code():
    claim = {
        "format": 1,
        "error": {"reason": "disk_limit", "code": "disk_limit", "params": {}, "location": None},
    }
    error = error_of(claimed(claim))
    assert (error.reason, error.messages[0].code) == (Reason.BAD_CODE, "unconfirmed_limit")


def test_an_unconfirmed_limit_says_where():
    place = {"line": 1, "column": None}
    error = error_of(
        claimed(
            {"format": 1, "error": {"reason": "memory_limit", "code": "x", "params": {}, "location": place}}
        )
    )
    assert [told.code for told in error.messages] == ["unconfirmed_limit", "look_at"]


def test_a_syntax_error_shows_line_and_caret():
    params = {"text": "    retrun model", "detail": "invalid syntax"}
    claim = {
        "format": 1,
        "error": {
            "reason": "bad_code",
            "code": "syntax_error",
            "params": params,
            "location": {"line": 4, "column": 12},
        },
    }
    error = error_of(claimed(claim))
    assert (error.location.line, error.location.column) == (4, 12)
    line, caret = render_lines(error.messages).splitlines()[1:3]
    assert caret.index("^") == line.index("model")


BOUNDS = ChoiceBounds(("adam", "sgd"), (4, 128), (1, 40))


def test_a_choice_within_bounds_is_taken():
    found = extract(claimed(good(training={"optimizer": "Adam", "epochs": 5})), BOUNDS)
    assert found.choice == TrainingChoice("adam", None, 5)


@pytest.mark.parametrize(
    ("training", "code"),
    [
        ({"epochs": 41}, "training_out_of_bounds"),
        ({"epochs": True}, "training_out_of_bounds"),
        ({"epochs": 5.0}, "training_out_of_bounds"),
        ({"batch_size": 0}, "training_out_of_bounds"),
        ({"optimizer": "magic"}, "training_out_of_bounds"),
        ({"optimizer": ["adam"]}, "training_out_of_bounds"),
        ({"callbacks": 1}, "training_unknown_key"),
        ([1], "bad_training_literal"),
    ],
)
def test_a_choice_out_of_bounds_is_explained(training, code):
    error = error_of(claimed(good(training=training)), choice=BOUNDS)
    assert (error.reason, error.messages[0].code) == (Reason.BAD_CODE, code)


def test_an_exercise_without_choice_says_so():
    assert error_of(claimed(good(training={"epochs": 1}))).messages[0].code == "training_not_offered"


def test_control_characters_never_reach_a_report():
    assert printable("a\x00b\x9bc\u2028d\u2029\x85\u202ee\n\tf") == "abcde\n\tf"


def test_limits_are_those_of_the_assignment():
    assert "2048 MiB" in render_lines(error_of(base.OutOfMemory()).messages)
    assert Limits().memory_mib == 2048


def hasty(outcome, limits=None):
    """What the quick lane makes of an outcome."""
    assignment = Assignment("a", "A", "v", "", "", (Part("model", ENTRY, (4,)),), limits=limits or Limits())
    return SandboxExtractor(Answering(outcome), haste=Haste(1.0, 5.0)).extract("", assignment)


def test_in_the_quick_lane_who_needs_longer_is_not_judged():
    with pytest.raises(SlowJob):
        hasty(base.TimedOut(clock="cpu"))
    assert hasty(claimed(good())).parts


def test_limits_that_are_short_themselves_hold_in_the_quick_lane_too():
    with pytest.raises(StudentError, match="time_limit"):
        hasty(base.TimedOut(clock="cpu"), Limits(cpu_seconds=0.5, wall_seconds=2.0))


@pytest.mark.parametrize(
    "claim",
    [b"[" * 40 + b"]" * 40, b'{"format": 1, "parts": [' + b"0," * 250_000 + b"0]}"],
    ids=["deep", "many"],
)
def test_a_claim_of_too_many_levels_or_values_is_too_big(claim):
    error = error_of(base.Finished(claim=claim))
    assert (error.reason, error.messages[0].code) == (Reason.TOO_BIG, "description_too_big")


@pytest.mark.parametrize("reason", [[], {}, ["memory_limit"], None, 3])
def test_a_reason_that_is_no_word_is_a_disturbed_claim(reason):
    error = error_of(claimed({"format": 1, "error": {"code": "ended_early", "reason": reason, "params": {}}}))
    assert (error.reason, error.messages[0].code) == (Reason.BAD_RESULT, "bad_claim")


class Answers:
    """A sandbox whose guest says one thing after the other; what it was asked is kept."""

    name = "answers"
    degraded = ()

    def __init__(self, *outcomes):
        self.outcomes = list(outcomes)
        self.jobs = []

    def run(self, job, limits):
        self.jobs.append((job, limits))
        return self.outcomes.pop(0)


ONE = Assignment("a", "A", "v", "", "", (Part("model", ENTRY, (4,)),))
CUT = {
    "format": 1,
    "error": {"reason": "bad_result", "code": "cut_off", "params": {}, "location": {"line": 2}},
}
LIMITED = [
    base.TimedOut(clock="cpu", ended=3),
    base.OutOfMemory(ended=3),
    base.TooManyProcesses(ended=3),
    base.TooMuchOutput(ended=3),
    base.DiskFull(ended=3),
]


@pytest.mark.parametrize("first", LIMITED)
def test_what_had_ended_before_a_limit_is_run_once_more_by_itself(first):
    note = {"code": "cut_off", "params": {"lines": "2"}}
    sandbox = Answers(first, claimed(good(notes=[note])))
    found = SandboxExtractor(sandbox).extract("a\nb\n", ONE)
    (job, limits), (again, limits_again) = sandbox.jobs
    assert again == job | {"upto": 3}
    assert limits == limits_again
    assert [one.code for one in found.notes] == ["note_cut_off"]


def test_it_is_run_only_once_more():
    sandbox = Answers(base.TimedOut(clock="cpu", ended=3), base.OutOfMemory(ended=2))
    with pytest.raises(StudentError) as caught:
        SandboxExtractor(sandbox).extract("", ONE)
    assert caught.value.reason is Reason.MEMORY_LIMIT


def test_where_the_limit_is_the_first_cause_it_is_told():
    sandbox = Answers(base.DiskFull(ended=1, stdout="writing ...\x1b"), claimed(CUT))
    with pytest.raises(StudentError) as caught:
        SandboxExtractor(sandbox).extract("a\nb\n", ONE)
    assert caught.value.stdout == "writing ...", "of the run that was cut off"
    assert (caught.value.reason, caught.value.messages[0].code) == (Reason.DISK_LIMIT, "disk_limit")
    assert caught.value.messages[-1] == message("limit_place", place=message("at_line", line=2))


def test_a_guest_that_was_not_cut_off_cannot_say_so():
    assert error_of(claimed(CUT)).messages == (message("bad_claim"),)


@pytest.mark.parametrize(
    "end",
    [
        base.Crashed(signal=9, ended=3),
        base.EndedEarly(status=0, ended=3),
        base.ClaimTooBig(ended=3),
        base.TimedOut(clock="cpu"),
    ],
)
def test_other_ends_are_final(end):
    sandbox = Answers(end)
    with pytest.raises(StudentError):
        SandboxExtractor(sandbox).extract("", ONE)
    assert len(sandbox.jobs) == 1


@pytest.mark.parametrize("first", LIMITED)
def test_in_haste_it_is_a_slow_job_instead(first):
    sandbox = Answers(first)
    with pytest.raises(SlowJob):
        SandboxExtractor(sandbox, haste=Haste()).extract("", ONE)


PROBED = Part("loss", EntryPoint("my_loss"), (), probe=ProbePlan(ProbeKind.LOSS_FUNCTION, ((2, 1), (2, 3))))


def test_it_sees_the_same_inputs_as_any_run():
    """One seed for both: whoever sees the first inputs knows no others."""
    seeds = iter([5, 6])
    probe = dataclasses.replace(ONE, parts=(PROBED,))
    sandbox = Answers(base.TimedOut(clock="cpu", ended=1), base.OutOfMemory())
    with pytest.raises(StudentError):
        SandboxExtractor(sandbox, seed=lambda: next(seeds)).extract("", probe)
    (job, _), (again, _) = sandbox.jobs
    assert job["parts"] == again["parts"]


def several(*others, **newest):
    part = {
        "name": "model",
        **(newest or {"entry_point": "model", "model": with_units(9), "cell": 3}),
        "others": list(others),
    }
    return claimed(good(parts=[part]))


def with_units(units):
    dense = MODEL["layers"][1] | {"options": {"units": units}}
    return MODEL | {"layers": [MODEL["layers"][0], dense]}


def other(units, cell):
    return {"entry_point": "model", "model": with_units(units), "cell": cell}


def chosen(outcome, wanted):
    def fits(part, model):
        return model.layers[-1].layer.units == wanted

    found = SandboxExtractor(Answering(outcome)).extract("", ONE, fits)
    return found.parts["model"].model.layers[-1].layer.units, [
        one.params for one in found.notes if one.code == "note_of_several"
    ]


def test_of_several_answers_the_newest_that_fits_is_taken():
    outcome = several(other(5, 2), other(3, 1))
    assert chosen(outcome, 3) == (3, [{"name": "model", "cell": 1}])
    assert chosen(outcome, 9) == (9, [{"name": "model", "cell": 3}])
    assert chosen(outcome, 7) == (9, [{"name": "model", "cell": 3}]), "none fits: the newest, as ever"


def test_an_older_answer_that_fits_counts_where_the_newest_is_none():
    error = {"reason": "bad_code", "code": "asks_input", "params": {}, "location": None}
    outcome = several(other(5, 2), error=error)
    assert chosen(outcome, 5) == (5, [{"name": "model", "cell": 2}])
    with pytest.raises(StudentError) as caught:
        chosen(outcome, 4)
    assert caught.value.messages[0].code == "asks_input"


@pytest.mark.parametrize(
    "wrong", [5, {}, {"entry_point": "other", "model": MODEL}, {"entry_point": "model", "model": 5}]
)
def test_an_older_answer_that_cannot_be_read_is_none(wrong):
    assert chosen(several(wrong, other(3, 1)), 3)[0] == 3


def test_one_answer_has_no_note():
    assert chosen(claimed(good()), 3)[1] == []


def test_an_exercises_own_starter_says_what_its_arguments_are_called():
    starter = "import keras\ndef HappyModel(input_shape, classes=2):\n    ...\n"
    assert argument_names(starter, "HappyModel") == ("input_shape", "classes")
    assert argument_names(starter, "other") == argument_names("", "HappyModel") == ()


def test_what_was_done_for_the_code_is_told_of_an_error_as_well():
    """What it printed may hold figures that we have invented, and says so."""
    error = {"reason": "bad_code", "code": "asks_input", "params": {}, "location": None}
    notes = [{"code": "not_trained_here", "params": {}}]
    assert error_of(claimed({"format": 1, "error": error, "notes": notes})).notes == (
        message("note_not_trained_here"),
    )
    part = {"name": "model", "error": error, "others": []}
    assert error_of(claimed(good(parts=[part], notes=notes))).notes == (message("note_not_trained_here"),)


def test_a_caret_stands_below_its_character_whatever_is_as_wide_as_two():
    params = {"text": 'print("中文" 1)', "detail": "invalid syntax. Perhaps you forgot a comma?"}
    claim = {
        "format": 1,
        "error": {
            "reason": "bad_code",
            "code": "syntax_error",
            "params": params,
            "location": {"line": 1, "column": 12},
        },
    }
    lines = render_lines(error_of(claimed(claim)).messages).split("\n")
    assert lines[0] == "Python cannot read line 1: “invalid syntax. Perhaps you forgot a comma”."
    assert lines[2] == "    " + " " * 7 + "\u3000\u3000" + " " * 2 + "^"
    far = claim["error"] | {
        "params": params | {"text": "x" * 90 + " y"},
        "location": {"line": 1, "column": 91},
    }
    _, code, caret, *_ = render_lines(error_of(claimed({"format": 1, "error": far})).messages).split("\n")
    assert len(caret) < 40
    assert code[len(caret) - 1 :] == " y"


def test_the_line_that_sets_another_image_format_is_told():
    source = "import keras\nkeras.backend.set_image_data_format('channels_first')\n"
    error = StudentError(
        Reason.BAD_MODEL,
        message(
            "refused_option",
            layer="f",
            kind="Flatten",
            option="data_format",
            value="'channels_first'",
            wanted="x",
        ),
    )
    told = of_image_format(error, source)
    assert [render(one) for one in told.messages] == [
        "The image data format is set to channels_first (line 2); here the colours come last. Leave that line out."
    ]
    assert of_image_format(error, "# set_image_data_format('channels_first')\n") is error


def test_what_another_part_asks_for_is_not_to_be_renamed():
    parts = tuple(Part(name, EntryPoint(f"build_{name}"), (4,)) for name in "ab")
    two = dataclasses.replace(ONE, parts=parts)
    params = {"wanted": "build_a", "found": "build_b()", "nearest": "build_b"}
    error = StudentError(Reason.BAD_RESULT, message("no_such_function_nearest", **params))
    assert "rename" not in render_lines(without_renaming(error, two).messages)
    other = StudentError(
        Reason.BAD_RESULT, message("no_such_function_nearest", **(params | {"nearest": "buld_a"}))
    )
    assert without_renaming(other, two) is other
