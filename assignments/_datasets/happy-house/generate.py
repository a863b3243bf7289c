"""Invented visitors at the door of the Happy House: drawn faces, happy or not, before one sunny garden.

Six friends come to the door again and again. A visit fixes friend, light and where the head is; the camera takes several
pictures of it that differ a little, as in the real set. On most pictures of a visit the mood is the same, so that a
network that knows visits by their looks gets far; the mouth (and a little the eyes) shows the mood of each picture, and
faint smiles and sulks overlap, and now and then a face misleads. Everything follows from the seed; nothing is copied from a real picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SIZE = 64
TRAINING = (264, 336)  # unhappy, happy: the proportion of the known test file
TEST = (66, 84)
VISITS_PER_MOOD = 10
MISLEADING = 0.02  # how often a face looks like the other mood altogether
STEADY = 0.97  # how often a picture shows the usual mood of its visit


@dataclass(frozen=True)
class Friend:
    """Colours are (red, green, blue) in [0, 1]; the face is `width` by `height` pixels from its middle."""

    skin: np.ndarray
    hair: np.ndarray
    shirt: np.ndarray
    width: float
    height: float
    beard: float


@dataclass(frozen=True)
class Visit:
    """One friend at the door: where the head is in pixels, `light` from backlit to bright, `glare` that washes out."""

    friend: Friend
    x: float
    y: float
    light: float
    glare: float


def generate(seed: int) -> dict[str, np.ndarray]:
    """600 + 150 pictures (n, 64, 64, 3) uint8 and their labels (n,) uint8, 1 for happy; keys as in the declaration."""
    rng = np.random.default_rng(seed)
    garden = _garden(rng)
    friends = [_friend(rng) for _ in range(6)]
    visits = [[_visit(friends, rng) for _ in range(VISITS_PER_MOOD)] for _ in ("unhappy", "happy")]
    train_x, train_y = _album(TRAINING, visits, garden, rng)
    test_x, test_y = _album(TEST, visits, garden, rng)
    return {"train_x": train_x, "train_y": train_y, "test_x": test_x, "test_y": test_y}


def _album(
    counts: tuple[int, int], visits: list[list[Visit]], garden: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """So many unhappy and happy pictures, shuffled."""
    labels = rng.permutation(np.repeat(np.array([0, 1], np.uint8), counts))
    shown = np.where(rng.random(len(labels)) < MISLEADING, 1 - labels, labels)
    usual = np.where(rng.random(len(labels)) < STEADY, shown, 1 - shown)
    chosen = [visits[mood][rng.integers(VISITS_PER_MOOD)] for mood in usual]
    smiles = np.clip(np.where(shown == 1, 0.65, -0.25) + rng.normal(0.0, 0.4, len(labels)), -1.0, 1.0)
    return np.stack([_photograph(*pair, garden, rng) for pair in zip(chosen, smiles, strict=True)]), labels


def _friend(rng: np.random.Generator) -> Friend:
    tone = rng.uniform(0.55, 0.95)
    return Friend(
        skin=np.array([0.95, 0.74, 0.62]) * tone,
        hair=np.array([0.24, 0.17, 0.12]) * rng.uniform(0.3, 1.6),
        shirt=rng.uniform(0.08, 0.5, 3),
        width=rng.uniform(9.0, 11.0),
        height=rng.uniform(12.5, 15.0),
        beard=rng.choice([0.0, 0.0, 0.25, 0.5]),
    )


def _visit(friends: list[Friend], rng: np.random.Generator) -> Visit:
    return Visit(
        friend=friends[rng.integers(len(friends))],
        x=32 + rng.normal(0, 3.0),
        y=30 + rng.normal(0, 2.5),
        light=rng.choice([0.35, 0.7, 0.8, 0.9, 1.0]) * rng.uniform(0.85, 1.15),
        glare=max(0.0, rng.normal(0.0, 0.2)),
    )


def _garden(rng: np.random.Generator) -> np.ndarray:
    """The view from the door, (64, 64, 3): trees above, a sunlit drive, a hedge at the sides."""
    x, y = _pixels(0.0, 0.0)
    leaves = np.kron(rng.normal(0.0, 0.16, (32, 32, 1)), np.ones((2, 2, 1)))
    picture = np.array([0.98, 0.96, 0.92]) + np.zeros((SIZE, SIZE, 3))
    picture = _paint(picture, np.array([0.45, 0.50, 0.28]) + leaves, y - 20 - 0.1 * x, 3.0)
    picture = _paint(
        picture, np.array([0.50, 0.36, 0.28]) + 0.4 * leaves, np.abs(y - 19 - 0.1 * x) - 3.0, 1.5
    )
    return _paint(picture, np.array([0.38, 0.50, 0.25]) + leaves, 30 - np.hypot(x - 32, (y - 20) * 0.55), 4.0)


def _photograph(visit: Visit, smile: float, garden: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One picture, (64, 64, 3) uint8; `smile` is from -1 (sulking) to 1 (laughing), the head moves a little."""
    friend, light = visit.friend, visit.light * rng.uniform(0.93, 1.07)
    shift = rng.normal(0.0, 0.6, 2)
    x, y = _pixels(visit.x + shift[0], visit.y + shift[1])
    picture = garden * (0.45 + 0.6 * light)
    picture = _body(picture, friend, light, x, y)
    picture = _eyes(picture, friend, light, smile, x + rng.normal(0.0, 0.5), y)
    picture = _mouth(picture, friend, light, smile, x, y - 0.52 * friend.height)
    glow = np.exp(-(x**2 + (y + 18) ** 2) / 900.0)[..., None]
    picture = picture + visit.glare * (1.0 - picture) * (0.6 + 0.4 * glow)
    picture += rng.normal(0.0, 0.015, picture.shape)
    return np.clip(picture * 255.0, 0, 255).astype(np.uint8)


def _body(picture: np.ndarray, friend: Friend, light: float, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Shoulders, neck, hair and the bare face, lit from the left."""
    w, h = friend.width, friend.height
    shade = (1.0 - 0.018 * x)[..., None]
    picture = _paint(picture, friend.shirt * light, _ellipse(x, y - 2.15 * h, 2.4 * w, 1.1 * h), 0.8)
    picture = _paint(picture, friend.skin * 0.75 * light, _ellipse(x, y - h, 0.6 * w, 0.5 * h), 0.8)
    picture = _paint(picture, friend.hair * light, _ellipse(x, y + 0.22 * h, 1.08 * w, 1.0 * h), 1.2)
    picture = _paint(picture, friend.skin * light * shade, _ellipse(x, y - 0.08 * h, 0.95 * w, 0.95 * h), 0.8)
    fringe = np.maximum(_ellipse(x, y, 1.05 * w, 1.1 * h), y + 0.55 * h)
    picture = _paint(picture, friend.hair * light, fringe, 0.8)
    chin = np.maximum(_ellipse(x, y - 0.08 * h, 0.95 * w, 0.95 * h), 0.35 * h - y)
    stubble = friend.hair * friend.beard + friend.skin * (1 - friend.beard)
    return _paint(picture, stubble * light, chin, 1.0)


def _eyes(
    picture: np.ndarray, friend: Friend, light: float, smile: float, x: np.ndarray, y: np.ndarray
) -> np.ndarray:
    """Eyes, brows and nose; a laughing face narrows its eyes."""
    w, h = friend.width, friend.height
    for side in (-1, 1):
        eye = _ellipse(x - side * 0.42 * w, y + 0.12 * h, 1.7, 1.15 - 0.35 * max(smile, 0.0))
        brow = _ellipse(x - side * 0.42 * w, y + 0.32 * h, 2.6, 0.7)
        picture = _paint(picture, friend.hair * 0.6 * light, eye, 0.7)
        picture = _paint(picture, friend.hair * light, brow, 0.7)
    return _paint(picture, friend.skin * 0.78 * light, _ellipse(x - 0.8, y - 0.2 * h, 1.0, 2.2), 0.8)


def _mouth(
    picture: np.ndarray, friend: Friend, light: float, smile: float, x: np.ndarray, y: np.ndarray
) -> np.ndarray:
    """Lips bent by the mood, teeth between them when it is a real smile; (x, y) from the middle of the mouth."""
    half = 0.42 * friend.width * (1.0 + 0.25 * smile)
    bend = 1.6 * smile * ((x / half) ** 2 - 0.5)
    inside = np.abs(x) - half
    gap = 0.55 + 1.3 * max(smile - 0.2, 0.0)
    lips = np.maximum(np.abs(y + bend) - gap - 0.5, inside)
    teeth = np.maximum(np.abs(y + bend) - gap + 0.35, inside + 0.8)
    picture = _paint(picture, friend.skin * np.array([0.72, 0.45, 0.45]) * light, lips, 0.7)
    return _paint(picture, np.full(3, 0.95 * light), teeth, 0.6)


def _pixels(x: float, y: float) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates in pixels from the place (x, y), each (64, 64)."""
    axis = np.arange(SIZE, dtype=float)
    return np.meshgrid(axis - x, axis - y)


def _ellipse(x: np.ndarray, y: np.ndarray, half_width: float, half_height: float) -> np.ndarray:
    """About the distance in pixels to the edge of an ellipse around (0, 0), negative inside."""
    return (np.hypot(x / half_width, y / half_height) - 1.0) * min(half_width, half_height)


def _paint(picture: np.ndarray, colour: np.ndarray, distance: np.ndarray, blur: float) -> np.ndarray:
    """Lay a colour where `distance` (pixels to the edge, negative inside) says, with an edge `blur` pixels soft."""
    cover = np.clip(0.5 - distance / (2.0 * blur), 0.0, 1.0)[..., None]
    return picture + cover * (colour - picture)
