"""Rows: nothing of a job is left for the next one, or on the machine."""

from __future__ import annotations

from tests.hostile.defence import Defence
from tests.hostile.rows_jail import NO_FILTER
from tests.hostile.switching import Change

_CLEANING = "workers/guest/cleaning.py"

ROWS = (
    Defence(
        "Everything is killed",
        "whatever a job started ends with it, in a guest that is kept",
        (
            Change(
                _CLEANING, "    while True:\n        reach.kill()\n", "    while True:\n        return True\n"
            ),
        ),
        "escape/outlives_its_job",
        "left behind",
        warm=True,
    ),
    Defence(
        "Files are removed",
        "the next job in the same guest finds none",
        (Change(_CLEANING, "    if uid is None:\n        return False\n", "    return True\n"),),
        "escape/messages_to_the_next_job",
        "GOT THROUGH: a friend left /tmp/friend",
        warm=True,
    ),
    Defence(
        "Shared memory is looked for",
        "a guest that holds some takes no other job",
        (Change(_CLEANING, " and not _shared_memory(uid)\n", "\n"), NO_FILTER),
        "escape/messages_to_the_next_job",
        "GOT THROUGH: a friend left something for shmget",
        together="The filter refuses the calls: both are off.",
        warm=True,
    ),
    Defence(
        "A warm supervisor reads no job",
        "no job inherits the memory of one before",
        (
            Change(
                "workers/guest/__main__.py",
                "supervisor.is_clean:\n            _in_a_handler(",
                "supervisor.is_clean:\n            _serve(",
            ),
        ),
        "theft/scans_own_memory",
        "canaries told: ['neighbour'",
        warm=True,
        after_honest=True,
        limits={"cpu_seconds": 60.0, "wall_seconds": 120.0},
    ),
    Defence(
        "Nothing outlives the worker",
        "a worker that is killed takes its guests along",
        (
            Change("workers/sandbox/bubblewrap_command.py", '["--die-with-parent", ', "["),
            Change(
                "workers/guest/supervisor.py",
                "    poll.register(channel.receiving, select.POLLHUP | select.POLLRDHUP)\n",
                "",
            ),
        ),
        "exhaustion/wakes_too_late",
        "outlives its worker",
        together="bubblewrap dies with its parent, and the supervisor ends when its channel does: both are off.",
        worker_dies=True,
        limits={"wall_seconds": 60.0},
    ),
    Defence(
        "Control groups are removed",
        "each with its guest",
        (
            Change(
                "workers/sandbox/bubblewrap.py",
                "            self._process.wait(_SECONDS_TO_END)\n        if self._group:\n",
                "            self._process.wait(_SECONDS_TO_END)\n        if False:\n",
            ),
        ),
        "escape/messages_to_the_next_job",
        "left behind",
    ),
)
