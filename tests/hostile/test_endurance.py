"""What the endurance run calls growth, on made-up hours."""

from __future__ import annotations

import dataclasses

import pytest

from tests.hostile.endurance import Moment, _grown
from tests.hostile.footprint import MAY_GROW, Footprint

ROUNDS = 12


def hour(**grows: float) -> list[Moment]:
    """Twelve rounds of 25 submissions; each of these grows by so much in a round from the fourth on, what else there is stays."""
    moments = []
    for number in range(1, ROUNDS + 1):
        later = max(0, number - ROUNDS // 3)
        footprint = Footprint(
            counts={name: 4 + later * int(grows.get(name.replace(" ", "_"), 0)) for name in MAY_GROW},
            memory={"web": 90.0 + later * grows.get("memory", 0)},
            disk_mib=5 + number * 0.25 + later**2 * grows.get("disk", 0),
            submissions=25 * number,
        )
        rows = {
            "submissions": 25 * number,
            "reports": 25 * number + later**2 * int(grows.get("reports", 0)),
            "workers": 2 + later * int(grows.get("workers", 0)),
        }
        moments.append(Moment(float(number), footprint, rows, 90.0))
    return moments


def test_an_hour_in_which_nothing_grows():
    assert _grown(hour()) == []


@pytest.mark.parametrize(
    ("what", "by"),
    [("processes", 1), ("temporary_files", 1), ("memory", 10), ("disk", 0.1), ("reports", 2), ("workers", 5)],
)
def test_each_thing_that_grows_is_named(what: str, by: float):
    found = _grown(hour(**{what: by}))
    assert len(found) == 1
    assert {"memory": "web", "temporary_files": "temporary files"}.get(what, what) in found[0]


def test_what_was_as_high_while_it_became_warm_is_no_growth():
    moments = hour()
    low = dataclasses.replace(moments[4].footprint, memory={"web": 10.0})
    moments[4] = dataclasses.replace(moments[4], footprint=low)
    assert _grown(moments) == []


def test_too_short_to_tell():
    assert _grown(hour()[:3]) == ["Too few rounds to tell: give it more minutes."]
