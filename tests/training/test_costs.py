"""The prices that a training is counted by hold on this machine: a sample, measured beside the unit."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.training

ROOM = 2.5
"""Prices are doubled already; a machine that is dearer than five times ours in one kind needs `make costs` again."""


def test_no_layer_of_a_sample_is_dearer_than_its_price() -> None:
    """In a process of its own: TensorFlow's threads are set once."""
    command = [sys.executable, "-m", "tests.training.costs", "--sample"]
    told = subprocess.run(
        command, capture_output=True, text=True, cwd=Path(__file__).resolve().parents[2], check=True
    )
    shares = json.loads(told.stdout)
    assert len(shares) == 6
    assert {name: share for name, share in shares.items() if share > ROOM} == {}
