"""Student code that must run to be judged: what it is run on, and what came back. The numbers speak only of themselves.

A loss is called with (y_true, y_pred), a layer with one batch after another; each case once eagerly and once inside
`tf.function`, where `model.fit` would call it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import prod

MOST_NUMBERS = 4096
"""In one tensor that comes back."""

MOST_DRAWN = 256
"""In one tensor that goes in."""

MOST_CASES = 24
LARGEST = 1000.0


class ProbeKind(StrEnum):
    """What of the student's is run: a function of (y_true, y_pred), or a class that gives a loss or a layer."""

    LOSS_FUNCTION = "loss_function"
    LOSS_CLASS = "loss_class"
    LAYER_CLASS = "layer_class"

    @property
    def is_class(self) -> bool:
        """Whether an object is made of it first."""
        return self is not ProbeKind.LOSS_FUNCTION


class Mode(StrEnum):
    """How the code was run."""

    EAGER = "eager"
    GRAPH = "graph"


@dataclass(frozen=True)
class ProbePlan:
    """What is run and on what: whole shapes, batch first; `options` are keyword arguments of the class, by turns.

    Inputs are drawn evenly between `low` and `high`.
    """

    kind: ProbeKind
    shapes: tuple[tuple[int, ...], ...]
    options: tuple[Mapping[str, float], ...] = field(default_factory=lambda: ({},))
    low: float = -2.0
    high: float = 2.0

    def slips(self) -> Iterator[tuple[str, str]]:
        """What an author got wrong: the key and a sentence; all cases must fit into one small job."""
        sizes = [prod(shape) if min(shape, default=0) > 0 else 0 for shape in self.shapes]
        if not sizes or not all(0 < size <= MOST_DRAWN for size in sizes):
            yield "shapes", f"whole shapes, batch first, of 1 to {MOST_DRAWN} numbers each"
        if not 0 < len(self.shapes) * len(self.options) <= MOST_CASES:
            yield "options", f"shapes times options must come to 1 to {MOST_CASES} cases"
        if any(self.options) and not self.kind.is_class:
            yield "options", "only a class is made with options"
        if not -LARGEST <= self.low < self.high <= LARGEST:
            yield "low", f"low must be less than high, both between -{LARGEST:g} and {LARGEST:g}"


@dataclass(frozen=True)
class Tensor:
    """Numbers in row-major order; NaN where the student's number was not finite."""

    shape: tuple[int, ...]
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        """Numbers and shape belong together."""
        if prod(self.shape) != len(self.values):
            detail = f"{len(self.values)} numbers of shape {self.shape}"
            raise ValueError(detail)


@dataclass(frozen=True)
class ProbeInputs:
    """One case before it is run: y_true and y_pred of a loss, or the batches of a layer."""

    inputs: tuple[Tensor, ...]
    options: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class GraphError:
    """What the student's code raised inside `tf.function`, with its line in their file."""

    error: str
    text: str
    line: int | None


@dataclass(frozen=True)
class ProbeCase:
    """One case as it came out; `error` is set, and nothing else, where the code does not run inside `tf.function`.

    Of a loss: `value` is what Keras makes of it, one number; `returned` the shape before that. Of a layer: `value` is
    what it gives for the last batch, `losses` what it added there, `metrics` what they say after all batches.
    `gradient` is that of the loss by y_pred, or by the layer's input that of all it gives and adds as a loss, summed up;
    None where there is none.
    """

    given: ProbeInputs
    mode: Mode
    value: Tensor | None = None
    returned: tuple[int, ...] = ()
    gradient: Tensor | None = None
    losses: tuple[float, ...] = ()
    metrics: Mapping[str, float] = field(default_factory=dict)
    error: GraphError | None = None


@dataclass(frozen=True)
class ProbeRun:
    """All cases of one function or class; checks look at this value. `name` is what the assignment calls it."""

    kind: ProbeKind
    cases: tuple[ProbeCase, ...]
    name: str = ""

    def of(self, mode: Mode) -> tuple[ProbeCase, ...]:
        """The cases that were run this way."""
        return tuple(case for case in self.cases if case.mode is mode)

    @property
    def by_default(self) -> ProbeRun:
        """The cases whose object was made without options."""
        return replace(self, cases=tuple(case for case in self.cases if not case.given.options))

    @property
    def with_options(self) -> ProbeRun:
        """The cases whose object was made with options."""
        return replace(self, cases=tuple(case for case in self.cases if case.given.options))
