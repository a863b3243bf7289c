"""Rows: namespaces, files and environment, as bubblewrap is told to make them."""

from __future__ import annotations

from tests.hostile.defence import Defence
from tests.hostile.rows_jail import NO_FILTER, NO_USER
from tests.hostile.switching import Change

_COMMAND = "workers/sandbox/bubblewrap_command.py"
_BUBBLEWRAP = "workers/sandbox/bubblewrap.py"
_SEPARATE = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
_LEAK = Change(
    _BUBBLEWRAP, "systemd_scope.environment() if self._has_scope else {}", "__import__('os').environ.copy()"
)


def _together(name: str) -> Change:
    old = "[" + ", ".join(f'"{word}"' for word in _SEPARATE) + "]"
    return Change(_COMMAND, old, old.replace(f'"{name}", ', "").replace(f', "{name}"', ""))


ROWS = (
    Defence(
        "A network of its own",
        "none of the machine's addresses is there, names without a file included",
        (_together("--unshare-net"),),
        "escape/calls_home",
        "somebody called",
    ),
    Defence(
        "Processes of its own",
        "no process of the machine is seen",
        (_together("--unshare-pid"), Change(_COMMAND, '"--as-pid-1", ', "")),
        "theft/looks_around",
        "GOT THROUGH: sees the process",
    ),
    Defence(
        "Messages of its own",
        "shared memory and semaphores are not the machine's",
        (_together("--unshare-ipc"), NO_FILTER),
        "escape/messages_to_the_next_job",
        "GOT THROUGH: a friend left something",
        together="The filter refuses the calls: both are off.",
    ),
    Defence(
        "Nothing of the load",
        "what the kernel tells of the machine in /proc is covered",
        (Change(_COMMAND, '"--proc", "/proc", *load.covered(), ', '"--proc", "/proc", '),),
        "theft/reads_the_load",
        "GOT THROUGH: /proc/vmstat",
    ),
    Defence(
        "Nothing of the load, among the settings",
        "counters of the whole machine in /proc/sys are covered",
        (Change("workers/sandbox/load.py", "(*sorted(names), *_COUNTERS)", "sorted(names)"),),
        "theft/reads_the_load",
        "GOT THROUGH: /proc/sys/fs/file-nr",
    ),
    Defence(
        "A name of its own",
        "the machine's is not told",
        (_together("--unshare-uts"), Change(_COMMAND, '"--hostname", "sandbox", ', "")),
        "theft/looks_around",
        "GOT THROUGH: knows the machine's name",
    ),
    Defence(
        "Control groups of its own",
        "their names are not told",
        (_together("--unshare-cgroup-try"),),
        "theft/looks_around",
        "GOT THROUGH: sees the names of control groups",
    ),
    Defence(
        "Few folders",
        "nothing of the machine but /usr and what Python needs",
        (
            Change(
                _COMMAND,
                'words = ["--ro-bind", "/usr", "/usr"]',
                'words = ["--ro-bind", "/usr", "/usr", "--ro-bind", "/etc", "/etc"]',
            ),
        ),
        "theft/walks_the_files",
        "canaries told: ['host_files'",
    ),
    Defence(
        "Folders to read only",
        "the guest and the libraries are not to be changed",
        (
            Change(
                _COMMAND,
                'words += ["--ro-bind", str(folder), str(place)]\n    for folder in plan.runtime.hidden:',
                'words += ["--bind" if place.name == "guest" else "--ro-bind", str(folder), str(place)]\n'
                "    for folder in plan.runtime.hidden:",
            ),
        ),
        "escape/rewrites_the_runtime",
        "GOT THROUGH: changed /opt/grader/guest/student.py",
    ),
    Defence(
        "A root to read only",
        "nothing is made beside the two small places",
        (*NO_USER, Change(_COMMAND, '"--remount-ro", "/", "--chdir"', '"--chdir"')),
        "escape/rewrites_the_runtime",
        "GOT THROUGH: changed /x",
        together="It belongs to root: a job's own user keeps it out as well, and both are off.",
    ),
    Defence(
        "Devices to read only",
        "nothing is made in /dev",
        (*NO_USER, Change(_COMMAND, '"--remount-ro", "/dev", ', "")),
        "escape/rewrites_the_runtime",
        "GOT THROUGH: changed /dev/x",
        together="It belongs to root: a job's own user keeps it out as well, and both are off.",
    ),
    Defence(
        "A control group to read only",
        "nobody inside lifts a limit",
        (
            *NO_USER,
            Change(
                _COMMAND,
                'words += ["--ro-bind", str(folder), str(place)]\n    words += ["--remount-ro"',
                'words += ["--bind", str(folder), str(place)]\n    words += ["--remount-ro"',
            ),
        ),
        "escape/control_groups",
        "GOT THROUGH: wrote /sys/fs/cgroup",
        together="It belongs to root: a job's own user keeps it out as well, and both are off.",
    ),
    Defence(
        "An empty environment",
        "no setting of the worker reaches the guest, which a job is a fork of",
        (_LEAK,),
        "theft/scans_own_memory",
        "canaries told: ['environment'",
    ),
    Defence(
        "An environment of our own",
        "a job sees what the guest sets, nothing else",
        (_LEAK, Change("workers/guest/preload.py", "    os.environ.clear()\n", "")),
        "theft/reads_environments",
        "canaries told: ['environment'",
        together="The worker hands none on: both are off.",
    ),
)
