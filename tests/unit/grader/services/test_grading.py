from __future__ import annotations

from dataclasses import replace

import pytest

from grader.checks import CheckFailed, Rubric, architecture_check, expect, probe_check, training_check
from grader.domain.assignment import Assignment, ChoiceBounds, EntryPoint, Part, Strictness
from grader.domain.description import read_model
from grader.domain.errors import Reason, StudentError, TrainerFault
from grader.domain.layers import Dense, Dropout
from grader.domain.message import message
from grader.domain.model_spec import chain
from grader.domain.probe import ProbeKind, ProbePlan, ProbeRun
from grader.domain.report import DatasetStamp, Verdict, Visibility
from grader.domain.submission import Stage
from grader.domain.training import SeededRun, TrainingChoice, TrainingPlan, TrainingRun
from grader.messages import render
from grader.services.grading import Extraction, Handed, Probed, grade

PLAN = TrainingPlan("d", 1, 1, "adam", "mse")
ASSIGNMENT = Assignment("a", "A", "v", "", "", (Part("model", EntryPoint("build"), (4,), PLAN),))


@architecture_check(points=4)
def units(model):
    """has 3 units"""
    if model.output_shapes != ((3,),):
        raise CheckFailed(message("wrong_output_shape"), expected="3", actual=str(model.output_shapes[0][0]))


@training_check(points=6, needs=units)
def accurate(run):
    """learns"""
    if run.final("accuracy") < 0.5:
        raise CheckFailed(message("not_yet"))


RUN = ProbeRun(ProbeKind.LOSS_FUNCTION, ())
RUBRICS = {"model": Rubric((units,), (accurate,))}


class Extractor:
    sandbox = "none"

    def __init__(self, units=3, error=None):
        self.units, self.error = units, error

    def extract(self, source, assignment, fits=None):
        if self.error:
            raise self.error
        return Extraction({"model": Handed("build", chain((4,), Dense(self.units)))}, stdout="hello")


class Trainer:
    versions = {"keras": "k", "tensorflow": "t"}

    def __init__(self, accuracy=0.9, error=None):
        self.accuracy, self.error, self.asked = accuracy, error, 0

    def dataset(self, name, sha256=None):
        return DatasetStamp(name, "synthetic", sha256 or "sha256:0")

    def train(self, model, plan, data):
        self.asked += 1
        self.plan, self.data = plan, data
        if self.error:
            raise self.error
        return TrainingRun((SeededRun(0, 1, {"accuracy": (self.accuracy,)}),))


def graded(extractor=None, trainer=None, on_stage=lambda _: None):
    return grade(
        "",
        ASSIGNMENT,
        RUBRICS,
        extractor=extractor or Extractor(),
        trainer=trainer or Trainer(),
        on_stage=on_stage,
    )


def test_a_right_model_gets_every_point():
    stages = []
    report = graded(on_stage=stages.append)
    assert (report.verdict, report.score, report.max_score) == (Verdict.PASSED, 10, 10)
    assert report.parts[0].model.params == 15
    assert report.provenance.dataset.origin == "synthetic"
    assert stages == [Stage.EXTRACT, Stage.CHECK, Stage.TRAIN, Stage.SCORE]


def test_a_wrong_architecture_costs_no_training():
    trainer = Trainer()
    report = graded(Extractor(units=7), trainer)
    assert (report.verdict, report.score, trainer.asked) == (Verdict.FAILED, 0, 0)
    assert report.feedback[1].code == "wrong_output_shape"


def test_what_the_feedback_says_is_no_note_as_well():
    told, more = message("wrong_output_shape"), message("note_dropout_zero", layer="d")

    class Noting(Extractor):
        def extract(self, source, assignment, fits=None):
            return replace(super().extract(source, assignment), notes=(told, more))

    assert graded(Noting(units=7)).notes == (more,)
    assert graded(Noting()).notes == (told, more)


def test_where_a_layer_is_missing_and_lines_stopped_these_are_the_next_step():
    told = message("hint_stopped", places="line 3", why="…")

    class Missing(Extractor):
        def extract(self, source, assignment, fits=None):
            return replace(super().extract(source, assignment), missed={"model": told})

    @architecture_check(points=10)
    def order(model):
        """has 7 units, then 9"""
        raise CheckFailed(message("wrong_order_missing", expected="Dense(9)", after="Dense(7)"))

    report = grade("", ASSIGNMENT, {"model": Rubric((order,), ())}, extractor=Missing(), trainer=Trainer())
    assert report.feedback[-1] == told
    assert told not in graded(Missing(units=7)).feedback, "what lines did not do explains no shape"


def test_what_passed_before_training_keeps_its_points():
    assert graded(trainer=Trainer(accuracy=0.1)).score == 4


@pytest.mark.parametrize("where", ["extractor", "trainer"])
def test_a_students_mistake_ends_in_a_report(where):
    error = StudentError(Reason.TOO_BIG, message("too_many_layers", layers=9, limit=1))
    parts = {"extractor": Extractor(error=error), "trainer": Trainer(error=error)}
    report = graded(**{where: parts[where]})
    assert (report.verdict, report.reason, report.score) == (Verdict.INVALID, Reason.TOO_BIG, 0)


@pytest.mark.parametrize(
    ("choice", "fitting", "told"),
    [
        (None, 12, ["too_long_training", "what_would_fit"]),
        (ChoiceBounds(("adam",), (4, 128), (1, 40)), 0, ["too_long_training", "what_would_fit"]),
        (ChoiceBounds(("adam",), (4, 128), (13, 40)), 12, ["too_long_training", "what_would_fit"]),
        (
            ChoiceBounds(("adam",), (4, 128), (1, 40)),
            12,
            ["too_long_training", "what_would_fit", "fewer_epochs_fit"],
        ),
    ],
)
def test_what_is_too_large_is_told_what_would_fit(choice, fitting, told):
    error = StudentError(
        Reason.TOO_BIG,
        message("too_long_training", operations=9, limit=5, layer="dense"),
        message("what_would_fit", own=9, fitting=5, epochs=fitting),
    )
    part = replace(ASSIGNMENT.parts[0], choice=choice)
    report = grade(
        "", replace(ASSIGNMENT, parts=(part,)), RUBRICS, extractor=Extractor(), trainer=Trainer(error=error)
    )
    assert (report.verdict, report.reason) == (Verdict.INVALID, Reason.TOO_BIG)
    assert [each.code for each in report.feedback if each.code in ALL_OF_SIZE] == told
    if "fewer_epochs_fit" in told:
        assert 'TRAINING = {"epochs": 12}' in render(report.feedback[-1])
        assert 'TRAINING = {"epochs": 12}' in render(report.feedback[-1], "zh")


ALL_OF_SIZE = ("too_long_training", "what_would_fit", "fewer_epochs_fit")


def test_a_function_is_judged_by_its_run_and_the_seed_is_kept():
    @probe_check(points=3, part="loss")
    def value(run):
        """is right"""
        assert run is RUN

    part = Part("loss", EntryPoint("my_loss"), (), probe=ProbePlan(RUN.kind, ((2, 1),)))
    assignment = replace(ASSIGNMENT, parts=(*ASSIGNMENT.parts, part))

    class Both(Extractor):
        def extract(self, source, assignment, fits=None):
            found = super().extract(source, assignment)
            return replace(found, probes={"loss": Probed("my_loss", RUN)}, probe_seed=7)

    rubrics = {**RUBRICS, "loss": Rubric(probe=(value,))}
    report = grade("", assignment, rubrics, extractor=Both(), trainer=Trainer())
    assert (report.verdict, report.score, report.max_score) == (Verdict.PASSED, 13, 13)
    assert (report.parts[1].entry_point, report.parts[1].model) == ("my_loss", None)
    assert report.provenance.probe_seed == 7
    assert report.for_student().provenance.probe_seed is None


def test_our_own_fault_is_raised_for_the_queue():
    with pytest.raises(TrainerFault):
        graded(trainer=Trainer(error=TrainerFault("died")))


def test_training_is_on_the_data_that_the_course_fixed_and_by_what_the_student_chose():
    class Choosy(Extractor):
        def extract(self, source, assignment, fits=None):
            return replace(super().extract(source, assignment), choice=TrainingChoice("sgd", epochs=7))

    trainer = Trainer()
    report = grade("", ASSIGNMENT, RUBRICS, extractor=Choosy(), trainer=trainer, pinned={"d": "sha256:7"})
    assert report.provenance.dataset.sha256 == trainer.data.sha256 == "sha256:7"
    assert (trainer.plan.optimizer, trainer.plan.epochs, trainer.plan.batch_size) == ("sgd", 7, 1)


@pytest.mark.parametrize(
    ("strictness", "verdict"),
    [
        (Strictness.EXACT, Verdict.FAILED),
        (Strictness.PIECES, Verdict.PASSED),
        (Strictness.ANY, Verdict.GRADER_ERROR),
    ],
)
def test_the_parts_strictness_decides_what_may_stand_between_the_asked_layers(strictness, verdict):
    @architecture_check()
    def order(model):
        """comes in the asked order"""
        expect.layer_order(model, (Dense(8), Dense(3)))

    class Longer(Extractor):
        def extract(self, source, assignment, fits=None):
            return Extraction({"model": Handed("build", chain((4,), Dense(8), Dropout(0.5), Dense(3)))})

    assignment = replace(ASSIGNMENT, parts=(replace(ASSIGNMENT.parts[0], architecture=strictness),))
    report = grade("", assignment, {"model": Rubric((order,))}, extractor=Longer(), trainer=Trainer())
    assert report.verdict is verdict
    lines = report.parts[0].diff or ()
    assert [line.kind for line in lines] == (["same", "extra", "same"] if verdict is Verdict.FAILED else [])


def test_a_report_has_what_it_takes_to_grade_again():
    trainer = Trainer()
    trainer.versions = {
        "keras": "k",
        "tensorflow": "t",
        "python": "3",
        "numpy": "2",
        "cpu": "c",
        "cpu_features": "avx2 fma",
    }
    report = graded(trainer=trainer)
    assert read_model(report.parts[0].described.network) == chain((4,), Dense(3))
    made = report.provenance
    assert (made.python, made.numpy, made.cpu, made.cpu_features) == ("3", "2", "c", "avx2 fma")
    assert made.choice == TrainingChoice()


def test_what_fits_is_told_by_the_visible_checks_alone_and_nothing_is_trained():
    """Of several answers in a notebook one is taken before any is judged: nobody may learn from that what is hidden."""
    asked = []

    @architecture_check(points=1, visibility=Visibility.HIDDEN)
    def secret(model):
        """has a secret"""
        asked.append(model)
        raise CheckFailed(message("not_yet"))

    @architecture_check(points=1, needs=secret)
    def behind_it(model):
        """has 3 units, too"""
        units.look(model)

    class Choosing(Extractor):
        def extract(self, source, assignment, fits=None):
            (part,) = assignment.parts
            self.fitting = [count for count in (3, 4) if fits(part, chain((4,), Dense(count)))]
            assert not asked
            return super().extract(source, assignment)

    trainer, extractor = Trainer(), Choosing()
    rubric = Rubric((units, secret, behind_it), (accurate,))
    grade("", ASSIGNMENT, {"model": rubric}, extractor=extractor, trainer=trainer)
    assert extractor.fitting == [3]
    assert len(asked) == 1, "once, of the one that is graded"
