"""The table of old spellings, without any library."""

from __future__ import annotations

import pytest

from workers.guest.compat.names import MODULES, today


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("keras.layers.core", "keras.layers"),
        ("tensorflow.keras.layers.convolutional", "keras.layers"),
        ("keras._tf_keras.keras.utils.np_utils", "keras.utils"),
        ("keras.layers.CuDNNLSTM", "keras.layers.LSTM"),
        ("keras.layers.recurrent.CuDNNLSTM", "keras.layers.LSTM"),
        ("keras.layers.local.LocallyConnected2D", "keras.layers.Conv2D"),
        ("keras.models.Graph", "keras.Model(inputs, outputs)"),
        ("tensorflow.Session", "nothing: TensorFlow computes at once"),
        ("tensorflow.contrib.keras.layers", "keras.layers"),
        ("sklearn.cross_validation", "sklearn.model_selection"),
        ("keras.layers.Dens", None),
        ("keras.layers.core.Dens", None),
        ("torch.nn", None),
        ("keras", None),
    ],
)
def test_what_is_written_today(old: str, new: str | None) -> None:
    assert today(old) == new


def test_no_module_moves_to_one_that_is_gone() -> None:
    assert not set(MODULES.values()) & set(MODULES)
