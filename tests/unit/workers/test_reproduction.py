from __future__ import annotations

import copy
from dataclasses import replace

import pytest

from grader.domain.layers import Activation, Dense, Flatten, MaxPooling2D
from grader.domain.model_spec import chain
from grader.domain.report import DatasetStamp
from grader.domain.training import SeededRun, TrainingChoice, TrainingRun
from grader.messages import render_report
from grader.services.grading import Extraction, Handed, grade
from tests.built_in import catalog
from workers.reproduction import Recorded, UnreadableReport, reproduce

CATALOG = catalog()
POOLING = chain((100, 100, 15), MaxPooling2D())
DENSE = chain((32, 32, 3), Flatten(), Dense(128), Activation("relu"), Dense(5), Activation("softmax"))


class Extractor:
    sandbox = "bubblewrap"

    def __init__(self, model, choice):
        self._extraction = Extraction({"model": Handed("build_model", model)}, choice)

    def extract(self, source, assignment, fits=None):
        return self._extraction


class Trainer:
    """Trains as fast as it is told to; what it was asked for is kept."""

    def __init__(self, accuracy=0.9, **versions):
        self.versions = {"keras": "3", "tensorflow": "2", "cpu": "one", **versions}
        self.accuracy = accuracy

    def dataset(self, name, sha256=None):
        return DatasetStamp(name, "synthetic", sha256 or "sha256:today")

    def train(self, model, plan, data):
        self.model, self.plan, self.data = model, plan, data
        runs = tuple(SeededRun(seed, 3, {"accuracy": (0.1, self.accuracy)}) for seed in plan.seeds[:1])
        return TrainingRun(runs, threshold=plan.threshold)


def recorded(slug, model, choice=None):
    trainer = Trainer()
    made = grade(
        "",
        CATALOG.assignments[slug],
        CATALOG.rubrics[slug],
        extractor=Extractor(model, choice or TrainingChoice()),
        trainer=trainer,
        pinned={"traffic-signs": "sha256:then"},
    )
    return render_report(made)


def test_the_same_again():
    for public in (recorded("max-pooling", POOLING), recorded("traffic-dense", DENSE)):
        found = reproduce(Recorded.read(public), CATALOG, Trainer())
        assert not found.results
        assert not found.surroundings


def test_the_data_and_the_model_are_those_of_the_report():
    trainer = Trainer()
    reproduce(Recorded.read(recorded("traffic-dense", DENSE)), CATALOG, trainer)
    assert trainer.data.sha256 == "sha256:then"
    assert trainer.model == DENSE


def test_other_numbers_are_told():
    found = reproduce(Recorded.read(recorded("traffic-dense", DENSE)), CATALOG, Trainer(0.8))
    assert [one.what for one in found.results] == ["model, seed 0: accuracy"]
    found = reproduce(Recorded.read(recorded("traffic-dense", DENSE)), CATALOG, Trainer(0.3))
    told = {one.what: (one.before, one.now) for one in found.results}
    assert told["verdict"] == ("passed", "failed")
    assert told["score"] == ("10.0", "6.0")
    assert told["check accurate"] == ("passed", "failed")


def test_another_machine_is_told_and_is_no_other_result():
    found = reproduce(Recorded.read(recorded("traffic-dense", DENSE)), CATALOG, Trainer(keras="4", cpu="two"))
    assert not found.results
    assert [(one.what, one.before, one.now) for one in found.surroundings] == [
        ("keras", "3", "4"),
        ("cpu", "one", "two"),
    ]


def test_what_a_student_chose_is_chosen_again():
    trainer = Trainer()
    happy = chain((64, 64, 3), Flatten(), Dense(1, activation="sigmoid"))
    public = recorded("happy-house", happy, TrainingChoice("sgd", 8, 5))
    reproduce(Recorded.read(public), CATALOG, trainer)
    assert (trainer.plan.optimizer, trainer.plan.batch_size, trainer.plan.epochs) == ("sgd", 8, 5)


def test_a_wrong_model_fails_again_at_the_same_check():
    public = recorded("max-pooling", replace(POOLING, built_for_you=True))
    assert not reproduce(Recorded.read(public), CATALOG, Trainer()).results
    public = recorded("max-pooling", chain((100, 100, 15), MaxPooling2D(pool_size=(4, 4))))
    found = reproduce(Recorded.read(public), CATALOG, Trainer())
    assert found.report.verdict.value == "failed"
    assert not found.results


def test_a_report_without_its_model_needs_the_file():
    public = recorded("max-pooling", POOLING)
    del public["parts"][0]["described"]
    with pytest.raises(UnreadableReport, match="--source"):
        reproduce(Recorded.read(public), CATALOG, Trainer())


@pytest.mark.parametrize("change", [{"assignment": "nothing-such"}, {"assignment": "max-poling"}])
def test_an_assignment_that_is_not_here(change):
    with pytest.raises(UnreadableReport, match="no assignment"):
        reproduce(Recorded.read(recorded("max-pooling", POOLING) | change), CATALOG, Trainer())


@pytest.mark.parametrize("data", [None, [], {}, {"provenance": None}, {"provenance": {}, "parts": 3}])
def test_what_is_no_report(data):
    with pytest.raises(UnreadableReport):
        Recorded.read(data)


def test_a_network_that_nobody_could_build_is_no_report():
    public = copy.deepcopy(recorded("max-pooling", POOLING))
    public["parts"][0]["described"]["network"]["layers"] = []
    with pytest.raises(UnreadableReport):
        Recorded.read(public)
