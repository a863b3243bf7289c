"""Invented clothes: 70,000 photographs of ten kinds, each cut by a tailor from a few measures, coloured and lit.

What hangs (shirts, dresses, trousers, bags) is cut by its half width in every row, what stands (shoes) by its height in
every column. Shirts, pullovers, coats and T-shirts share one pattern and differ by sleeves, length and fastening, so
that many are hard to tell apart, as in the real set. Everything follows from the seed; nothing is copied from a real
picture.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

SIZE = 28
TRAIN_EACH, TEST_EACH = 6000, 1000
CHUNK = 2000
ROWS = np.arange(SIZE, dtype=np.float32)[None, :, None]
COLUMNS = np.arange(SIZE, dtype=np.float32)[None, None, :]
MIDDLE = (SIZE - 1) / 2
SIMILAR = (6, 3, 4, 0, 6, 7, 0, 9, 2, 7)  # what each kind is now and then taken for
MISTAKEN = np.array([0.09, 0.02, 0.08, 0.06, 0.08, 0.03, 0.18, 0.03, 0.02, 0.03])  # how often

Rng = np.random.Generator
Cloth = tuple[np.ndarray, np.ndarray]  # where there is cloth, and how bright it is: (n, 28, 28) in [0, 1]


def generate(seed: int) -> dict[str, np.ndarray]:
    """60,000 + 10,000 pictures (n, 28, 28) uint8 and labels (n,) uint8, shuffled; keys as in the declaration."""
    rng = np.random.default_rng(seed)
    train_x, train_y = _collection(TRAIN_EACH, rng)
    test_x, test_y = _collection(TEST_EACH, rng)
    return {"train_x": train_x, "train_y": train_y, "test_x": test_x, "test_y": test_y}


def _collection(each: int, rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    """So many pieces of each kind, shuffled."""
    labels = np.repeat(np.arange(10, dtype=np.uint8), each)
    shown = np.where(rng.random(len(labels)) < MISTAKEN[labels], np.array(SIMILAR)[labels], labels)
    pictures = np.empty((len(labels), SIZE, SIZE), np.uint8)
    for kind, cut in enumerate(CUTS):
        chosen = np.flatnonzero(shown == kind)
        for some in np.array_split(chosen, max(1, len(chosen) // CHUNK)):
            pictures[some] = _photograph(cut(len(some), rng), rng)
    order = rng.permutation(len(labels))
    return pictures[order], labels[order]


def _photograph(cloth: Cloth, rng: Rng) -> np.ndarray:
    """Pictures (n, 28, 28) uint8 on black ground, with light from one side and a little grain."""
    cover, bright = cloth
    count = len(cover)
    light = (
        1
        + _some(rng, count, 0.0, 0.02) * (COLUMNS - MIDDLE)
        + _some(rng, count, 0.0, 0.015) * (ROWS - MIDDLE)
    )
    grain = rng.standard_normal(cover.shape, np.float32) * _some(rng, count, 0.06, 0.03)
    picture = cover * np.clip(bright * light + grain, 0.02, 1.0)
    return np.asarray(np.clip(picture, 0.0, 1.0) * 255.0, np.uint8)


def _some(rng: Rng, count: int, mean: float, spread: float) -> np.ndarray:
    """A measure for each of `count` pieces, (count, 1, 1) float32."""
    return np.asarray(mean + spread * rng.standard_normal((count, 1, 1), np.float32), np.float32)


def _inside(distance: np.ndarray) -> np.ndarray:
    """Cloth where the distance in pixels to its edge is positive, with an edge one pixel soft."""
    return np.asarray(np.clip(distance + 0.5, 0.0, 1.0), np.float32)


def _profile(
    at: tuple[float, ...], widths: tuple[float, ...], spread: float, count: int, rng: Rng
) -> np.ndarray:
    """A smooth line for each piece, (count, 28): its value at a few places, scattered by `spread`, straight between."""
    known = np.array(widths, np.float32) + spread * rng.standard_normal((count, len(widths)), np.float32)
    weights = np.stack([np.interp(np.arange(SIZE), at, one) for one in np.eye(len(at))]).astype(np.float32)
    return np.asarray(known @ weights, np.float32)


def _fabric(count: int, rng: Rng, stripes: float = 0.2) -> np.ndarray:
    """Brightness of the cloth, (count, 28, 28): plain, striped, or with a print on the chest."""
    base = np.clip(_some(rng, count, 0.6, 0.27), 0.1, 0.98)
    wave = np.sin(_some(rng, count, 1.3, 0.5) * np.where(rng.random((count, 1, 1)) < 0.7, ROWS, COLUMNS))
    striped = (rng.random((count, 1, 1)) < stripes) * np.abs(_some(rng, count, 0.0, 0.22))
    reach = np.maximum(np.abs(ROWS - _some(rng, count, 12, 1.5)), np.abs(COLUMNS - MIDDLE))
    printed = (
        (rng.random((count, 1, 1)) < stripes)
        * _some(rng, count, 0.0, 0.3)
        * _inside(_some(rng, count, 3.2, 1.0) - reach)
    )
    return np.asarray(base + striped * wave + printed, np.float32)


def _upper(count: int, rng: Rng, *, sleeve: float, hem: float, width: float, spread: float = 1.0) -> Cloth:
    """What is worn above: a body from row 2 to `hem`, and sleeves down to the row `sleeve`."""
    turn = _some(rng, count, 0.0, 0.5)
    body = _profile((2, 5, 13, 27), (3.2, width + 0.4, width, width + 0.4), 0.9 * spread, count, rng)[
        :, :, None
    ]
    end = _some(rng, count, hem, 1.5 * spread)
    aside = np.abs(COLUMNS - MIDDLE - 0.1 * turn)
    trunk = np.minimum(np.minimum(body - aside, ROWS - _some(rng, count, 2.0, 0.5)), end - ROWS)
    lean = np.clip(_some(rng, count, 0.17, 0.09 * spread), 0.0, 0.4)
    arm = aside - (width + 1.2 + lean * (ROWS - 7))
    thick = np.clip(_some(rng, count, 1.7, 0.3), 0.7, 3.0)
    down = _some(rng, count, sleeve, 2.4 * spread)
    arms = np.minimum(np.minimum(thick - np.abs(arm), down - ROWS), ROWS - 3.5 - 0.35 * np.abs(arm))
    neck = np.hypot(COLUMNS - MIDDLE, (ROWS - 1.5) * 1.2) - _some(rng, count, 2.6, 0.7)
    return _inside(np.minimum(np.maximum(trunk, arms), neck)), _fabric(count, rng)


def _tshirt(count: int, rng: Rng) -> Cloth:
    return _upper(count, rng, sleeve=9.5, hem=25.0, width=6.3)


def _pullover(count: int, rng: Rng) -> Cloth:
    return _fastened(_upper(count, rng, sleeve=24.0, hem=24.7, width=6.2), count, rng, 0.15, 0.15)


def _fastened(cloth: Cloth, count: int, rng: Rng, dark: float, share: float) -> Cloth:
    """The same with a line down the middle, as an open coat or a row of buttons has it, on a share of the pieces."""
    cover, bright = cloth
    line = np.abs(COLUMNS - MIDDLE - _some(rng, count, 0.0, 0.6)) < np.clip(
        _some(rng, count, 0.7, 0.3), 0.4, 1.6
    )
    return cover, bright - dark * (rng.random((count, 1, 1)) < share) * line * np.abs(
        _some(rng, count, 1.0, 0.4)
    )


def _coat(count: int, rng: Rng) -> Cloth:
    return _fastened(_upper(count, rng, sleeve=24.5, hem=26.3, width=6.0), count, rng, 0.3, 0.7)


def _shirt(count: int, rng: Rng) -> Cloth:
    """Short sleeves or long ones, buttons on half of them."""
    long, short = (
        _upper(count, rng, sleeve=sleeve, hem=25.6, width=5.7, spread=1.25) for sleeve in (23.0, 11.5)
    )
    sleeves = rng.random((count, 1, 1)) < 0.6
    cover = np.where(sleeves, long[0], short[0])
    return _fastened((cover, long[1] + 0.04), count, rng, 0.16, 0.5)


def _dress(count: int, rng: Rng) -> Cloth:
    body = _profile((0, 4, 10, 27), (2.6, 3.4, 2.9, 5.2), 0.75, count, rng)[:, :, None]
    aside = np.abs(COLUMNS - MIDDLE)
    trunk = np.minimum(body - aside, np.minimum(ROWS + 0.5, _some(rng, count, 27.0, 0.7) - ROWS))
    arm = aside - (4.2 + 0.12 * (ROWS - 6))
    down = np.where(rng.random((count, 1, 1)) < 0.35, _some(rng, count, 16, 4), 0)
    arms = np.minimum(np.minimum(1.2 - np.abs(arm), down - ROWS), ROWS - 3)
    return _inside(np.maximum(trunk, arms)), _fabric(count, rng)


def _trouser(count: int, rng: Rng) -> Cloth:
    outer = _profile((0, 8, 27), (4.0, 4.8, 5.2), 0.6, count, rng)[:, :, None]
    gap = _profile((0, 9, 27), (-3.0, 0.1, 1.3), 0.5, count, rng)[:, :, None]
    aside = np.abs(COLUMNS - MIDDLE - _some(rng, count, 0.0, 0.4))
    legs = np.minimum(np.minimum(outer - aside, aside - gap), _some(rng, count, 27.0, 0.6) - ROWS)
    return _inside(legs), _fabric(count, rng, 0.1)


def _bag(count: int, rng: Rng) -> Cloth:
    top = _some(rng, count, 11.0, 2.0)
    side = _profile((0, 27), (10.5, 11.5), 1.4, count, rng)[:, :, None] - np.abs(COLUMNS - MIDDLE)
    sack = np.minimum(side, np.minimum(ROWS - top, _some(rng, count, 24.5, 1.5) - ROWS))
    ring = np.hypot((COLUMNS - MIDDLE) / _some(rng, count, 1.0, 0.2), ROWS - top)
    held = (rng.random((count, 1, 1)) < 0.8) * 20.0 - 20.0
    handle = np.minimum(0.9 - np.abs(ring - _some(rng, count, 6.0, 1.2)), top + 1 - ROWS) + held
    return _inside(np.maximum(sack, handle)), _fabric(count, rng, 0.35)


def _shoe(count: int, rng: Rng, top: tuple[float, ...], spread: float) -> tuple[np.ndarray, np.ndarray]:
    """What stands: the height above the sole in every column from the toe to the heel, and the row of the sole."""
    height = _profile((1, 9, 17, 23, 27), top, spread, count, rng)[:, None, :]
    sole = _some(rng, count, 19.5, 0.8) + _some(rng, count, 0.0, 0.05) * (COLUMNS - MIDDLE)
    ends = np.minimum(COLUMNS - _some(rng, count, 0.3, 0.7), _some(rng, count, 26.8, 0.7) - COLUMNS)
    return np.minimum(np.minimum(ROWS - (sole - height), sole - ROWS), ends), sole


def _sneaker(count: int, rng: Rng) -> Cloth:
    shape, sole = _shoe(count, rng, (2.4, 4.2, 6.8, 7.4, 6.8), 0.7)
    pale = 0.25 * (rng.random((count, 1, 1)) < 0.6) * (sole - 2 < ROWS)
    return _inside(shape), _fabric(count, rng, 0.3) + pale


def _boot(count: int, rng: Rng) -> Cloth:
    shape, sole = _shoe(count, rng, (3.6, 5.6, 11.5, 15.5, 15.0), 1.5)
    lift = _some(rng, count, 2.5, 0.8)
    heel = np.minimum(np.minimum(sole + lift - ROWS, ROWS - sole), COLUMNS - _some(rng, count, 18.5, 1.5))
    return _inside(np.maximum(shape, heel)), _fabric(count, rng, 0.1)


def _sandal(count: int, rng: Rng) -> Cloth:
    """Straps with air between them, on a thin sole, some with a high heel."""
    shape, sole = _shoe(count, rng, (2.4, 4.5, 6.0, 8.0, 8.5), 1.6)
    straps = np.sin(
        _some(rng, count, 0.85, 0.2) * COLUMNS + _some(rng, count, 0.3, 0.25) * ROWS + _some(rng, count, 0, 2)
    )
    cut = np.minimum(shape, np.maximum(2.2 * straps - _some(rng, count, 0.2, 0.6), ROWS - sole + 1.5))
    lift = np.abs(_some(rng, count, 0.0, 3.0))
    heel = np.minimum(np.minimum(sole + lift - ROWS, ROWS - sole), COLUMNS - _some(rng, count, 22.5, 1.2))
    return _inside(np.maximum(cut, heel)), _fabric(count, rng, 0.1) - 0.1


CUTS: tuple[Callable[[int, Rng], Cloth], ...] = (
    _tshirt, _trouser, _pullover, _dress, _coat, _sandal, _shirt, _sneaker, _bag, _boot,
)  # fmt: skip
