"""`make long` works on one short assignment, and names only what there is."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from grader.settings import BUILT_IN_ASSIGNMENTS
from tests.built_in import catalog
from workers.training.declaration import find_declarations

pytestmark = [pytest.mark.sandbox, pytest.mark.training]


@pytest.fixture(scope="module")
def long() -> ModuleType:
    """The program beside this file."""
    spec = importlib.util.spec_from_file_location("tests_training_long", Path(__file__).with_name("long.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_it_trains_and_says_what_the_document_prints(
    long: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert long.main(["traffic-dense"]) == 0
    told = capsys.readouterr().out
    assert "[1/1] traffic-dense" in told
    assert "0.8375" in told


def test_it_knows_what_there_is(long: ModuleType) -> None:
    assert set(long.PRINTED) <= set(catalog().assignments)
    assert set(long.FILES) == set(find_declarations(BUILT_IN_ASSIGNMENTS)) - {"xor"}
