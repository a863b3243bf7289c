"""Ids of a namespace's maps, as user_namespaces(7) writes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from workers.guest.users import NoUsersLeft, Users, of_this_namespace

WHOLE = "         0          0 4294967295\n"
SUBORDINATE = "         0       1000          1\n         1     100000      65536\n"


def ids(folder: Path, users: str, groups: str) -> range | None:
    (folder / "uid_map").write_text(users, encoding="ascii")
    (folder / "gid_map").write_text(groups, encoding="ascii")
    found = of_this_namespace(folder)
    return found.ids if found else None


@pytest.mark.parametrize(
    ("users", "groups", "expected"),
    [
        (WHOLE, WHOLE, range(2_000_000_000, 2_100_000_000)),
        (SUBORDINATE, SUBORDINATE, range(20_000, 65_534)),
        # An engine that maps its containers' users.
        ("0 100000 65536\n", "0 100000 65536\n", range(20_000, 65_534)),
        # Few ids are used from the first; what is a user must be a group, too.
        ("0 1000 1\n1 100000 100\n", SUBORDINATE, range(1, 101)),
        (SUBORDINATE, "0 1000 1\n1 100000 30000\n", range(20_000, 30_001)),
        (WHOLE, SUBORDINATE, range(20_000, 65_534)),
        # Two ranges: the larger.
        ("0 1000 1\n1 5000 10\n11 9000 500\n", WHOLE, range(11, 511)),
    ],
)
def test_ids_of_jobs(users: str, groups: str, expected: range, tmp_path: Path) -> None:
    assert ids(tmp_path, users, groups) == expected


@pytest.mark.parametrize("groups", ["0 1000 1\n", "", WHOLE])
def test_where_there_is_only_ourselves_there_is_none(groups: str, tmp_path: Path) -> None:
    assert ids(tmp_path, "0 1000 1\n", groups) is None


def test_each_id_is_had_once_wherever_one_begins() -> None:
    users = Users(range(1, 6), begin=3)
    had = [users.take() for _ in range(5)]
    assert had == [4, 5, 1, 2, 3]
    assert users.are_used_up
    with pytest.raises(NoUsersLeft):
        users.take()


def test_who_is_a_job() -> None:
    users = Users(range(20_000, 65_534), begin=0)
    assert 20_000 in users
    assert 0 not in users
    assert 65_534 not in users  # what the kernel shows for anybody outside
