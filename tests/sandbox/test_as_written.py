"""The documents' own listings through the whole pipeline, as they are printed. They are read, never kept here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.domain.report import Report, Verdict
from grader.messages import render
from grader.settings import load_settings
from workers.pipeline import Pipeline, open_pipeline

pytestmark = [pytest.mark.sandbox, pytest.mark.training]

DOCUMENTS = Path(__file__).resolve().parents[2].parent / "shared" / "seeds"
FENCE = re.compile(r"^([ \t]*)``` ?python[ ]*\n(.*?)^\1```", re.DOTALL | re.MULTILINE)
OUTPUT = "Testing\n20/20"


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    folder = tmp_path_factory.mktemp("data")
    opened = open_pipeline(
        load_settings({}, data_dir=folder, sandbox="bubblewrap", sandbox_mode="forkserver")
    )
    yield opened
    opened.close()


def document(number: str) -> str:
    found = sorted(DOCUMENTS.glob(f"{number}_*.txt"))
    if not found:
        pytest.skip("the five documents are not beside this project (../shared/seeds)")
    return found[0].read_text(encoding="utf-8")


def blocks(text: str) -> list[str]:
    """The Python blocks, without the indentation of lists; one block of 002 is output, not code."""
    listings = []
    for indentation, body in FENCE.findall(text):
        listing = re.sub(f"^{indentation}", "", body, flags=re.MULTILINE)
        if not listing.startswith(OUTPUT):
            listings.append(listing)
    return listings


def section(number: int) -> list[str]:
    """The blocks of one section of 002."""
    parts = re.split(r"^# (?=\d+\. )", document("002"), flags=re.MULTILINE)
    return blocks(next(part for part in parts if part.startswith(f"{number}. ")))


def quiz(number: int) -> str:
    """One traffic quiz; §8 and §9 print the network alone and say that the rest is as before."""
    if number in (8, 9):
        before = [block for block in section(7)[:6] if "Sequential()" not in block]
        imports = "from keras.layers import MaxPooling2D, Dropout\n"
        return "\n".join([*before[:3], imports, *section(number), *before[3:]])
    listings = section(number)
    first = next(place for place, block in enumerate(listings) if block.startswith("import pickle"))
    last = next((place for place, block in enumerate(listings) if block.startswith("'''Trains")), None)
    return "\n".join(listings[first:last])


def grade(pipeline: Pipeline, slug: str, source: str) -> Report:
    return pipeline.grade_file(slug, source.encode())


def words(report: Report) -> str:
    return "\n".join(render(message) for message in (*report.feedback, *report.notes))


@pytest.mark.parametrize(
    ("number", "slug"),
    [
        (6, "traffic-dense"),
        (7, "traffic-conv"),
        (8, "traffic-pool"),
        (9, "traffic-dropout"),
        (10, "traffic-test"),
    ],
)
def test_a_traffic_quiz(pipeline: Pipeline, number: int, slug: str) -> None:
    report = grade(pipeline, slug, quiz(number))
    assert report.verdict is Verdict.PASSED, words(report)
    codes = [note.code for note in report.notes]
    assert "note_old_spelling" in codes
    assert "note_not_trained_here" in codes
    assert not any(code.startswith("note_fit_") for code in codes)


def test_the_whole_code_of_the_tutorial(pipeline: Pipeline) -> None:
    source = "\n".join(blocks(document("001"))).replace("%matplotlib inline", "")
    report = grade(pipeline, "happy-house", source)
    assert report.verdict is Verdict.PASSED, words(report)
    assert "Loss = nan" in report.stdout
    assert "keras.utils.vis_utils" in words(report)


def test_the_happy_house_of_the_translated_notebook(pipeline: Pipeline) -> None:
    imports = "from keras.layers import *\nfrom keras.models import Model\nfrom kt_utils import *\n"
    data = (
        "X_train, Y_train, X_test, Y_test, classes = load_dataset()\nY_train, Y_test = Y_train.T, Y_test.T\n"
    )
    shown, exercise, *use = blocks(document("000"))
    report = grade(pipeline, "happy-house", "\n".join([imports, data, shown, exercise, *use[:4]]))
    assert report.verdict is Verdict.PASSED, words(report)
    assert "You train for 10 epochs; the grader trains for 40." in words(report)


@pytest.mark.parametrize(
    ("slug", "number", "place"),
    [("mnist-dense", "002", 0), ("mnist-conv", "002", 1)],
)
def test_an_mnist_script_of_002(pipeline: Pipeline, slug: str, number: str, place: int) -> None:
    scripts = [block for block in blocks(document(number)) if block.startswith("'''Trains")]
    assert_passed_where_there_is_one(pipeline, slug, scripts[place])


@pytest.mark.parametrize(
    ("slug", "mark"),
    [("mnist-elu", "activation='elu'"), ("mnist-functional", "x_train = x_train.reshape(60000, 784)")],
)
def test_an_mnist_listing_of_003(pipeline: Pipeline, slug: str, mark: str) -> None:
    listing = next(block for block in blocks(document("003")) if mark in block)
    assert_passed_where_there_is_one(pipeline, slug, listing)


def test_the_clothes_of_003(pipeline: Pipeline) -> None:
    first, *rest = blocks(document("003"))[:7]
    source = "\n".join([first.replace("\n2.3.0", ""), *rest])
    assert_passed_where_there_is_one(pipeline, "fashion-mnist", source)


@pytest.mark.parametrize(
    "slug",
    ["custom-loss", "custom-layers", "mnist-functional"],
)
def test_losses_and_layers_of_003(pipeline: Pipeline, slug: str) -> None:
    """The listings one after the other, from the functional network on: one file for three assignments."""
    listings = blocks(document("003"))
    start = next(place for place, block in enumerate(listings) if "x_train.reshape(60000, 784)" in block)
    end = next(place for place, block in enumerate(listings) if "class MetricLoggingLayer" in block)
    report = grade(pipeline, slug, "\n".join(listings[start : end + 1]))
    assert report.verdict is Verdict.PASSED, words(report)
    assert "self.add_metric" in words(report)


@pytest.mark.parametrize(
    ("slug", "mark"),
    [("image-cnn", "Dense(500"), ("max-pooling", "input_shape=(100, 100, 15)")],
)
def test_a_listing_of_004(pipeline: Pipeline, slug: str, mark: str) -> None:
    listing = next(block for block in blocks(document("004")) if mark in block)
    assert_passed_where_there_is_one(pipeline, slug, listing)


def test_the_xor_network_with_its_model_named(pipeline: Pipeline) -> None:
    """The listing adds its Dropout layers to `model`, which it never makes: said so; put right, it is graded."""
    listing = next(block for block in blocks(document("004")) if "xor = Sequential()" in block)
    assert_passed_where_there_is_one(pipeline, "xor", listing.replace("model.add", "xor.add"))


def assert_passed_where_there_is_one(pipeline: Pipeline, slug: str, source: str) -> None:
    if slug not in pipeline.catalog.assignments:
        pytest.fail(f"there is no assignment {slug}")
    report = grade(pipeline, slug, source)
    assert report.verdict is Verdict.PASSED, words(report)


@pytest.mark.parametrize("slug", ["traffic-dense"])
def test_a_loop_that_waits_for_training(pipeline: Pipeline, slug: str) -> None:
    source = quiz(6).replace(
        "history = model.fit(X_normalized, y_one_hot, epochs=3, validation_split=0.2)",
        "acc = 0\nwhile not acc > .9:\n    acc = model.fit(X_normalized, y_one_hot).history['acc'][-1]\n",
    )
    report = grade(pipeline, slug, source)
    assert report.verdict is Verdict.INVALID
    assert [message.code for message in report.feedback][-2:] == ["time_limit_cpu", "time_limit_fit"]
    assert report.location is not None
