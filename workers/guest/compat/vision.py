"""The few functions of OpenCV that these exercises use on a picture of one's own, by numpy; colours as (height, width, 3)."""

from __future__ import annotations

import os
from typing import Any

_NAMES = (
    "INTER_AREA",
    "INTER_LINEAR",
    "INTER_NEAREST",
    "INTER_CUBIC",
    "COLOR_BGR2RGB",
    "COLOR_RGB2BGR",
    "IMREAD_COLOR",
)
COLOR_BGR2GRAY, COLOR_RGB2GRAY, IMREAD_GRAYSCALE = "to grey", "to grey", 0


def contents() -> dict[str, Any]:
    """The names of the stand-in for `cv2`."""
    here = {"imread": imread, "resize": resize, "split": split, "merge": merge, "cvtColor": convert}
    constants = {
        "COLOR_BGR2GRAY": COLOR_BGR2GRAY,
        "COLOR_RGB2GRAY": COLOR_RGB2GRAY,
        "IMREAD_GRAYSCALE": IMREAD_GRAYSCALE,
    }
    return here | constants | dict.fromkeys(_NAMES, 1)


def imread(path: Any, flags: Any = 1) -> Any:
    """A picture from a file, blue first; None for what is no picture, as OpenCV has it."""
    import numpy as np
    from PIL import Image

    try:
        with open(os.fspath(path), "rb") as file:
            picture = Image.open(file).convert("L" if flags == IMREAD_GRAYSCALE else "RGB")
    except OSError:
        return None
    return np.asarray(picture)[..., ::-1].copy() if flags != IMREAD_GRAYSCALE else np.asarray(picture)


def resize(picture: Any, size: Any, *_: Any, **__: Any) -> Any:
    """Nearest pixels; `size` is (width, height)."""
    import numpy as np

    width, height = size
    rows = np.arange(height) * picture.shape[0] // height
    columns = np.arange(width) * picture.shape[1] // width
    return picture[rows][:, columns]


def split(picture: Any) -> tuple[Any, ...]:
    """Each colour as a picture of its own."""
    return tuple(picture[..., channel] for channel in range(picture.shape[-1]))


def merge(channels: Any) -> Any:
    """The way back."""
    import numpy as np

    return np.stack(list(channels), axis=-1)


def convert(picture: Any, code: Any, *_: Any) -> Any:
    """Colours the other way round, or grey."""
    if code == COLOR_BGR2GRAY:
        return picture.mean(axis=-1).astype(picture.dtype)
    return picture[..., ::-1]
