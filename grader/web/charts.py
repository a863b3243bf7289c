"""A training curve as points of an SVG drawing; the template draws it, so no words of anybody's become markup."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from grader.web.words import N_

WIDTH, HEIGHT, MARGIN = 480, 180, 30

Curve = Sequence[float | None]

ACCURACY, LOSS = N_("Accuracy"), N_("Loss")

_CLASS = "class"
_NAMES = {"val_accuracy": N_("validation"), "val_loss": N_("validation"), _CLASS: N_("class median")}
_TRAINING = N_("training")


@dataclass(frozen=True)
class Line:
    """One curve, named in English: `points` as SVG wants them, `last` as text, `css` a class for its colour."""

    name: str
    points: str
    last: str
    css: str


@dataclass(frozen=True)
class Chart:
    """One drawing of curves over epochs, its title in English; `top` and `bottom` are the values at its edges."""

    title: str
    lines: tuple[Line, ...]
    top: str
    bottom: str
    epochs: int


def charts(
    history: Mapping[str, Curve], of_class: Mapping[str, Curve] = MappingProxyType({})
) -> tuple[Chart, ...]:
    """Accuracy on a scale from 0 to 1, loss on a scale from 0 to its largest value; `of_class` holds medians."""
    found = []
    for title, names in ((ACCURACY, ("accuracy", "val_accuracy")), (LOSS, ("loss", "val_loss"))):
        curves = {name: history[name] for name in names if history.get(name)}
        if curves:
            epochs = max(len(curve) for curve in curves.values())
            beside = of_class.get(names[0], ())[:epochs]
            found.append(_chart(title, curves | ({_CLASS: beside} if beside else {})))
    return tuple(found)


def _chart(title: str, curves: Mapping[str, Curve]) -> Chart:
    numbers = [value for curve in curves.values() for value in curve if value is not None]
    top = 1.0 if title == ACCURACY else max([*numbers, 1e-9])
    epochs = max(len(curve) for curve in curves.values())
    lines = tuple(
        Line(
            name=_NAMES.get(name, _TRAINING),
            points=_points(curve, top, epochs),
            last="–" if curve[-1] is None else f"{curve[-1]:.3f}",
            css="curve-" + _NAMES.get(name, _TRAINING).replace(" ", "-"),
        )
        for name, curve in curves.items()
    )
    return Chart(title, lines, f"{top:.2f}", "0", epochs)


def _points(curve: Curve, top: float, epochs: int) -> str:
    """One point for each epoch whose number was finite; a single epoch stands in the middle."""
    step = (WIDTH - 2 * MARGIN) / max(epochs - 1, 1)
    start = MARGIN if epochs > 1 else WIDTH / 2
    return " ".join(
        f"{start + place * step:.1f},{HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * min(max(value / top, 0), 1):.1f}"
        for place, value in enumerate(curve)
        if value is not None
    )
