"""Keys of uploads: each door has its own, whatever text a client sends."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from sqlalchemy import select, update

from grader.db.tables import SubmissionRow
from grader.db.upload_keys import kept_key
from grader.services.ports import KeyInUse, Origin

School = Any
MADE_BY_US = {
    Origin.WEB: "web:" + "a" * 64 + ":01J",
    Origin.LMS: "lms:01J:" + "b" * 64,
    Origin.API: "anything",
    Origin.CLI: "anything",
}
PAIRS = [pair for pair in itertools.permutations(Origin, 2) if set(pair) != {Origin.API, Origin.CLI}]


def of_another(other: Origin) -> list[str]:
    """What somebody could send to meet a key that another door has made: as it is made, and as it is kept."""
    return [MADE_BY_US[other], kept_key(other, MADE_BY_US[other])]


def keys(school: School) -> dict[str, str | None]:
    with school.parts.database.read() as session:
        return {row.id: row.idempotency_key for row in session.scalars(select(SubmissionRow))}


@pytest.mark.parametrize(("first", "then"), PAIRS)
def test_no_door_meets_the_key_of_another(school: School, first: Origin, then: Origin) -> None:
    """Neither for the same work nor for other work, whoever comes first."""
    for key in of_another(then):
        planted = school.hand_in(origin=first, idempotency_key=key)
        true = school.hand_in(source="y = 2\n", origin=then, idempotency_key=MADE_BY_US[then])
        assert true.id != planted.id
        assert true.source == "y = 2\n"
        again = school.hand_in(source="y = 2\n", origin=then, idempotency_key=MADE_BY_US[then])
        assert again.id == true.id
        assert school.hand_in(origin=first, idempotency_key=key).id == planted.id


def test_a_client_that_says_its_name_otherwise_is_the_same_door(school: School) -> None:
    first = school.hand_in(origin=Origin.CLI, idempotency_key="k")
    assert school.hand_in(origin=Origin.API, idempotency_key="k").id == first.id


@pytest.mark.parametrize("length", [1, 255])
def test_what_is_kept_fits_its_column_and_tells_nothing(school: School, length: int) -> None:
    kept = kept_key(Origin.API, "k" * length)
    assert kept.startswith("api:")
    assert len(kept) == len("api:") + 64
    assert kept_key(Origin.API, kept) != kept
    assert school.hand_in(origin=Origin.API, idempotency_key="k" * length).id in keys(school)


@pytest.mark.parametrize("key", ["k", *MADE_BY_US.values()])
def test_a_key_of_an_older_release_still_finds_its_submission(school: School, key: str) -> None:
    """Kept as it was sent; a repetition after the upgrade is one."""
    first = school.hand_in(origin=Origin.API, idempotency_key=key)
    as_before(school, key)
    assert school.hand_in(origin=Origin.CLI, idempotency_key=key).id == first.id
    with pytest.raises(KeyInUse):
        school.hand_in(source="y = 2\n", origin=Origin.API, idempotency_key=key)


@pytest.mark.parametrize("door", [Origin.WEB, Origin.LMS])
def test_what_an_older_release_kept_under_another_doors_key_makes_way(school: School, door: Origin) -> None:
    """Planted before the upgrade: it blocks nobody, and stays what it was for who sends it again."""
    planted = school.hand_in(origin=Origin.API, idempotency_key=MADE_BY_US[door])
    as_before(school, MADE_BY_US[door])
    true = school.hand_in(source="y = 2\n", origin=door, idempotency_key=MADE_BY_US[door])
    assert true.id != planted.id
    assert school.hand_in(origin=Origin.API, idempotency_key=MADE_BY_US[door]).id == planted.id
    assert keys(school) == {
        planted.id: kept_key(Origin.API, MADE_BY_US[door]),
        true.id: MADE_BY_US[door],
    }


def as_before(school: School, key: str) -> None:
    """As a release that knew no doors has kept it."""
    with school.parts.database.write() as session:
        session.execute(update(SubmissionRow).values(idempotency_key=key))
