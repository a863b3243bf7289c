"""Invented traffic signs: five speed limits, each filmed as one short series from a passing car.

A series keeps its scene (background, light, haze) while the sign comes nearer, moves a little and is lit anew, as in
the real set. Everything follows from the seed; nothing is copied from a real picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

SIZE = 32


@dataclass(frozen=True)
class Series:
    """One class. Light and background are brightness in [0, 1]; counts are pictures in training and in the test."""

    number: str
    light: float
    spread: float
    background: tuple[float, float, float]
    texture: float
    haze: float
    grain: float
    training: int
    test: int


SERIES = (
    Series("30", 0.72, 0.15, (0.70, 0.64, 0.65), 0.30, 0.40, 0.012, 19, 5),
    Series("50", 0.24, 0.10, (0.19, 0.165, 0.165), 0.06, 0.35, 0.060, 19, 5),
    Series("60", 0.23, 0.12, (0.12, 0.12, 0.13), 0.05, 0.00, 0.010, 19, 5),
    Series("70", 1.25, 0.08, (0.68, 0.66, 0.55), 2.20, 0.00, 0.020, 22, 2),
    Series("80", 0.41, 0.06, (0.35, 0.35, 0.35), 0.05, 0.40, 0.010, 21, 3),
)

RED, WHITE, BLACK = np.array([0.85, 0.20, 0.22]), np.array([0.95, 0.94, 0.95]), np.array([0.10, 0.10, 0.12])

# Strokes of each digit in a box one wide and two high: ellipses are (x, y, half width, half height, from, to in turns).
_LOOP = (0.5, 1.0, 0.5, 1.0, 0.0, 1.0)
ARCS = {
    "0": (_LOOP,),
    "3": ((0.45, 0.5, 0.45, 0.5, -0.4, 0.25), (0.45, 1.5, 0.5, 0.5, -0.25, 0.4)),
    "5": ((0.45, 1.35, 0.5, 0.62, -0.3, 0.4),),
    "6": ((0.5, 1.4, 0.5, 0.6, 0.0, 1.0), (1.0, 1.4, 1.0, 1.4, 0.5, 0.72)),
    "7": (),
    "8": ((0.5, 0.5, 0.42, 0.5, 0.0, 1.0), (0.5, 1.5, 0.5, 0.5, 0.0, 1.0)),
}
LINES = {
    "5": (((0.15, 0.0), (0.95, 0.0)), ((0.15, 0.0), (0.12, 0.9))),
    "7": (((0.0, 0.0), (1.0, 0.0)), ((1.0, 0.0), (0.35, 2.0))),
}


def generate(seed: int) -> dict[str, np.ndarray]:
    """100 + 20 pictures (n, 32, 32, 3) uint8 and their labels 1–5 (n,) uint8, shuffled; keys as in the declaration."""
    rng = np.random.default_rng(seed)
    drawn = [_film(series, rng) for series in SERIES]
    train = [
        (pictures[: s.training], label)
        for label, (s, pictures) in enumerate(zip(SERIES, drawn, strict=True), 1)
    ]
    test = [
        (pictures[s.training :], label)
        for label, (s, pictures) in enumerate(zip(SERIES, drawn, strict=True), 1)
    ]
    train_x, train_y = _shuffled(train, rng)
    test_x, test_y = _shuffled(test, rng)
    return {"train_x": train_x, "train_y": train_y, "test_x": test_x, "test_y": test_y}


def _shuffled(parts: list[tuple[np.ndarray, int]], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    pictures = np.concatenate([part for part, _ in parts])
    labels = np.concatenate([np.full(len(part), label, np.uint8) for part, label in parts])
    order = rng.permutation(len(labels))
    return pictures[order], labels[order]


def _film(series: Series, rng: np.random.Generator) -> np.ndarray:
    """All pictures of one series, in an order that mixes near and far."""
    scenery = rng.normal(size=(12, 12, 3)) * 0.4 + rng.normal(size=(12, 12, 1))
    count = series.training + series.test
    nearness = rng.permutation(np.linspace(0.0, 1.0, count))
    return np.stack([_frame(series, scenery, near, rng) for near in nearness])


def _frame(series: Series, scenery: np.ndarray, near: float, rng: np.random.Generator) -> np.ndarray:
    radius = 9.0 + 4.2 * near
    x, y = _pixels(rng.normal(0.0, 0.6, 2))
    zoom = 0.22 / (1.0 + 0.25 * near)
    picture = np.array(series.background) + series.texture * 0.25 * _bilinear(scenery, x * zoom, y * zoom)
    exposure, light = np.exp(series.spread * rng.normal()), series.light * np.exp(0.06 * rng.normal())
    distance = np.hypot(x, y)
    blur = 0.6 + 0.5 * rng.random()
    picture = _paint(picture, RED * light, distance - radius, blur)
    picture = _paint(picture, WHITE * light, distance - 0.76 * radius, blur)
    for digit, left in zip(series.number, (-0.56, 0.08), strict=True):
        stroke = _strokes(digit, x / radius - left, y / radius + 0.44) * radius
        picture = _paint(picture, BLACK * light, stroke - 0.075 * radius, blur)
    picture += series.haze * (0.45 * light - picture * 0.6) * 0.8
    picture = picture * exposure + rng.normal(0.0, series.grain, picture.shape)
    return np.clip(picture * 255.0, 0, 255).astype(np.uint8)


def _pixels(shift: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates in pixels from the middle of the sign, each (32, 32)."""
    axis = np.arange(SIZE) - (SIZE - 1) / 2
    return np.meshgrid(axis - shift[0], axis - shift[1])


def _paint(picture: np.ndarray, colour: np.ndarray, distance: np.ndarray, blur: float) -> np.ndarray:
    """Lay a colour where `distance` (pixels to the edge, negative inside) says, with an edge `blur` pixels soft."""
    cover = np.clip(0.5 - distance / (2.0 * blur), 0.0, 1.0)[..., None]
    return picture * (1.0 - cover) + colour * cover


def _bilinear(field: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Values of a coarse random field at fractional places counted from its middle."""
    last = len(field) - 1.001
    x, y = np.clip(x + last / 2, 0, last), np.clip(y + last / 2, 0, last)
    i, j = y.astype(int), x.astype(int)
    u, v = (x - j)[..., None], (y - i)[..., None]
    top = field[i, j] * (1 - u) + field[i, j + 1] * u
    return top * (1 - v) + (field[i + 1, j] * (1 - u) + field[i + 1, j + 1] * u) * v


def _strokes(digit: str, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Distance to the pen's path of a digit 0.46 wide and 0.88 high, in radii of the sign."""
    distances = [_to_line(np.array(a), np.array(b), x / 0.46, y / 0.44) for a, b in LINES.get(digit, ())]
    for cx, cy, rx, ry, start, end in ARCS[digit]:
        turn = np.linspace(start, end, 13) * 2 * np.pi
        points = np.stack([cx + rx * np.cos(turn), cy + ry * np.sin(turn)], axis=1)
        distances += [_to_line(a, b, x / 0.46, y / 0.44) for a, b in pairwise(points)]
    return 0.45 * np.minimum.reduce(distances)


def _to_line(a: np.ndarray, b: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    along = b - a
    t = np.clip(((x - a[0]) * along[0] + (y - a[1]) * along[1]) / (along @ along), 0.0, 1.0)
    return np.hypot(x - a[0] - t * along[0], y - a[1] - t * along[1])
