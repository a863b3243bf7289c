"""Layers by their name in the place of an activation, as in `activation="LeakyReLU"`: TensorFlow 2 took them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .notes import Notes
from .patches import Patches

_LAYERS = ("LeakyReLU", "PReLU", "ReLU", "ELU", "Softmax")


def install(keras: Any, notes: Notes, patches: Patches) -> None:
    """Have `activations.get` make such a layer."""

    def get(inner: Callable[..., Any], identifier: Any) -> Any:
        if identifier not in _LAYERS:
            return inner(identifier)
        notes.old(f'activation="{identifier}"', f"keras.layers.{identifier}()")
        return getattr(keras.layers, identifier)()

    for module in (keras.src.activations, keras.activations):
        patches.around(module, "get", get)
