"""Data that stand in while code is only being read: real shapes, types and class counts, invented contents.

Nothing here comes from a real data set, or from the generators that stand in for real ones in training.
"""

from __future__ import annotations

import io
import os
import pickle
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

_TRAFFIC = {"train": (0, 19, 19, 19, 22, 21), "test": (0, 5, 5, 5, 2, 3)}
_GERMAN = {"train": 20, "valid": 5, "test": 10}
_HAPPY = {"train": (264, 336), "test": (66, 84)}
_SIGNS = {"train": (180,) * 6, "test": (20,) * 6}
_DIGITS = {
    "train": (5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949),
    "test": (980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009),
}
_CLOTHES = {"train": (6000,) * 10, "test": (1000,) * 10}
_OBJECTS = {"train": (5000,) * 10, "test": (1000,) * 10}
_DRAWN = 64
_PICTURES = (".jpg", ".jpeg", ".png", ".bmp")


def pictures(counts: Sequence[int], shape: tuple[int, ...], seed: int) -> tuple[Any, Any]:
    """`sum(counts)` pictures as uint8, noise in the first 64 and black after them, and shuffled labels."""
    import numpy as np

    numbers = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(counts)), counts)
    numbers.shuffle(labels)
    found = np.zeros((len(labels), *shape), np.uint8)
    drawn = min(_DRAWN, len(labels))
    found[:drawn] = numbers.integers(0, 256, (drawn, *shape), np.uint8)
    return found, labels


def traffic(part: str) -> dict[str, Any]:
    """What small_train_traffic.p and small_test_traffic.p hold; labels 1 to 5 as uint8."""
    features, labels = pictures(_TRAFFIC[part], (32, 32, 3), 11)
    return {"features": features, "labels": labels.astype("uint8")}


def german_traffic(part: str) -> dict[str, Any]:
    """What train.p, valid.p and test.p hold: 43 classes, and the places of the signs; fewer pictures than the real ones."""
    import numpy as np

    features, labels = pictures((_GERMAN[part],) * 43, (32, 32, 3), 18)
    places = np.tile(np.array([[32, 32]]), (len(labels), 1))
    return {
        "features": features,
        "labels": labels.astype("uint8"),
        "sizes": places,
        "coords": np.hstack([places // 8, places - 4]),
    }


def faces(part: str) -> dict[str, Any]:
    """What train_happy.h5 and test_happy.h5 hold."""
    import numpy as np

    x, y = pictures(_HAPPY[part], (64, 64, 3), 12)
    return {f"{part}_set_x": x, f"{part}_set_y": y.astype("int64"), "list_classes": np.arange(2)}


def hands(part: str) -> dict[str, Any]:
    """What train_signs.h5 and test_signs.h5 hold."""
    import numpy as np

    x, y = pictures(_SIGNS[part], (64, 64, 3), 13)
    return {f"{part}_set_x": x, f"{part}_set_y": y.astype("int64"), "list_classes": np.arange(6)}


def load_happy() -> tuple[Any, Any, Any, Any, Any]:
    """The faces as kt_utils gives them: labels of shape (1, 600) and (1, 150)."""
    return _course(faces)


def load_signs() -> tuple[Any, Any, Any, Any, Any]:
    """The hands as cnn_utils gives them: labels of shape (1, 1080) and (1, 120)."""
    return _course(hands)


def loaders() -> dict[str, Callable[..., Any]]:
    """`load_data` of Keras's data sets, by the name of their module."""
    return {
        "mnist": lambda path=None: _pair(_DIGITS, (28, 28), 14),
        "fashion_mnist": lambda: _pair(_CLOTHES, (28, 28), 15),
        "cifar10": lambda: _pair(_OBJECTS, (32, 32, 3), 16, column=True),
        "cifar100": lambda label_mode="fine": _pair(
            {"train": (500,) * 100, "test": (100,) * 100}, (32, 32, 3), 17, column=True
        ),
    }


def place(path: object) -> Any:
    """The path to open: a file that is made now, where a well-known data set is asked for and is not there."""
    name = _name(path)
    if (name not in FILES and not name.lower().endswith(_PICTURES)) or os.path.exists(path):  # type: ignore[arg-type]
        return path
    return file(path) or _made(name, _picture)


def file(path: object) -> str | None:
    """A well-known file, made now; None where no such file is known."""
    name = _name(path)
    return _made(name, FILES[name]) if name in FILES else None


def _name(path: object) -> str:
    name = os.path.basename(os.fspath(path)) if isinstance(path, str | os.PathLike) else ""
    return str(name).rpartition("\\")[2]


def _made(name: str, make: Callable[[str], None]) -> str:
    made = os.path.join(_folder(), name)
    if not os.path.exists(made):
        make(made)
    return made


@cache
def _folder() -> str:
    return tempfile.mkdtemp(prefix=".stand-ins-")


def _course(read: Callable[[str], Mapping[str, Any]]) -> tuple[Any, Any, Any, Any, Any]:
    train, test = read("train"), read("test")
    y_train, y_test = train["train_set_y"].reshape(1, -1), test["test_set_y"].reshape(1, -1)
    return train["train_set_x"], y_train, test["test_set_x"], y_test, train["list_classes"]


def _pair(
    counts: Mapping[str, Sequence[int]], shape: tuple[int, ...], seed: int, *, column: bool = False
) -> Any:
    pairs = []
    for part in ("train", "test"):
        x, y = pictures(counts[part], shape, seed)
        y = y.astype("uint8")
        pairs.append((x, y.reshape(-1, 1) if column else y))
    return tuple(pairs)


def _pickle(part: str, read: Callable[[str], Any] = traffic) -> Callable[[str], None]:
    def make(path: str) -> None:
        with io.FileIO(path, "w") as file:
            file.write(pickle.dumps(read(part)))

    return make


def _npz(part: str) -> Callable[[str], None]:
    def make(path: str) -> None:
        import numpy as np

        np.savez(path, **traffic(part))

    return make


def _picture(path: str) -> None:
    """A grey one, for a picture of the student's own that is not handed in with the code."""
    from PIL import Image

    Image.new("RGB", (64, 64), (128, 128, 128)).save(path)


def _digits(path: str) -> None:
    import numpy as np

    (x, y), (u, v) = loaders()["mnist"]()
    np.savez_compressed(path, x_train=x, y_train=y, x_test=u, y_test=v)


def _hdf5(read: Callable[[str], Mapping[str, Any]], part: str) -> Callable[[str], None]:
    def make(path: str) -> None:
        import h5py

        with h5py.File(path, "w") as file:
            for name, values in read(part).items():
                file.create_dataset(name, data=values)

    return make


FILES: dict[str, Callable[[str], None]] = {
    "small_train_traffic.p": _pickle("train"),
    "small_test_traffic.p": _pickle("test"),
    "train.p": _pickle("train", german_traffic),
    "valid.p": _pickle("valid", german_traffic),
    "test.p": _pickle("test", german_traffic),
    "small_train_traffic.npz": _npz("train"),
    "small_test_traffic.npz": _npz("test"),
    "train_happy.h5": _hdf5(faces, "train"),
    "test_happy.h5": _hdf5(faces, "test"),
    "mnist.npz": _digits,
    "train_signs.h5": _hdf5(hands, "train"),
    "test_signs.h5": _hdf5(hands, "test"),
}
"""Data files of the exercises, by their name without folders, and what makes one."""
