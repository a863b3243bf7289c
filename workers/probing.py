"""Probes from the host's side: inputs that nobody could foresee go in, numbers come out and are read as strangers' words."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence, Sized
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from grader.domain.assignment import Assignment, Part
from grader.domain.description import clean
from grader.domain.errors import Reason, StudentError
from grader.domain.message import message
from grader.domain.probe import (
    MOST_NUMBERS,
    GraphError,
    Mode,
    ProbeCase,
    ProbeInputs,
    ProbeKind,
    ProbePlan,
    ProbeRun,
    Tensor,
)

STEPS = 4096
"""Inputs are multiples of one part in this many, so that float32 and decimals hold them exactly."""

TENSORS = 2
"""A loss takes y_true and y_pred; a layer sees two batches, so that a metric has something to average."""

SEED_BITS = 48
"""Of a run's seed: more than anybody can try, and a whole number in every reader's JSON."""

MOST_RANK = 8
MOST_LOSSES = 16
MOST_METRICS = 16
MAX_LINE = 1_000_000


@dataclass(frozen=True)
class Drawn:
    """The inputs of one run: cases by part, and the seed that they come from."""

    seed: int
    cases: Mapping[str, tuple[ProbeInputs, ...]]

    @classmethod
    def of(cls, assignment: Assignment, seed: int) -> Drawn:
        """Draw for every part that is a probe; parts do not share their numbers."""
        cases = {
            part.name: draw(part.probe, f"{seed}/{part.name}") for part in assignment.parts if part.probe
        }
        return cls(seed, cases)

    def frame(self, part: Part) -> dict[str, Any]:
        """What a part's frame has more when it is a probe."""
        return {} if part.probe is None else {"probe": frame(part.probe, self.cases[part.name])}

    def read(self, part: Part, claim: Any) -> ProbeRun:
        """What came out of a part that is a probe."""
        if part.probe is None:
            detail = f"{part.name} is no probe"
            raise ValueError(detail)
        return replace(read_run(part.probe, self.cases[part.name], claim), name=part.entry_point.name)


def draw(plan: ProbePlan, seed: str) -> tuple[ProbeInputs, ...]:
    """The cases of a plan: every shape with every set of options; the same seed draws the same numbers."""
    source = random.Random(seed)  # noqa: S311 - the seed is what nobody must foresee, and that comes from `secrets`
    return tuple(
        ProbeInputs(tuple(_tensor(source, shape, plan) for _ in range(TENSORS)), options)
        for options, shape in product(plan.options, plan.shapes)
    )


def frame(plan: ProbePlan, cases: Sequence[ProbeInputs]) -> dict[str, Any]:
    """What the guest is told of a probe."""
    return {
        "kind": plan.kind.value,
        "cases": [
            {
                "options": dict(case.options),
                "inputs": [{"shape": list(one.shape), "values": list(one.values)} for one in case.inputs],
            }
            for case in cases
        ],
    }


def read_run(plan: ProbePlan, cases: Sequence[ProbeInputs], claim: Any) -> ProbeRun:
    """What the guest measured, case by case in our order; StudentError for words that are no such thing."""
    modes = tuple(product(Mode, cases))
    if not isinstance(claim, Mapping) or not isinstance(claim.get("cases"), list):
        raise _disturbed()
    if len(claim["cases"]) != len(modes):
        raise _disturbed()
    try:
        found = tuple(
            _case(plan.kind, mode, given, item)
            for (mode, given), item in zip(modes, claim["cases"], strict=True)
        )
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
        raise _disturbed() from None
    return ProbeRun(plan.kind, found)


def _tensor(source: random.Random, shape: tuple[int, ...], plan: ProbePlan) -> Tensor:
    numbers = tuple(
        round(source.uniform(plan.low, plan.high) * STEPS) / STEPS for _ in range(math.prod(shape))
    )
    return Tensor(shape, numbers)


def _case(kind: ProbeKind, mode: Mode, given: ProbeInputs, item: Mapping[str, Any]) -> ProbeCase:
    error = item.get("error")
    if error is not None:
        if mode is Mode.EAGER:  # the guest ends the job there
            raise _disturbed()
        return ProbeCase(given, mode, error=_error(error))
    value, gradient = _read(item["value"]), item["gradient"]
    if kind is not ProbeKind.LAYER_CLASS and value.shape != ():
        raise _disturbed()
    return ProbeCase(
        given,
        mode,
        value=value,
        returned=_shape(item["returned"]),
        gradient=None if gradient is None else _read(gradient),
        losses=tuple(map(_number, _at_most(MOST_LOSSES, item["losses"]))),
        metrics={
            clean(name): _number(number)
            for name, number in _at_most(MOST_METRICS, item["metrics"], dict).items()
        },
    )


def _error(given: Mapping[str, Any]) -> GraphError:
    line = given["line"]
    known = line if type(line) is int and 0 < line < MAX_LINE else None
    # TensorFlow's first sentence says what is wrong; what follows is advice for programmers of TensorFlow.
    return GraphError(clean(given["error"]), clean(given["text"], 300).split(". ")[0], known)


def _read(given: Mapping[str, Any]) -> Tensor:
    return Tensor(_shape(given["shape"]), tuple(map(_number, _at_most(MOST_NUMBERS, given["values"]))))


def _shape(given: Any) -> tuple[int, ...]:
    if not all(type(size) is int and 0 <= size <= MOST_NUMBERS for size in _at_most(MOST_RANK, given)):
        raise _disturbed()
    return tuple(given)


def _at_most(count: int, given: Any, kind: type[Sized] = list) -> Any:
    """A list, or what `kind` says, that is not too long."""
    if not isinstance(given, kind) or len(given) > count:
        raise _disturbed()
    return given


def _number(given: Any) -> float:
    """A number; what JSON cannot write is NaN, which is near no expectation."""
    if given is None:
        return math.nan
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise _disturbed()
    return float(given)


def _disturbed() -> StudentError:
    return StudentError(Reason.BAD_RESULT, message("bad_claim"))
