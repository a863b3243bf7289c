"""Every assignment's checks catch the mutants of its reference, and `docs/mutants.md` shows what they do today."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from grader.settings import load_settings
from tests.built_in import catalog
from workers.cli.mutate import UNTRAINED, examine
from workers.mutation.matrix import untrained_page
from workers.mutation.mutant import Aspect
from workers.pipeline import open_pipeline

pytestmark = pytest.mark.sandbox

PAGE = Path(__file__).resolve().parents[2] / "docs" / "mutants.md"
QUICK = ("traffic-dense", "traffic-conv", "traffic-pool", "traffic-dropout", "xor")
SLUGS = list(catalog().assignments)


@pytest.fixture(scope="module")
def settings(data_of_all):
    return load_settings({}, data_dir=data_of_all, sandbox="bubblewrap")


@pytest.fixture(scope="module")
def pipeline(settings):
    pipeline = open_pipeline(settings)
    yield pipeline
    pipeline.close()


@pytest.fixture(scope="module")
def found():
    """Findings of assignments that were looked at already."""
    return {}


@pytest.mark.parametrize("slug", SLUGS)
def test_the_right_check_catches_every_mutant_and_rewritings_pass(pipeline, settings, found, slug):
    examined = examine(pipeline, settings, slug, UNTRAINED)
    found[slug] = examined.findings
    assert not examined.problems


def test_the_page_shows_these_figures(found):
    if list(found) != SLUGS:
        pytest.skip("only some assignments were looked at")
    assert PAGE.read_text("utf-8").startswith(untrained_page(found)), (
        "run: grader mutate --page docs/mutants.md"
    )


@pytest.mark.training
def test_what_cannot_learn_is_caught_by_its_accuracy(pipeline, settings):
    """Those that train in seconds; all are in the page, by the command that writes it."""
    for slug in QUICK:
        examined = examine(pipeline, settings, slug, frozenset({Aspect.ACCURACY}))
        assert examined.findings
        assert all(finding.as_should_be for finding in examined.findings), slug


def test_the_command(tmp_path):
    import json
    import subprocess
    import sys

    words = [sys.executable, "-m", "grader.cli", "mutate", "max-pooling", "--json", "--untrained"]
    environment = {**os.environ, "GRADER_DATA_DIR": str(tmp_path)}
    done = subprocess.run(words, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["ok"] is True
    assert told["assignments"][0]["mutants"] >= 8
    unknown = subprocess.run([*words[:4], "max-poling"], capture_output=True, text=True, env=environment)
    assert unknown.returncode == 2
    assert "max-pooling" in unknown.stderr
