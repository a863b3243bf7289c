"""Every hostile case through the real pipeline: nothing forged, stolen, disturbed or left behind."""

from __future__ import annotations

import pytest

from tests.hostile.cases import Case, load_cases
from tests.hostile.conftest import Grader, Neighbour
from tests.hostile.holding import hold, hold_beside

pytestmark = [pytest.mark.sandbox, pytest.mark.training]

CASES = list(load_cases())


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Case:
    return request.param


def test_case(case: Case, grader: Grader) -> None:
    hold(case, grader)


@pytest.mark.parametrize("case", [case for case in CASES if case.side_car.beside], ids=lambda case: case.name)
def test_beside(case: Case, grader: Grader, neighbour: Neighbour) -> None:
    hold_beside(case, grader, neighbour)
