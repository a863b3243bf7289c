"""What `assignments/happy-house/ceilings.yaml` says of a network that sees the mean colour alone is so."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from grader.settings import BUILT_IN_ASSIGNMENTS
from tests.real_data import FILES, real_files
from workers.calibration.ceilings import ceiling_of, read_ceilings
from workers.training.datasets import Dataset, load_dataset
from workers.training.declaration import find_declarations
from workers.training.importing import import_dataset

pytestmark = pytest.mark.training

SLUG = "happy-house"
DECLARATIONS = find_declarations(BUILT_IN_ASSIGNMENTS)


def most_on_their_side(points: np.ndarray, sides: np.ndarray) -> int:
    """How many of `points` (n, 3) a plane can have on the sides (n,) they belong to, at most.

    The best plane can be moved until it goes through three points without passing any; those three may be put on either
    side of it.
    """
    triples = np.array(list(combinations(range(len(points)), 3)))
    return max(3 + _best(points, sides, some) for some in np.array_split(triples, 40))


def _best(points: np.ndarray, sides: np.ndarray, triples: np.ndarray) -> int:
    first, second, third = (points[triples[:, place]] for place in range(3))
    normals = np.cross(second - first, third - first)
    distances = normals @ points.T - (normals * first).sum(1)[:, None]
    np.put_along_axis(distances, triples, 0.0, axis=1)
    right, wrong = ((distances > 0) == sides), ((distances < 0) == sides)
    is_beside = distances != 0
    return int(max((right & is_beside).sum(1).max(), (wrong & is_beside).sum(1).max()))


def test_the_search_finds_the_best_plane() -> None:
    """Beside planes drawn at random: none is better, and sides that a plane made are all right."""
    rng = np.random.default_rng(0)
    points, sides = rng.normal(size=(14, 3)), rng.random(14) > 0.5
    planes = rng.normal(size=(200_000, 4))
    drawn = ((points @ planes[:, :3].T + planes[:, 3] > 0) == sides[:, None]).sum(0).max()
    assert drawn <= most_on_their_side(points, sides) < 14
    assert most_on_their_side(points, points @ planes[0, :3] > 0.2) == 14


@pytest.fixture(params=["synthetic", "real"])
def data(request: pytest.FixtureRequest, tmp_path: Path) -> Dataset:
    if request.param == "real":
        import_dataset(SLUG, real_files(*FILES[SLUG]), declarations=DECLARATIONS, data_dir=tmp_path)
    return load_dataset(SLUG, declarations=DECLARATIONS, data_dir=tmp_path)


def test_no_plane_between_mean_colours_has_more_on_their_side(data: Dataset) -> None:
    colours = data.test_x.astype(float).mean((1, 2))
    most = most_on_their_side(colours, data.test_y.ravel() == 1) / len(colours)
    told = ceiling_of(["failed/colour_alone.py"], data.stamp, read_ceilings(BUILT_IN_ASSIGNMENTS / SLUG))
    assert told is not None
    assert told - 1e-4 < most <= told
