"""The small submissions beside this project, in the forms that real ones have: the verdict is the folder's.

They lie in ../shared/cases/students, whose README has the table that is asserted here.
"""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from grader.domain.report import Verdict
from grader.messages import render
from grader.services.grading import grade as grade_source
from grader.services.source import read_source
from grader.settings import load_settings
from tests import chinese
from tests.forms.judge import words
from tests.real_data import FILES, real_files
from workers.extract import SandboxExtractor
from workers.pipeline import dataset_folders, open_pipeline, open_trainer
from workers.training.importing import import_dataset

pytestmark = [pytest.mark.sandbox, pytest.mark.training]

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "cases" / "students"
CASES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.glob("*/*/*.*"))
NONE = "../shared/cases/students is not there"

IN_NOTES = {
    "traffic-dense/passed/two_quizzes.ipynb": [r"cell 1\b"],
    "xor/passed/read_csv_first.py": [r"line 3\b.*in\.csv"],
    "xor/passed/stops_after_model.py": [r"GradientDescentOptimizer"],
    "traffic-dense/passed/first_gpu.py": [r"GPU"],
    "traffic-dense/passed/nan_as_integer.py": [r"invented"],
    "traffic-dense/passed/callback_never_called.py": [r"invented"],
    "custom-loss/passed/right_then_too_slow.ipynb": [r"cell 2\b", r"second|time"],
}
"""What a note must say, as patterns that are each found in a note. Of xor's python_io.py nothing stops any more."""
TOLD = {
    "image-cnn/failed/dropout_before_flatten.py": [r"after the third MaxPooling2D"],
    "xor/invalid/stopped_cell_not_the_cause.ipynb": [r"build_model"],
    "happy-house/invalid/unfilled_starter.ipynb": [r"HappyModel", r"\bmodel\b"],
    "mnist-conv/invalid/channels_first.py": [r"\(28, 28, 1\)", r"last"],
    "traffic-dense/invalid/needs_arguments.py": [r"input_shape"],
}
"""What the feedback must say, as patterns that are all found in it."""
NOT_TOLD = {
    "xor/invalid/stopped_cell_not_the_cause.ipynb": [r"cell 2", r"float"],
    "happy-house/invalid/unfilled_starter.ipynb": [r"cell 3", r"scores"],
    "mnist-conv/invalid/channels_first.py": [r"window", r"stride"],
    "traffic-dense/invalid/needs_arguments.py": [r"classes", r"with \."],
    "image-cnn/failed/dropout_before_flatten.py": [r"after Flatten"],
}
"""What it must not say."""


def test_there_are_cases():
    if not FOLDER.is_dir():
        pytest.skip(NONE)
    named = {*IN_NOTES, *TOLD, *NOT_TOLD}
    assert named <= set(CASES)


@pytest.fixture(scope="module")
def grade(data_of_all):
    """The report on a case, trained by the class plan."""
    with closing(open_pipeline(load_settings({}, data_dir=data_of_all, sandbox="bubblewrap"))) as pipeline:
        reports = {}

        def graded(case):
            if case not in reports:
                path = FOLDER / case
                reports[case] = pipeline.grade_file(case.split("/")[0], path.read_bytes(), path.name)
            return reports[case]

        yield graded


@pytest.mark.parametrize("case", CASES)
def test_the_folder_is_the_verdict(grade, case):
    report = grade(case)
    assert report.verdict.value == case.split("/")[1], words(report)
    assert chinese.faults(report) == []


@pytest.mark.parametrize("case", sorted({*IN_NOTES, *TOLD, *NOT_TOLD} & set(CASES)))
def test_the_report_says_what_it_must(grade, case):
    report = grade(case)
    told = words(report)
    notes = told[len(report.feedback) :][: len(report.notes)]
    feedback = "\n".join(told[: len(report.feedback)])
    for pattern in IN_NOTES.get(case, ()):
        assert any(re.search(pattern, note) for note in notes), notes
    for pattern in TOLD.get(case, ()):
        assert re.search(pattern, feedback), feedback
    for pattern in NOT_TOLD.get(case, ()):
        assert not re.search(pattern, feedback), feedback


@pytest.mark.skipif("traffic-dense/passed/nan_as_integer.py" not in CASES, reason=NONE)
def test_invented_numbers_are_finite(grade):
    printed = grade("traffic-dense/passed/nan_as_integer.py").stdout
    assert re.search(r"accuracy: \d+ %", printed)


@pytest.mark.skipif("image-cnn/failed/dropout_before_flatten.py" not in CASES, reason=NONE)
def test_a_layer_is_placed_where_the_student_wrote_it(grade):
    [failed] = [
        check for check in grade("image-cnn/failed/dropout_before_flatten.py").checks if check.message
    ]
    assert "after the third MaxPooling2D" in render(failed.message)


@pytest.fixture(scope="module")
def real_faces(tmp_path_factory):
    """A data folder with the real pictures of happy-house."""
    folder = tmp_path_factory.mktemp("faces")
    settings = load_settings({}, data_dir=folder, sandbox="bubblewrap")
    declarations = dataset_folders(settings.assignments_dirs)
    import_dataset(
        "happy-house", real_files(*FILES["happy-house"]), declarations=declarations, data_dir=folder
    )
    return settings


@pytest.mark.skipif("happy-house/passed/three_bn_blocks.py" not in CASES, reason=NONE)
def test_three_blocks_learn_the_real_pictures(real_faces):
    """With the seed whose moving averages say 44 %; `make families` trains the others."""
    path = FOLDER / "happy-house" / "passed" / "three_bn_blocks.py"
    source = read_source(path.read_bytes(), path.name)
    with closing(open_pipeline(real_faces)) as pipeline, closing(open_trainer(real_faces)) as trainer:
        assignment = pipeline.catalog.assignments["happy-house"]
        [part] = assignment.parts
        alone = replace(
            assignment, parts=(replace(part, plan=replace(part.plan, borderline=None, seeds=(0,))),)
        )
        report = grade_source(
            source,
            alone,
            pipeline.catalog.rubrics["happy-house"],
            extractor=SandboxExtractor(pipeline.sandbox),
            trainer=trainer,
        )
    assert report.provenance.dataset.origin == "real"
    assert report.verdict is Verdict.PASSED, words(report)
    [run] = report.parts[0].training.runs
    assert run.by_averages.test_accuracy < 0.6 < run.test_accuracy
    assert [note.code for note in report.notes if note.code == "note_averages"] == ["note_averages"]
