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
        (
            Change(
                "workers/guest/calls.py",
                '    "pidfd_open": 434,\n',
                '    "pidfd_open": 434,\n    "clone3": 435,\n',
            ),
        ),
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
        "Pairs of sockets",
        "of all families only Unix's",
        (Change(_FILE, "    steps += _only_unix_sockets(machine.socketpair)\n", ""),),
        "escape/pairs_of_sockets",
        "GOT THROUGH: the kernel looked at a pair of family",
    ),
    Defence(
        "Newer calls",
        "only those on a list, whatever the next kernel brings",
        (Change(_FILE, "    steps += _newer_if_listed(machine)\n", ""),),
        "escape/newer_calls",
        "GOT THROUGH: the kernel looked at cachestat",
    ),
    Defence(
        "Watching by inotify",
        "nobody sees which files others open",
        (Change(_CALLS, '    "inotify_init1": 294,\n', ""),),
        "escape/watches_files",
        "GOT THROUGH: inotify",
    ),
    Defence(
        "Leases and watchers of folders",
        "of fcntl's commands only those on a list",
        (Change(_FILE, "        *_commands_of_fcntl(machine),\n", ""),),
        "escape/watches_files",
        "GOT THROUGH: F_NOTIFY",
    ),
    Defence(
        "Pages in memory",
        "nobody asks which files others have read",
        (Change(_CALLS, '    "mincore": 27,\n', ""),),
        "escape/asks_what_is_in_memory",
        "GOT THROUGH: mincore",
    ),
    Defence(
        "Flags of reading",
        "none that tells whether a page is in memory, or throws it out",
        (Change(_FILE, "        *_plain_flags(machine.preadv2),\n", ""),),
        "escape/asks_what_is_in_memory",
        "GOT THROUGH: NOWAIT",
    ),
    Defence(
        "Names in memory",
        "a call whose flags lie in memory, one of which tells what others looked up, is not there",
        (Change(_CALLS, '    "close_range": 436,\n', '    "close_range": 436,\n    "openat2": 437,\n'),),
        "escape/asks_what_is_in_memory",
        "GOT THROUGH: RESOLVE_CACHED",
    ),
    Defence(
        "Advice about files",
        "no page of a shared file is thrown out of memory",
        (
            Change(
                _FILE, "        *_refuse_when(machine.fadvise64, 3, [_ADVICE_DONT_NEED], errno.EPERM),\n", ""
            ),
        ),
        "escape/throws_pages_out",
        "GOT THROUGH: fadvise",
    ),
    Defence(
        "Advice about memory",
        "nor by a mapping of it, and none is shared with who has the same",
        (
            Change(
                _FILE,
                "        *_refuse_when(machine.madvise, 2, [_MERGEABLE, _COLD, _PAGE_OUT], errno.EPERM),\n",
                "",
            ),
        ),
        "escape/throws_pages_out",
        "madvise",
    ),
    Defence(
        "Reading past the cache",
        "what was read once costs the disks nothing",
        (
            Change(
                _FILE,
                "        *(step for number, place in machine.openings.items() for step in _with_cache(machine, number, place)),\n",
                "",
            ),
        ),
        "escape/reads_past_the_cache",
        "GOT THROUGH: O_DIRECT",
    ),
    Defence(
        "Reading past the cache, afterwards",
        "nor by a flag that is set on an open file",
        (Change(_FILE, "[_load_argument(1), *flags, *listed,", "[_load_argument(1), *listed,"),),
        "escape/reads_past_the_cache",
        "GOT THROUGH: O_DIRECT afterwards",
    ),
    Defence(
        "Flushing all",
        "nobody makes every disk write",
        (Change(_CALLS, '    "sync": 162,\n', ""),),
        "escape/flushes_the_disks",
        "GOT THROUGH: sync",
    ),
    Defence(
        "Flushing one",
        "what lies in memory needs no disk: the call is answered, not made",
        (Change(_FILE, "        *_when_call(machine.fsync, done),\n", ""),),
        "escape/flushes_the_disks",
        "GOT THROUGH: the kernel looked at fsync",
    ),
    Defence(
        "Locks",
        "nobody is kept out of a file that he may only read",
        (Change(_FILE, "        *_when_call(machine.flock, done),\n", ""),),
        "escape/locks_shared_files",
        "GOT THROUGH: keeps others out of",
    ),
    Defence(
        "The machine's figures",
        "load and free memory are not told",
        (Change(_CALLS, '    "sysinfo": 99,\n', ""),),
        "theft/reads_the_load",
        "GOT THROUGH: sysinfo",
    ),
    Defence(
        "Typing",
        "nothing may be typed into a terminal",
        (Change(_FILE, "    steps += _no_typing(machine.ioctl)\n", ""),),
        "escape/removes_the_filter",
        "GOT THROUGH: the kernel looked at TIOCSTI",
    ),
)
