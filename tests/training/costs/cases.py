"""The layers whose cost is measured: each kind at its dearest that could be thought of, with few channels and with usual ones.

All are so large that a batch of them leaves the caches of a processor.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from grader.domain.layers import LAYERS, Layer
from grader.domain.layers.option import ACTIVATIONS

Shape = tuple[int, ...]
LINES: tuple[Shape, ...] = ((2304, 8), (2304, 16))
PICTURES: tuple[Shape, ...] = ((48, 48, 8), (96, 96, 2), (48, 48, 16), (24, 24, 32))
ROOMS: tuple[Shape, ...] = ((12, 12, 16, 8), (12, 12, 16, 16))
RANKS = ((1, LINES), (2, PICTURES), (3, ROOMS))
EVERYWHERE = LINES + PICTURES + ROOMS
ROW: Shape = (2048,)


@dataclass(frozen=True)
class Case:
    """One layer on inputs of one shape: one input, or several where it merges."""

    layer: Layer
    shape: Shape
    times: int = 1

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """What comes in."""
        return (self.shape,) * self.times


def _case(kind: str, shape: Shape, times: int = 1, **options: object) -> Case:
    return Case(LAYERS[kind].read(options), shape, times)


def cases() -> list[Case]:
    """All of them; a test holds that no kind is missing."""
    return [*_convolutions(), *_dense(), *_pools(), *_merges(), *_functions(), *_numbers(), *_shapes()]


def _convolutions() -> Iterator[Case]:
    for rank, shapes in RANKS:
        for shape in shapes:
            for size in (1, 3, 7) if rank < 3 else (1, 3):
                yield from _with_kernel(rank, shape, size)
    for shape in PICTURES:
        for size in (1, 3, 7):
            whole = {"filters": shape[-1], "kernel_size": [size] * 2, "padding": "same"}
            yield _case("Conv2D", shape, **whole, dilation_rate=[4, 4])
            yield _case("Conv2D", shape, **whole, groups=2)


def _with_kernel(rank: int, shape: Shape, size: int) -> Iterator[Case]:
    window = {"kernel_size": [size] * rank, "padding": "same"}
    whole = window | {"filters": shape[-1]}
    yield _case(f"Conv{rank}D", shape, **whole)
    if rank < 3:
        yield _case(f"Conv{rank}DTranspose", shape, **whole)
        yield _case(f"SeparableConv{rank}D", shape, **whole)
        yield _case(f"DepthwiseConv{rank}D", shape, **window)


def _dense() -> Iterator[Case]:
    yield from (_case("Dense", shape, units=shape[-1]) for shape in EVERYWHERE)
    yield _case("Dense", ROW, units=1024)


def _pools() -> Iterator[Case]:
    for rank, shapes in RANKS:
        for shape in shapes:
            for kind in ("Max", "Average"):
                for size in (2, 5):
                    whole = {"pool_size": [size] * rank, "padding": "same"}
                    yield _case(f"{kind}Pooling{rank}D", shape, **whole, strides=[1] * rank)
                yield _case(f"{kind}Pooling{rank}D", shape, pool_size=[2] * rank)
                yield _case(f"Global{kind}Pooling{rank}D", shape)


def _merges() -> Iterator[Case]:
    for kind in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate"):
        for shape in PICTURES[1:]:
            yield from (_case(kind, shape, times) for times in (2, 8) if kind != "Subtract" or times == 2)


def _functions() -> Iterator[Case]:
    for shape in PICTURES:
        yield from (_case("Activation", shape, activation=name) for name in ACTIVATIONS[1:])
        yield from (_case(kind, shape) for kind in ("ReLU", "LeakyReLU", "ELU", "Softmax", "PReLU"))
        yield _case("Softmax", shape, axis=1)


def _numbers() -> Iterator[Case]:
    for shape in PICTURES:
        normal = ("BatchNormalization", "LayerNormalization", "UnitNormalization")
        yield from (_case(kind, shape) for kind in normal)
        yield _case("LayerNormalization", shape, axis=[1, 2, 3])
        yield _case("BatchNormalization", shape, axis=1)
        yield _case("GroupNormalization", shape, groups=2)
        disturbing = ("Dropout", "AlphaDropout", "SpatialDropout2D", "GaussianDropout")
        yield from (_case(kind, shape, rate=0.3) for kind in disturbing)
        yield _case("GaussianNoise", shape, stddev=0.1)
        yield _case("Rescaling", shape, scale=0.5, offset=0.1)
        yield _case("ActivityRegularization", shape, l1=0.1, l2=0.1)
    yield from (_case("SpatialDropout1D", shape, rate=0.3) for shape in LINES)


def _shapes() -> Iterator[Case]:
    for shape in PICTURES:
        yield from (_case(kind, shape) for kind in ("Identity", "Flatten"))
        yield _case("Permute", shape, dims=[3, 2, 1])
        yield _case("Reshape", shape, target_shape=[shape[0] * shape[1], shape[2]])
        yield _case("ZeroPadding2D", shape, padding=[[1, 1], [1, 1]])
        yield _case("Cropping2D", shape, cropping=[[1, 1], [1, 1]])
        yield _case("UpSampling2D", shape, size=[2, 2])
    for shape in LINES:
        yield _case("ZeroPadding1D", shape, padding=[1, 1])
        yield _case("Cropping1D", shape, cropping=[1, 1])
        yield _case("UpSampling1D", shape, size=2)
    yield _case("RepeatVector", ROW, n=8)
