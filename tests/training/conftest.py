"""Gives the tests `measure.py`, which is a program of its own too."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def hardness() -> ModuleType:
    """The module `measure.py` beside this file."""
    path = Path(__file__).with_name("measure.py")
    spec = importlib.util.spec_from_file_location("tests_training_measure", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
