"""The prices that a training is counted by hold on this machine: a sample of layers, and networks that once were dearer.

All is measured beside the unit.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.training

ROOM = 2.5
"""Prices are doubled already; a machine that is dearer than five times ours in one kind needs `make costs` again."""

OF_A_NETWORK = 2.0
"""A network may take twice what is counted for it: for so much the limit of CPU-seconds has room."""


def measured(*words: str) -> dict[str, float]:
    """What `make costs` measures of a kind, in a process of its own: TensorFlow's threads are set once."""
    command = [sys.executable, "-m", "tests.training.costs", *words]
    told = subprocess.run(
        command, capture_output=True, text=True, cwd=Path(__file__).resolve().parents[2], check=True
    )
    found: dict[str, float] = json.loads(told.stdout)
    return found


def test_no_layer_of_a_sample_is_dearer_than_its_price() -> None:
    shares = measured("--sample")
    assert len(shares) == 6
    assert {name: share for name, share in shares.items() if share > ROOM} == {}


def test_no_network_that_ended_its_trainer_is_dearer_than_what_is_counted_for_it() -> None:
    """Whole networks, with their optimizers and batches, that budgets of before have let in."""
    shares = measured("--died")
    assert "90-layer-normalizations.json" in shares
    assert {name: share for name, share in shares.items() if share > OF_A_NETWORK} == {}
