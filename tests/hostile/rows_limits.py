"""Rows: time, memory, processes, files and output. A case without its limit still ends by itself."""

from __future__ import annotations

from tests.hostile.defence import Defence
from tests.hostile.switching import Change

_WATCH = "workers/guest/watch.py"
_BUBBLEWRAP = "workers/sandbox/bubblewrap.py"
_VERDICT = "workers/guest/verdict.py"
_ENDED_BY_ITSELF = '"reason": "bad_result"'
_NO_WALL = Change(_WATCH, "        elif wall > self.limits.wall_seconds:\n", "        elif False:\n")

ROWS = (
    Defence(
        "CPU time",
        "of all processes of a job together",
        (Change(_WATCH, "        if self.cpu_seconds > self.limits.cpu_seconds:\n", "        if False:\n"),),
        "exhaustion/burns_a_little_too_long",
        _ENDED_BY_ITSELF,
        limits={"wall_seconds": 60.0},
    ),
    Defence(
        "Wall clock",
        "a job that sleeps ends, too",
        (_NO_WALL,),
        "exhaustion/wakes_too_late",
        _ENDED_BY_ITSELF,
    ),
    Defence(
        "The host's own clock",
        "a guest that never answers is given up",
        (
            _NO_WALL,
            Change(
                "workers/sandbox/conversation.py",
                "begun + limits.wall_seconds + _GRACE_SECONDS",
                "begun + 600",
            ),
        ),
        "exhaustion/wakes_too_late",
        _ENDED_BY_ITSELF,
        together="The guest's clock is first, 20 seconds before it: both are off.",
    ),
    Defence(
        "Memory",
        "of all processes and files of a job together",
        (
            Change(
                _BUBBLEWRAP,
                "memory = limits.memory_mib + (_SUPERVISOR_MIB if preload else _BARE_SUPERVISOR_MIB)",
                "memory = 3000",
            ),
        ),
        "exhaustion/bytearray_memory",
        _ENDED_BY_ITSELF,
        limits={"cpu_seconds": 60.0, "wall_seconds": 120.0},
    ),
    Defence(
        "Processes",
        "and threads, of a job together",
        (Change(_BUBBLEWRAP, "processes = limits.processes + _SUPERVISOR_PROCESSES", "processes = 3000"),),
        "exhaustion/threads",
        _ENDED_BY_ITSELF,
    ),
    Defence(
        "Size of files",
        "in /tmp and in /dev/shm, as the exercise says; without it memory alone ends what writes there",
        (
            Change(
                _BUBBLEWRAP,
                "plan = Plan(limits, self.users,",
                "plan = Plan(__import__('dataclasses').replace(limits, disk_mib=3000), self.users,",
            ),
        ),
        "exhaustion/fills_the_disk",
        '"reason": "memory_limit"',
    ),
    Defence(
        "Number of files",
        "in /tmp and in /dev/shm: an empty one costs the kernel memory, too",
        (Change("workers/sandbox/bubblewrap_command.py", "nr_inodes={INODES}", "nr_inodes=0"),),
        "exhaustion/many_small_files",
        "GOT THROUGH: forty thousand files",
        limits={"cpu_seconds": 60.0, "wall_seconds": 120.0},
    ),
    Defence(
        "Output",
        "a job that prints too much ends",
        (Change(_WATCH, "        if self.printed > self.limits.output_bytes:\n", "        if False:\n"),),
        "exhaustion/prints_without_end",
        '"reason": "time_limit"',
    ),
    Defence(
        "Output that is kept",
        "64 KiB",
        (
            Change(_WATCH, "data[: max(0, self.limits.kept_output_bytes - len(self.kept))]", "data"),
            Change("workers/sandbox/conversation.py", "[: limits.kept_output_bytes]", "[:]"),
        ),
        "exhaustion/prints_without_end",
        "too much output kept",
        together="The guest cuts, and so does the host, which believes nobody: both are off.",
    ),
    Defence(
        "Size of a claim",
        "in the guest, before it fills the supervisor's memory",
        (
            Change(
                _WATCH, "        if len(self.claim) > self.limits.description_bytes:\n", "        if False:\n"
            ),
        ),
        "forged_claim/more_bytes_than_allowed",
        "_limit",
    ),
    Defence(
        "A full disk is counted",
        "an error of that name alone is no reason",
        (
            Change(
                _VERDICT,
                'if reason == "disk_limit" and (disk_is_full or too_big):',
                'if reason == "disk_limit":',
            ),
        ),
        "lies/says_that_the_disk_is_full",
        '"reason": "disk_limit"',
    ),
    Defence(
        "Refused forks are counted",
        "an error of that name alone is no reason",
        (
            Change(
                _VERDICT,
                'if reason == "process_limit" and _may_be(before.refused_forks, after.refused_forks):',
                'if reason == "process_limit":',
            ),
        ),
        "lies/says_that_it_may_not_fork",
        '"reason": "process_limit"',
    ),
    Defence(
        "Kills for memory are counted",
        "a claim of too much memory alone is no reason",
        (
            Change(
                _VERDICT,
                'if reason == "memory_limit" and _may_be(before.memory_kills, after.memory_kills):',
                'if reason == "memory_limit":',
            ),
        ),
        "lies/says_that_memory_is_gone",
        '"reason": "memory_limit"',
    ),
)
