from __future__ import annotations

import numpy as np
import pytest

from workers.training.canary import canary, draw
from workers.training.process import TrainerProcess

pytestmark = pytest.mark.training


@pytest.fixture(scope="module")
def process():
    process = TrainerProcess(16)
    yield process
    process.close()


def test_one_machine_agrees_with_itself_in_any_process(process):
    first = canary(process, 1)
    assert len(first) == 64
    assert canary(process, 1) == first
    process.close()
    assert canary(process, 1) == first


def test_one_other_bit_is_another_hash(process, monkeypatch):
    usual = canary(process, 1)

    def bent(folder):
        draw(folder)
        pictures = np.load(folder / "train_x.npy")
        pictures[0, 0, 0, 0] = np.nextafter(pictures[0, 0, 0, 0], np.float32(2))
        np.save(folder / "train_x.npy", pictures)

    monkeypatch.setattr("workers.training.canary.draw", bent)
    assert canary(process, 1) != usual
