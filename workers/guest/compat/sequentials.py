"""What a Sequential could do once: `model.input` and `model.output`, and layers whose outputs belong to one network.

Today `model.input` asks who has called the model, and nobody has; and with each `add` all layers before are called anew,
so that `[layer.output for layer in model.layers]` gives the ends of as many networks as there are layers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .notes import Notes, asked_by_a_library
from .patches import Patches

_MAKER = "_made_by_sequential"


def install(keras: Any, notes: Notes, patches: Patches) -> None:
    """Give Sequential its ends, and have it sign the calls that it makes while it is put together."""
    for name in ("input", "output"):
        patches.set(keras.Sequential, name, _end(name, getattr(keras.Layer, name), notes))
    patches.around(keras.Sequential, "build", _build)


def maker(step: Any) -> Any:
    """The Sequential that called a layer while it was put together; None for a call of the student's own."""
    return getattr(step, _MAKER, None)


def _end(name: str, usual: Any, notes: Notes) -> property:
    def end(model: Any) -> Any:
        if model._functional is None:
            return usual.__get__(model)
        if not asked_by_a_library():
            notes.old(f"Sequential.{name}", f"model.{name}s[0]")
        return getattr(model._functional, name)

    return property(end)


def _build(inner: Callable[..., Any], model: Any, input_shape: Any = None) -> Any:
    before = {id(step) for layer in model._layers for step in layer._inbound_nodes}
    result = inner(model, (None, input_shape) if isinstance(input_shape, int) else input_shape)
    for layer in model._layers:
        for step in layer._inbound_nodes:
            if id(step) not in before:
                setattr(step, _MAKER, model)
    return result
