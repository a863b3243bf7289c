"""Invented handwriting: 70,000 digits, each drawn as one or two pen strokes, shaken, slanted, sized and inked.

Every digit has a few ways of being written; each is a list of strokes, a stroke is a list of places that the pen passes.
A writer's hand shakes these places, slants, stretches and turns the whole, and presses more or less hard. Now and then
a hand slips so far that the digit looks much like another one. Everything follows from the seed; nothing is copied from
a real digit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SIZE = 28
INK_POINTS = 104  # dots of ink along one digit
TRAIN_COUNTS = (5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949)
TEST_COUNTS = (980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009)
SHAKE = 0.065  # how far the pen misses a place, in box widths
SLIPS = 0.004  # the share of digits that look half like another one

Stroke = tuple[tuple[float, float], ...]

# Places as (x, y) in a box one wide and one high, y downwards; a place given twice is a corner.
WAYS: tuple[tuple[tuple[Stroke, ...], ...], ...] = (
    (
        (((0.5, 0), (0.12, 0.2), (0.05, 0.55), (0.25, 0.95), (0.6, 0.98), (0.92, 0.65), (0.9, 0.25), (0.5, 0)),),
        (((0.65, 0.05), (0.25, 0.2), (0.08, 0.6), (0.3, 1), (0.75, 0.85), (0.95, 0.4), (0.7, 0.02), (0.4, 0.1)),),
    ),
    (
        (((0.5, 0), (0.5, 0.33), (0.5, 0.66), (0.5, 1)),),
        (((0.25, 0.22), (0.52, 0), (0.52, 0), (0.52, 0.5), (0.52, 1)),),
        (((0.3, 0.2), (0.5, 0), (0.5, 0), (0.5, 0.5), (0.5, 1)), ((0.2, 1), (0.5, 1), (0.82, 1))),
    ),
    (
        (((0.08, 0.25), (0.35, 0), (0.8, 0.1), (0.78, 0.4), (0.4, 0.75), (0.05, 1), (0.05, 1), (0.5, 0.98), (0.95, 1)),),
        (((0.1, 0.2), (0.45, 0), (0.8, 0.2), (0.6, 0.6), (0.25, 0.95), (0.08, 0.85), (0.25, 0.72), (0.6, 0.92), (1, 0.9)),),
    ),
    (
        (((0.1, 0.12), (0.5, 0), (0.85, 0.2), (0.65, 0.44), (0.4, 0.47), (0.4, 0.47), (0.75, 0.53), (0.9, 0.78), (0.5, 1), (0.05, 0.9)),),
        (((0.12, 0.02), (0.8, 0.02), (0.8, 0.02), (0.42, 0.4), (0.42, 0.4), (0.85, 0.55), (0.8, 0.88), (0.45, 1), (0.08, 0.88)),),
    ),
    (
        (((0.2, 0), (0.12, 0.3), (0.08, 0.55), (0.08, 0.55), (0.5, 0.55), (0.95, 0.52)), ((0.78, 0.05), (0.74, 0.5), (0.7, 1))),
        (((0.65, 0), (0.3, 0.35), (0.05, 0.68), (0.05, 0.68), (0.5, 0.68), (0.98, 0.66)), ((0.65, 0), (0.66, 0.5), (0.66, 1))),
    ),
    (
        (((0.85, 0.02), (0.25, 0.04), (0.25, 0.04), (0.18, 0.45), (0.18, 0.45), (0.6, 0.38), (0.88, 0.65), (0.6, 0.97), (0.08, 0.92)),),
        (((0.3, 0.05), (0.2, 0.45), (0.2, 0.45), (0.7, 0.45), (0.85, 0.75), (0.5, 1), (0.1, 0.9)), ((0.3, 0.05), (0.6, 0.04), (0.92, 0))),
    ),
    (
        (((0.75, 0), (0.35, 0.25), (0.12, 0.65), (0.35, 0.98), (0.75, 0.92), (0.82, 0.65), (0.5, 0.52), (0.18, 0.7)),),
        (((0.45, 0), (0.2, 0.35), (0.12, 0.75), (0.45, 1), (0.85, 0.8), (0.65, 0.55), (0.25, 0.68)),),
    ),
    (
        (((0.05, 0.1), (0.45, 0.06), (0.9, 0.04), (0.9, 0.04), (0.6, 0.5), (0.42, 1)),),
        (((0.05, 0.22), (0.08, 0.06), (0.08, 0.06), (0.5, 0.08), (0.88, 0.03), (0.88, 0.03), (0.68, 0.45), (0.5, 1)), ((0.4, 0.5), (0.6, 0.5), (0.85, 0.48))),
    ),
    (
        (((0.8, 0.15), (0.45, 0), (0.18, 0.2), (0.5, 0.47), (0.85, 0.75), (0.5, 1), (0.15, 0.78), (0.45, 0.5), (0.78, 0.28), (0.8, 0.15)),),
        (((0.5, 0.48), (0.15, 0.25), (0.45, 0), (0.85, 0.2), (0.5, 0.48), (0.2, 0.75), (0.45, 1), (0.82, 0.8), (0.5, 0.48)),),
    ),
    (
        (((0.82, 0.2), (0.5, 0.02), (0.15, 0.22), (0.4, 0.48), (0.8, 0.28), (0.82, 0.15), (0.82, 0.15), (0.78, 0.6), (0.7, 1)),),
        (((0.78, 0.12), (0.35, 0.05), (0.12, 0.32), (0.45, 0.5), (0.8, 0.25), (0.85, 0.5), (0.7, 0.9), (0.3, 1), (0.12, 0.88)),),
    ),
)  # fmt: skip
SIMILAR = (6, 7, 7, 5, 9, 3, 0, 9, 3, 4)  # what each digit looks like when the hand slips


@dataclass(frozen=True)
class Way:
    """One way of writing a digit: the places (k, 2), and `path` (INK_POINTS, k) that gives the ink from the places."""

    places: np.ndarray
    path: np.ndarray


def generate(seed: int) -> dict[str, np.ndarray]:
    """60,000 + 10,000 digits (n, 28, 28) uint8 and their labels (n,) uint8, shuffled; keys as in the declaration."""
    rng = np.random.default_rng(seed)
    ways = [[_way(strokes) for strokes in digit] for digit in WAYS]
    train_x, train_y = _write(TRAIN_COUNTS, ways, rng)
    test_x, test_y = _write(TEST_COUNTS, ways, rng)
    return {"train_x": train_x, "train_y": train_y, "test_x": test_x, "test_y": test_y}


def _write(
    counts: tuple[int, ...], ways: list[list[Way]], rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """So many pictures of each digit, shuffled."""
    labels = np.repeat(np.arange(10, dtype=np.uint8), counts)
    shown = np.where(rng.random(len(labels)) < SLIPS, np.array(SIMILAR)[labels], labels)
    style = rng.random(len(labels))
    pictures = np.empty((len(labels), SIZE, SIZE), np.uint8)
    for digit, choices in enumerate(ways):
        for place, way in enumerate(choices):
            chosen = np.flatnonzero((shown == digit) & ((style * len(choices)).astype(int) == place))
            for some in np.array_split(chosen, max(1, len(chosen) // 2000)):
                pictures[some] = _ink(_moved(way, len(some), rng), rng)
    order = rng.permutation(len(labels))
    return pictures[order], labels[order]


def _way(strokes: tuple[Stroke, ...]) -> Way:
    """Places and path of one way; each stroke gets ink by its length."""
    lengths = np.array([np.linalg.norm(np.diff(np.array(s), axis=0), axis=1).sum() for s in strokes])
    shares = np.maximum(2, np.round(INK_POINTS * lengths / lengths.sum())).astype(int)
    shares[0] += INK_POINTS - shares.sum()
    path = np.zeros((INK_POINTS, sum(map(len, strokes))), np.float32)
    row = column = 0
    for stroke, share in zip(strokes, shares, strict=True):
        path[row : row + share, column : column + len(stroke)] = _curve(np.array(stroke), share)
        row, column = row + share, column + len(stroke)
    return Way(np.concatenate([np.array(s, np.float32) for s in strokes]), path)


def _curve(places: np.ndarray, points: int) -> np.ndarray:
    """Weights (points, k) of a Catmull-Rom curve through k places, at even steps of its length."""
    steps = np.linalg.norm(np.diff(places, axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    at = np.linspace(0.0, along[-1], points)
    piece = np.clip(np.searchsorted(along, at, side="right") - 1, 0, len(places) - 2)
    t = (at - along[piece]) / np.maximum(steps[piece], 1e-6)
    weights = np.zeros((points, len(places)), np.float32)
    bends = (-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, -(t**2) + t**3)
    for offset, bend in zip((-1, 0, 1, 2), bends, strict=True):
        np.add.at(weights, (np.arange(points), np.clip(piece + offset, 0, len(places) - 1)), bend / 2)
    return weights


def _moved(way: Way, count: int, rng: np.random.Generator) -> np.ndarray:
    """Ink of `count` digits, (count, INK_POINTS, 2) in pixels: shaken, slanted, turned, stretched, centred."""
    shake = SHAKE * np.exp(rng.normal(0.0, 0.3, (count, 1, 1)))
    places = way.places - 0.5 + shake * rng.normal(size=(count, *way.places.shape))
    slant, turn = rng.normal(0.12, 0.22, count), rng.normal(0.0, 0.13, count)
    wide, high = np.exp(rng.normal(2.6, 0.17, count)), np.exp(rng.normal(2.93, 0.08, count))
    matrix = np.empty((count, 2, 2))
    matrix[:, 0, 0], matrix[:, 0, 1] = wide * np.cos(turn), high * np.sin(turn)
    matrix[:, 1, 0], matrix[:, 1, 1] = -(slant * high + wide * np.sin(turn)), high * np.cos(turn)
    ink = way.path @ (places @ matrix).astype(np.float32)
    centre = ink.mean(axis=1, keepdims=True) + rng.normal(0.0, 0.35, (count, 1, 2))
    return np.asarray(ink - centre + (SIZE - 1) / 2, np.float32)


def _ink(points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Pictures (n, 28, 28) uint8 of dots of ink: each dot falls on four pixels and runs into its neighbours."""
    count = len(points)
    points = np.clip(points, 1.0, SIZE - 2.001)
    corner = points.astype(np.int32)
    rest = points - corner
    first = np.arange(count)[:, None] * SIZE * SIZE + corner[..., 1] * SIZE + corner[..., 0]
    paper = np.zeros(count * SIZE * SIZE)
    for down in (0, 1):
        for right in (0, 1):
            share = (rest[..., 0] if right else 1 - rest[..., 0]) * (
                rest[..., 1] if down else 1 - rest[..., 1]
            )
            paper += np.bincount((first + down * SIZE + right).ravel(), share.ravel(), len(paper))
    paper = paper.reshape(count, SIZE, SIZE).astype(np.float32)
    run = np.clip(rng.normal(0.55, 0.22, (count, 1, 1)), 0.1, 1.1).astype(np.float32)
    paper[:, 1:-1] += run * (paper[:, :-2] + paper[:, 2:])
    paper[:, :, 1:-1] += run * (paper[:, :, :-2] + paper[:, :, 2:])
    press = np.exp(rng.normal(-1.0, 0.15, (count, 1, 1))).astype(np.float32)
    return np.asarray(np.clip(paper * press, 0.0, 1.0) * 255.0, np.uint8)
