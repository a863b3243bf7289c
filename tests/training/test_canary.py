from __future__ import annotations

import numpy as np
import pytest

from workers.training.canary import canary, draw

pytestmark = pytest.mark.training


def test_one_machine_agrees_with_itself_in_any_process(warm_process):
    first = canary(warm_process, 1)
    assert len(first) == 64
    assert canary(warm_process, 1) == first
    warm_process.close()
    assert canary(warm_process, 1) == first


def test_one_other_bit_is_another_hash(warm_process, monkeypatch):
    usual = canary(warm_process, 1)

    def bent(folder):
        draw(folder)
        pictures = np.load(folder / "train_x.npy")
        pictures[0, 0, 0, 0] = np.nextafter(pictures[0, 0, 0, 0], np.float32(2))
        np.save(folder / "train_x.npy", pictures)

    monkeypatch.setattr("workers.training.canary.draw", bent)
    assert canary(warm_process, 1) != usual
