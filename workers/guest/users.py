"""Users for jobs: ids that this user namespace has, each had once in a supervisor's life."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

# Where all ids of a machine are there: far above its users.
_OF_A_MACHINE = range(2_000_000_000, 2_100_000_000)
# Where some are: above those that a container's own users have, below what the kernel shows for an id that is not mapped.
_FIRST, _OVERFLOW = 20_000, 65_534
_ALL = 0xFFFF_FFFF


class NoUsersLeft(Exception):
    """Every id has been had: whoever started this supervisor must start a fresh one."""


@dataclass
class Users:
    """`ids` in turn, from a place that the kernel's dice choose: supervisors beside each other seldom share one."""

    ids: range
    begin: int
    taken: int = 0

    @property
    def are_used_up(self) -> bool:
        """Whether no id is left that no job has had."""
        return self.taken >= len(self.ids)

    def take(self) -> int:
        """An id that no job has had. Raises `NoUsersLeft`."""
        if self.are_used_up:
            raise NoUsersLeft
        user = self.ids[(self.begin + self.taken) % len(self.ids)]
        self.taken += 1
        return user

    def __contains__(self, user: int) -> bool:
        """Whether that is an id of jobs."""
        return user in self.ids


def of_this_namespace(proc: Path = Path("/proc/self")) -> Users | None:
    """Ids that are users and groups alike, of user_namespaces(7)'s maps; None where there is none but our own."""
    ids = max(_usable(_mapped(proc / "uid_map"), _mapped(proc / "gid_map")), key=len, default=range(0))
    return Users(ids, random.SystemRandom().randrange(len(ids))) if ids else None


def _mapped(file: Path) -> list[range]:
    lines = [list(map(int, line.split())) for line in file.read_text(encoding="ascii").splitlines()]
    return [range(first, first + count) for first, _, count in lines]


def _usable(users: list[range], groups: list[range]) -> list[range]:
    both = [_common(some, others) for some in users for others in groups]
    if any(len(ids) >= _ALL for ids in both):
        return [_OF_A_MACHINE]
    usable = [_common(ids, range(1, _OVERFLOW)) for ids in both]
    high = [_common(ids, range(_FIRST, _OVERFLOW)) for ids in usable]
    return high if any(high) else usable


def _common(some: range, others: range) -> range:
    return range(max(some.start, others.start), min(some.stop, others.stop))
