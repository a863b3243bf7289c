"""The data of `fit` and its like as arrays of few rows, whatever they come as: arrays, frames, data sets, generators."""

from __future__ import annotations

from typing import Any

MAX_ROWS = 64
_MAX_NUMBERS = 2**20


def first(keras: Any, x: Any, y: Any, weight: Any) -> tuple[tuple[Any, Any, Any], int]:
    """The arguments as arrays of few rows, from arrays, data sets or generators; and how many rows there are."""
    if x is None or is_array(x) or isinstance(x, list | tuple | dict):
        return _of_arrays(keras, x, y, weight)
    batch = x[0] if hasattr(x, "__getitem__") else next(iter(x))
    batch, rows = _of_arrays(keras, *keras.utils.unpack_x_y_sample_weight(as_tuple(batch)))
    return batch, rows * (length(x) or 1)


def length(x: Any) -> int | None:
    """How many batches a data set has, where it knows; None for generators and endless ones."""
    try:
        return len(x)
    except TypeError:
        return None


def _of_arrays(keras: Any, x: Any, y: Any, weight: Any) -> tuple[tuple[Any, Any, Any], int]:
    leaves = [leaf for leaf in keras.tree.flatten((x, y, weight)) if leaf is not None]
    if x is None or not all(is_array(leaf) for leaf in leaves):
        text = f"Unrecognized data type: x={str(x)[:80]} (of type {type(x)})"
        raise ValueError(text)
    sizes = [leaf.shape[0] if leaf.shape else 0 for leaf in leaves]
    if len(set(sizes)) > 1:
        text = (
            "Data cardinality is ambiguous. Make sure all arrays contain the same number of samples. "
            f"Sizes: {', '.join(map(str, sizes))}"
        )
        raise ValueError(text)
    return keras.tree.map_structure(lambda leaf: rows_of(leaf, MAX_ROWS), (x, y, weight)), sizes[0]


def is_array(value: Any) -> bool:
    """Whether a value has a shape and a type, or can be turned into what has."""
    return hasattr(value, "shape") and (hasattr(value, "dtype") or hasattr(value, "to_numpy"))


def rows_of(leaf: Any, rows: int) -> Any:
    """The first rows, as something with a shape and a type."""
    if leaf is None:
        return None
    part = leaf.to_numpy()[:rows] if hasattr(leaf, "to_numpy") else leaf[:rows]
    return part.toarray() if hasattr(part, "toarray") else part


def forward_rows(leaf: Any) -> int:
    """How many rows one forward pass takes: fewer where each is large."""
    size = 1
    for edge in leaf.shape[1:]:
        size *= edge or 1
    return max(1, min(MAX_ROWS, _MAX_NUMBERS // max(1, size)))


def as_tuple(data: Any) -> Any:
    """A list of arrays as a tuple: (x, y) or (x, y, weights)."""
    return tuple(data) if isinstance(data, list) else data
