"""Which tests stay in one process when several share them: those of a file, those that need a container engine, and
those that would see what others leave.

pytest-xdist's own `loadgroup` would be asked for this by marks, but with pytest 9.2 it silently groups nothing (its issue
1386). So its scheduler by scope is told what a scope is; all that it knows of a test is its id.
"""

from __future__ import annotations

import os

from xdist.scheduler import LoadScopeScheduling

ENGINE = "engine"
ENGINE_TESTS = (
    "tests/integration/test_compose.py",
    "tests/sandbox/test_containers.py",
    "tests/sandbox/test_in_containers.py",
    "tests/sandbox/test_lost_guest.py::test_a_container",
    "tests/sandbox/test_self_test.py::test_a_container_that_lacks_something",
)
ENGINE_BACKENDS = ("docker", "podman", "unix")
# One looks for what is left on this machine, the other has defences switched off.
HOSTILE = "hostile"
HOSTILE_FILES = ("tests/hostile/test_hostile.py", "tests/hostile/test_bites.py")
LONGEST = (
    f"{HOSTILE} docker",
    HOSTILE,
    "tests/training/test_reference_solutions.py",
    ENGINE,
    f"{HOSTILE} unix",
    f"{HOSTILE} subordinate",
    "tests/integration/test_queue.py",
    "tests/training/test_hardness.py",
    "tests/integration/test_end_to_end.py",
    "tests/training/test_calibrate.py",
    "tests/bench/test_bench.py",
    "tests/chaos/test_chaos.py",
    "tests/integration/test_serve.py",
    "tests/integration/test_same_verdict.py",
    "tests/documents/test_listings.py",
    "tests/sandbox/test_self_test.py",
    "tests/integration/test_demo.py",
    "tests/integration/test_extras_install.py",
    "tests/integration/test_newcomer.py",
)
"""What takes longest, the longest first: one of them at the end would keep one core busy and the others idle. The first one
makes the images that the others of the engine need; they wait for them.
"""


def needs_engine(test: str) -> bool:
    """Whether the test of this id asks for an engine itself, or runs on a backend that does."""
    file, _, name = test.partition("::")
    if test.startswith(ENGINE_TESTS):
        return True
    backend = name.partition("[")[2]
    in_a_sandbox = file.startswith(("tests/sandbox/", "tests/hostile/"))
    return in_a_sandbox and (
        backend.startswith(ENGINE_BACKENDS) or any(f"-{name}-" in backend for name in ENGINE_BACKENDS)
    )


def scope(test: str) -> str:
    """What the test of this id stays together with."""
    file, _, name = test.partition("::")
    if file in HOSTILE_FILES and needs_engine(test):
        return f"{HOSTILE} {name.partition('[')[2].partition('-')[0]}"
    if file in HOSTILE_FILES and "[bubblewrap-subordinate-" in name:
        return f"{HOSTILE} subordinate"
    if file in HOSTILE_FILES:
        return HOSTILE
    return ENGINE if needs_engine(test) else file


def turn(test: str) -> int:
    """Where the test of this id comes in the row."""
    together = scope(test)
    return LONGEST.index(together) if together in LONGEST else len(LONGEST)


def processes(option: str) -> int:
    """How many processes share the tests: more than there are cores, two for `-n auto` and one for `-n logical`.

    Much of the whole suite is waiting: for limits of time to be reached, for containers, for queues. Of the unit tests it
    is a tenth.
    """
    return len(os.sched_getaffinity(0)) + {"auto": 2, "logical": 1}[option]


class Sharing(LoadScopeScheduling):
    """xdist's scheduler by scope, with our scopes."""

    def _split_scope(self, nodeid: str) -> str:
        return scope(nodeid)
