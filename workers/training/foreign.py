"""What every reader of foreign files shares: the refusal, and the bound on a declared shape."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from grader.domain.errors import GraderError

if TYPE_CHECKING:
    import numpy as np

    from workers.training.declaration import Declaration

NUMBERS = "biuf"  # the kinds of numbers that an array may hold: bool, int, unsigned, float


class ImportRefused(GraderError):
    """A file is not what the data set declares; the text names the file and says what was expected."""


def bounded(key: str, shape: tuple[int, ...] | None, dtype: np.dtype[Any], declaration: Declaration) -> None:
    """Refuse a declared shape or type before memory is taken for it."""
    if dtype.kind not in NUMBERS or dtype.subdtype is not None:
        detail = f"the array {key!r} holds {dtype}: only arrays of numbers are read"
        raise ImportRefused(detail)
    if shape is None or not _fits(shape, declaration.most_numbers):
        count = max(declaration.sizes.train, declaration.sizes.test)
        detail = (
            f"the array {key!r} has shape {shape}, expected at most {(count, *declaration.pictures.shape)}"
        )
        raise ImportRefused(detail)


def _fits(shape: tuple[int, ...], most: int) -> bool:
    """Also where one axis is 0: numpy makes no array of (2**62, 2**62, 0)."""
    return all(type(size) is int and 0 <= size <= most for size in shape) and math.prod(shape) <= most
