"""Which layers of a network get their statistics renewed, in which order, and what looking at their inputs costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.domain.canonical import CanonicalForm
from grader.domain.layers import BatchNormalization
from grader.domain.layers.work import work


def normalized(form: CanonicalForm) -> Mapping[int, Sequence[int]]:
    """The BatchNormalization layers that learn, by the step that holds their weights: the steps that use each, in order."""
    found: dict[int, list[int]] = {}
    for place, step in enumerate(form.steps):
        if isinstance(step.layer, BatchNormalization) and form.steps[step.shares].trainable:
            found.setdefault(step.shares, []).append(place)
    return found


def sweeps(form: CanonicalForm) -> int:
    """How often every use is looked at: twice where a layer is used more than once, for a use may stand above another."""
    return 1 + any(len(uses) > 1 for uses in normalized(form).values())


def renewing(form: CanonicalForm) -> int:
    """Work for one row trained on: everything below each use, as often as it is looked at."""
    uses = [use for places in normalized(form).values() for use in places]
    return sweeps(form) * sum(_below(form, use) for use in uses)


def _below(form: CanonicalForm, place: int) -> int:
    """Work of all that a step's input comes from."""
    reached, waiting = set[int](), list(form.steps[place].inputs)
    while waiting:
        step = waiting.pop()
        if step not in reached:
            reached.add(step)
            waiting += form.steps[step].inputs
    return sum(_work(form, step) for step in reached)


def _work(form: CanonicalForm, place: int) -> int:
    step = form.steps[place]
    return work(step.layer, tuple(form.shapes[source] for source in step.inputs))
