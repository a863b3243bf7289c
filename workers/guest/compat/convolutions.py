"""`Convolution2D(32, 3, 3)`: two numbers were the kernel's height and width once; today the second is the stride.

Today `Convolution2D` is `Conv2D` by another name. Under the old name, and under the old module's, the old meaning stands;
what comes out is an ordinary `Conv2D`.
"""

from __future__ import annotations

from typing import Any

from .notes import Notes, shown
from .patches import Patches

_SIZES = 2


class OldName(type):
    """The class of a name for another class: what is made under it is an instance of both."""

    stands_for: type

    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, cls.stands_for)


def install(keras: Any, notes: Notes, patches: Patches) -> None:
    """Give `keras.layers` a Convolution2D that takes its kernel as two numbers."""
    patches.set(keras.layers, "Convolution2D", old_convolution(keras, notes, "Convolution2D"))


def for_module(keras: Any, notes: Notes) -> dict[str, Any]:
    """What an old module calls Conv2D and Convolution2D."""
    return {name: old_convolution(keras, notes, name) for name in ("Conv2D", "Convolution2D")}


def old_convolution(keras: Any, notes: Notes, name: str) -> type:
    """A class that makes a `Conv2D` from old arguments; a subclass of it is a subclass of `Conv2D`."""
    today = keras.layers.Conv2D

    def new(cls: type, *args: Any, **kwargs: Any) -> Any:
        if cls is not old:
            return today.__new__(cls, *args, **kwargs)
        sizes = args[1 : 1 + _SIZES]
        if len(sizes) == _SIZES and all(type(size) is int for size in sizes) and "strides" not in kwargs:
            notes.old(f"{name}{shown(args)}", f"Conv2D({shown(args[0])}, {shown(sizes)})")
            args = (args[0], sizes, *args[1 + _SIZES :])
        return today(*args, **kwargs)

    old = OldName(name, (today,), {"__new__": new, "stands_for": today, "__module__": today.__module__})
    return old
