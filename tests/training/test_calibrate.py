"""`grader calibrate` for real: samples, limits, the record, and going on where it stopped."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.catalog import load_assignment
from grader.settings import BUILT_IN_ASSIGNMENTS
from workers.calibration.record import FILE, objections, read_record
from workers.cli.authoring import verify
from workers.cli.calibrate import calibrate
from workers.sandbox import choose
from workers.sandbox.base import Mode

pytestmark = [pytest.mark.training, pytest.mark.sandbox]

SLUG = "traffic-dense"
SOLUTIONS = Path(__file__).resolve().parents[2] / "reference_solutions" / SLUG
CHOSEN = (
    "accepted/functional.py",
    "accepted/activation_layers.py",
    "failed/all_zeros.py",
    "failed/cut_short.py",
    "invalid/empty.py",
)
FEW = ("--seeds", "10", "--wrong-seeds", "10")


@pytest.fixture(scope="module", autouse=True)
def one_sandbox():
    """Every command opens a sandbox and closes it; here it is one, which has imported TensorFlow once."""
    sandbox, _ = choose.open_bubblewrap(Mode.FORKSERVER)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(choose, "open_sandbox", lambda *_, **__: sandbox)
        patched.setattr(sandbox, "close", lambda: None)
        yield
    sandbox.close()


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course of its own with one assignment, and a data folder that keeps what was trained."""
    folder = tmp_path_factory.mktemp("course")
    shutil.copytree(
        BUILT_IN_ASSIGNMENTS / SLUG, folder / "own" / SLUG, ignore=shutil.ignore_patterns(FILE, "__pycache__")
    )
    for name in CHOSEN:
        path = folder / "own" / "_reference_solutions" / SLUG / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SOLUTIONS / name, path)
    return folder


def run(course, command, *words):
    environment = {
        "GRADER_ASSIGNMENTS_DIR": str(course / "own"),
        "GRADER_DATA_DIR": str(course / "data"),
        "GRADER_SANDBOX": "bubblewrap",
    }
    return CliRunner().invoke(command, [SLUG, *words], env=environment)


@pytest.fixture(scope="module")
def first(course):
    plot = str(course / "plot.svg")
    return run(course, calibrate, *FEW, "--json", "--save", "--plot", plot)


def test_right_and_wrong_networks_are_sampled(first):
    told = json.loads(first.stdout)
    found = {each["name"]: each for each in told["measured"]}
    assert list(found) == [
        "accepted/activation_layers.py and 1 more",
        "failed/all_zeros.py and 1 more",
        "mutant: ReLU shut",
    ]
    right, zeros, _ = found.values()
    assert (right["is_right"], zeros["is_right"]) == (True, False)
    assert all(sum(each["accuracies"].values()) == each["seeds"] == 10 for each in found.values())
    assert len(right["accuracies"]) > 1
    assert max(map(float, zeros["accuracies"])) < 0.4 < min(map(float, right["accuracies"]))
    assert zeros["wrong"]["high"] < 1e-3
    assert set(told["proposals"]) == {"model"}


def test_the_picture_and_the_record_are_written(course, first):
    assert "<svg" in (course / "plot.svg").read_text("utf-8")
    folder = course / "own" / SLUG
    assignment, _ = load_assignment(folder)
    record = read_record(folder)
    assert len(record.measured) == 3
    fair = all(each.is_fair for each in record.measured)
    assert (objections(assignment, record) == []) is fair
    assert first.exit_code == (0 if fair else 1)


def test_what_was_trained_is_not_trained_again(course, first):
    again = run(course, calibrate, *FEW)
    assert again.exit_code == first.exit_code
    assert "threshold 0.5, one seed" in again.stdout
    told = json.loads(run(course, calibrate, *FEW, "--json").stdout)
    assert told == json.loads(first.stdout)
    kept = list((course / "data" / "cache" / "runs").glob("*.json"))
    assert len(kept) == 30


def test_verify_refuses_a_plan_that_was_not_calibrated_or_passes_narrowly(course, first):
    assert run(course, verify).exit_code == first.exit_code
    path = course / "own" / SLUG / "assignment.yaml"
    before = path.read_text("utf-8")
    other = before.replace("epochs: 3", "epochs: 2")
    path.write_text(other.replace("threshold: 0.50", "threshold: 0.50\n      margin: 0.9"), "utf-8")
    refused = run(course, verify)
    path.write_text(before, "utf-8")
    assert refused.exit_code == 1
    assert "its class plan is another one than was calibrated" in refused.stdout
    assert "above the threshold, 0.9 is asked for" in refused.stdout


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (("--seeds", "9"), 2, "9 is not in the range"),
        (("--data", "real"), 1, "no real data of traffic-signs is here"),
        (("--plan", "document"), 2, "one plan only"),
    ],
)
def test_bad_words_are_told(course, words, status, told):
    done = run(course, calibrate, *words)
    assert (done.exit_code, told in done.output) == (status, True), done.output


def test_nothing_is_measured_where_nothing_is_trained(course):
    environment = {"GRADER_DATA_DIR": str(course / "data"), "GRADER_SANDBOX": "bubblewrap"}
    done = CliRunner().invoke(calibrate, ["max-pooling"], env=environment)
    assert done.exit_code == 1
    assert "nothing is trained here" in done.output
