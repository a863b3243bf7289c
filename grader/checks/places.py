"""How a layer of the student's is named: as it is written, and which of several that are alike, counted as they stand."""

from __future__ import annotations

from collections.abc import Callable

from grader.checks.alignment import Place
from grader.checks.compare import Comparison
from grader.domain.layers import Layer
from grader.domain.message import Message
from grader.domain.ordinal import ordinal, the_nth


def said(comparison: Comparison, place: Place) -> str | Message:
    """A layer as one would write it: “Dense(10)”, or “the second Dense(10)” where there are several."""
    return the_nth(place.layer.notation(), nth(comparison, place, lambda layer: layer == place.layer))


def nth(comparison: Comparison, place: Place, alike: Callable[[Layer], bool]) -> Message | None:
    """Which of the student's layers that are `alike` it is; None for the only one, and for what is not the student's."""
    there = [each for each in comparison.in_written_order() if alike(each.layer)]
    at = next((at for at, each in enumerate(there, 1) if each is place), None)
    return None if at is None else ordinal(at, len(there))
