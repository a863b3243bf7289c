"""Whose user a job gets in bubblewrap, by what whoever starts it may do."""

from __future__ import annotations

import os
from enum import StrEnum

from . import user_namespace

# To make namespaces, to mount, and to bring up a network of one's own; root of a container has neither.
_NEEDED = {user_namespace.CAP_SYS_ADMIN, user_namespace.CAP_NET_ADMIN}
# Since then the kernel counts a user's processes for each user namespace apart.
_COUNTS_BY_NAMESPACE = (5, 14)


class Users(StrEnum):
    """An id of its own for each job, of the machine or of a user namespace around bubblewrap; or one for all."""

    MACHINE = "machine"
    MAPPED = "mapped"
    ONE = "one"

    @property
    def are_own(self) -> bool:
        """Whether each job has an id that no other job has; a guest may then outlive a job."""
        return self is not Users.ONE

    @property
    def limit_processes(self) -> bool:
        """Whether RLIMIT_NPROC alone bounds a whole job: it counts by user, and spares root of the machine."""
        return self.are_own or (os.geteuid() != 0 and kernel() >= _COUNTS_BY_NAMESPACE)


def possible() -> tuple[Users, str]:
    """The best that this process can have, and why it is not better: tried, not guessed."""
    if os.geteuid() == 0 and user_namespace.capabilities() >= _NEEDED:
        return Users.MACHINE, ""
    reason = user_namespace.complaint()
    return (Users.ONE, reason) if reason else (Users.MAPPED, "")


def kernel() -> tuple[int, int]:
    """The running kernel's version."""
    major, minor = os.uname().release.split(".")[:2]
    return int(major), int("".join(char for char in minor if char.isdigit()) or 0)
