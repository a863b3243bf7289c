"""What every layer is: typed options with bounds, a shape rule, and a parameter count on our own integers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any, ClassVar, Self

from grader.domain.layers.option import BadOption
from grader.domain.layers.weighting import Choice
from grader.domain.message import Message, message

Shape = tuple[int, ...]
"""A tensor's shape without the batch."""


class ShapeError(ValueError):
    """A layer cannot take these inputs; its message says what it takes."""


@dataclass(frozen=True)
class Weights:
    """How many numbers a layer holds: those that training changes, and those it does not."""

    trainable: int = 0
    fixed: int = 0

    @property
    def total(self) -> int:
        """All of them, as `model.summary()` counts."""
        return self.trainable + self.fixed


@dataclass(frozen=True)
class Layer:
    """One layer's options. Subclasses are named as in Keras and declare their options with `option`."""

    inputs: ClassVar[tuple[int, int]] = (1, 1)
    """How few and how many inputs it takes."""
    ignored: ClassVar[Mapping[str, Any]] = {}
    """Keras options that are only graded at their default, and that default."""
    fixed: ClassVar[frozenset[str]] = frozenset()
    """Names of weights that training does not change."""

    @property
    def kind(self) -> str:
        """Keras's name of the layer."""
        return type(self).__name__

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """The shape that comes out of these; ShapeError when they do not fit."""
        return inputs[0]

    def weight_shapes(self, inputs: tuple[Shape, ...]) -> Mapping[str, Shape]:  # noqa: ARG002 - most layers hold none
        """The tensors that it holds when it is built on these shapes, by the first word of their options."""
        return {}

    def weights(self, inputs: tuple[Shape, ...]) -> Weights:
        """The numbers it holds when it is built on these shapes."""
        sizes = {name: size_of(shape) for name, shape in self.weight_shapes(inputs).items()}
        fixed = sum(size for name, size in sizes.items() if name in self.fixed)
        return Weights(sum(sizes.values()) - fixed, fixed)

    def check_weights(self, inputs: tuple[Shape, ...]) -> None:
        """BadOption for an initializer or a constraint that cannot work on the tensor that it is for."""
        for name, shape in self.weight_shapes(inputs).items():
            for option in (f"{name}_initializer", f"{name}_constraint"):
                choice = getattr(self, option, None)
                if isinstance(choice, Choice) and not choice.suits(len(shape)):
                    raise BadOption(option, message("fits_axes", axes=len(shape)))

    def operations(self, inputs: tuple[Shape, ...]) -> int:
        """Multiplications for one sample, roughly: what a training costs."""
        return size_of(self.output_shape(inputs))

    def hidden(self, inputs: tuple[Shape, ...]) -> int:
        """How many numbers of one sample it makes on the way to its output, and keeps for the way back."""
        own_activation = getattr(self, "activation", "linear") != "linear"
        return size_of(self.output_shape(inputs)) if own_activation else 0

    @classmethod
    def read(cls, config: Mapping[str, Any]) -> Self:
        """The layer from the guest's plain values; BadOption, with the option's name first, for any misfit."""
        known = {f.name: f for f in fields(cls)}
        for name in config.keys() - known.keys():
            if name not in cls.ignored:
                raise BadOption(name, message("left_out"))
            if config[name] != cls.ignored[name]:
                raise BadOption(name, message("left_at", value=repr(cls.ignored[name])))
        return cls(**{name: _read_option(known[name], config[name]) for name in known if name in config})

    def plain(self) -> dict[str, Any]:
        """Its options as `read` takes them."""
        return {f.name: _plain(getattr(self, f.name)) for f in fields(self)}

    def notation(self) -> str:
        """The layer as one would write it: required options, then those that differ from their default."""
        required = [_written(getattr(self, f.name)) for f in fields(self) if f.default is MISSING]
        changed = [
            f"{f.name}={_written(getattr(self, f.name))}"
            for f in fields(self)
            if f.default is not MISSING and getattr(self, f.name) != f.default
        ]
        return f"{self.kind}({', '.join(required + changed)})"


def _read_option(declared: Any, value: Any) -> Any:
    try:
        return declared.metadata["read"](value)
    except BadOption as error:
        raise type(error)(declared.name, *error.args) from None


def _plain(value: Any) -> Any:
    if isinstance(value, Choice):
        return {"class": value.name, "options": {name: _plain(item) for name, item in value.options}}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _written(value: Any) -> str:
    if isinstance(value, Choice):
        inside = ", ".join(f"{name}={_written(item)}" for name, item in value.options)
        return f"{value.name}({inside})"
    if isinstance(value, float):
        return f"{value:g}"
    return repr(value)


def size_of(shape: Shape) -> int:
    """How many numbers a tensor of this shape holds."""
    count = 1
    for dimension in shape:
        count *= dimension
    return count


def need_rank(shape: Shape, rank: int, takes: Message) -> None:
    """ShapeError unless `shape` has this many axes; `takes` says what the layer wants."""
    if len(shape) != rank:
        raise ShapeError(takes)
