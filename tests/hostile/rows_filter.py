"""Rows: the filter of system calls, whole and each of its parts."""

from __future__ import annotations

from tests.hostile.defence import Defence
from tests.hostile.rows_jail import NO_DROP, NO_FILTER, NO_USER
from tests.hostile.switching import Change

_FILE = "workers/guest/seccomp.py"
_CALLS = "workers/guest/calls.py"

ROWS = (
    Defence(
        "The filter",
        "a job gets a filter of system calls before its first line",
        (NO_FILTER,),
        "escape/sockets_of_every_family",
        "GOT THROUGH: a socket of family",
    ),
    Defence(
        "Sockets",
        "of all families only Unix's",
        (Change(_FILE, "    steps += _only_unix_sockets(machine.socket)\n", ""),),
        "escape/sockets_of_every_family",
        "GOT THROUGH: a socket of family",
    ),
    Defence(
        "Namespaces by clone",
        "none may be made",
        (Change(_FILE, "    steps += _no_namespaces(machine.clone)\n", ""),),
        "escape/namespaces",
        "GOT THROUGH: clone made a namespace",
    ),
    Defence(
        "Namespaces by clone3",
        "its flags lie in memory, where no filter sees them: the call is not there",
        (Change(_FILE, "    steps += _when_call(_CLONE3, [_refuse(errno.ENOSYS)])\n", ""),),
        "escape/namespaces",
        "GOT THROUGH: clone3 made a namespace",
    ),
    Defence(
        "Listed calls",
        "doors of the kernel that no network needs are shut",
        (
            Change(
                _FILE,
                "    for number in machine.denied.values():\n        steps += _when_call(number, [_refuse(errno.EPERM)])\n",
                "",
            ),
        ),
        "escape/kernel_doors",
        "GOT THROUGH: the kernel looked at keyctl",
    ),
    Defence(
        "Listed calls: unshare",
        "no namespace by the older way",
        (Change(_CALLS, '    "unshare": 272,\n', ""),),
        "escape/namespaces",
        "GOT THROUGH: unshare made a namespace",
    ),
    Defence(
        "Calls of x32",
        "the second set of numbers is refused",
        (Change(_FILE, "    if machine.has_x32:\n", "    if False:\n"),),
        "escape/kernel_doors",
        "GOT THROUGH: the kernel looked at a call of x32",
    ),
    Defence(
        "The entry of 32 bits",
        "whoever uses it is killed: its numbers mean other calls",
        (Change(_FILE, "_step(_RETURN, KILL)", "_step(_RETURN, ALLOW)"),),
        "escape/old_entry",
        "GOT THROUGH: the old entry says",
    ),
    Defence(
        "Limits of others",
        "a process reads and sets its own alone",
        (*NO_USER, NO_DROP, Change(_FILE, "    steps += _only_own_limits(machine.prlimit)\n", "")),
        "escape/debugs_its_parents",
        "GOT THROUGH: reads the limits of 1",
        together="Another user, and fewer capabilities, keep it out as well: all three are off.",
    ),
    Defence(
        "Typing",
        "nothing may be typed into a terminal",
        (Change(_FILE, "    steps += _no_typing(machine.ioctl)\n", ""),),
        "escape/removes_the_filter",
        "GOT THROUGH: the kernel looked at TIOCSTI",
    ),
)
