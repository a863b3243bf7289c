"""Numbers that older Keras took as sizes: NumPy's scalars and whole floats, and an integer as a shape of one axis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_SIZES = frozenset(
    {"units", "filters", "kernel_size", "strides", "pool_size", "dilation_rate", "groups", "depth_multiplier", "padding",
     "cropping", "size", "n", "dims", "axis", "input_dim", "output_dim", "input_length", "num_heads", "key_dim",
     "value_dim", "target_shape", "input_shape", "batch_input_shape", "shape", "batch_shape", "batch_size", "num_tokens",
     "height", "width", "output_size", "max_tokens", "nb_filter", "nb_row", "nb_col", "pool_length", "subsample"}
)  # fmt: skip
_SHAPES = frozenset({"shape", "input_shape", "target_shape"})

Told = Callable[[str, Any, Any], object]


def plain(name: str, value: Any, told: Told) -> Any:
    """The argument `name` as Python's own numbers; whole floats become integers where a size is meant."""
    if name not in _SIZES:
        return _scalar(value)
    found = _sizes(value)
    if name in _SHAPES and type(found) is int:
        found = (found,)
    if _has_float(value) or (name in _SHAPES and not isinstance(found, type(value))):
        told(name, _scalar(value), found)
    return found


def whole(value: Any) -> Any:
    """A whole number as an int, whatever it came as; anything else unchanged."""
    value = _scalar(value, 1)
    return int(value) if type(value) is float and value.is_integer() else value


def _sizes(value: Any) -> Any:
    if type(value) in (list, tuple):
        return type(value)(_sizes(one) for one in value)
    if getattr(value, "ndim", None) == 1 and hasattr(value, "tolist") and value.size > 1:
        return tuple(_sizes(one) for one in value.tolist())
    return whole(value)


def _has_float(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(_has_float(one) for one in value)
    return (type(_scalar(value)) is float and value != _sizes(value)) or (
        type(value) is float and value.is_integer()
    )


def _scalar(value: Any, axes: int = 0) -> Any:
    """NumPy's number, or an array that holds one, as Python's."""
    if hasattr(value, "numpy") and getattr(value, "shape", None) == ():
        value = value.numpy()
    few = getattr(value, "ndim", axes + 1) <= axes and getattr(value, "size", 0) == 1
    return value.item() if few and hasattr(value, "item") and hasattr(value, "dtype") else value
