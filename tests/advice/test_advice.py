"""Whoever does what a report says loses no point and does not hear the same again. `make advice` tries all of them."""

from __future__ import annotations

from itertools import islice

import pytest

from grader.settings import load_settings
from tests.advice.answers import failed_references, mutants
from tests.advice.trying import tried
from tests.built_in import catalog
from workers.pipeline import open_pipeline

pytestmark = pytest.mark.sandbox

SAMPLE = ("xor", "traffic-pool", "max-pooling")
EVERY = 7
"""Of the mutants as many are left out as make a sample."""


@pytest.fixture(scope="module")
def sandbox(data_of_all):
    pipeline = open_pipeline(load_settings({}, data_dir=data_of_all, sandbox="bubblewrap"))
    yield pipeline.sandbox
    pipeline.close()


@pytest.mark.parametrize("slug", SAMPLE)
def test_a_next_step_carried_out_helps(sandbox, slug):
    answers = [*failed_references(sandbox, slug), *islice(mutants(sandbox, slug), 0, None, EVERY)]
    found = [one for name, extraction in answers if (one := tried(catalog(), slug, name, extraction))]
    assert [one.problem for one in found if one.problem] == []
    assert sum(one.carried_out for one in found) >= 0.8 * len(found)
    assert len(found) >= 7
