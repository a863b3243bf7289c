"""A warm trainer for all tests that train, and `measure.py`, which is a program of its own too."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from grader.settings import BUILT_IN_ASSIGNMENTS
from workers.training.declaration import find_declarations
from workers.training.process import TrainerProcess
from workers.training.trainer import ProcessTrainer, TrainerLimits


@pytest.fixture(scope="session")
def warm_process() -> Iterator[TrainerProcess]:
    """What trainings are forked from: the import of TensorFlow, paid once. Whoever breaks it leaves the next one a new one."""
    process = TrainerProcess(TrainerLimits().address_space_gib)
    yield process
    process.close()


@pytest.fixture(scope="session")
def trainer(warm_process: TrainerProcess, data_of_all: Path) -> ProcessTrainer:
    """A trainer of the built-in data sets that keeps no run."""
    return ProcessTrainer(find_declarations(BUILT_IN_ASSIGNMENTS), data_of_all, process=warm_process)


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
