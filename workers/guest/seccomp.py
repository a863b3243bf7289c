"""The system calls that student code may not make, as a filter that the kernel runs.

`calls` has the lists. A foreign architecture (int 0x80) is killed, x32 is refused; of some calls the arguments decide.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from .calls import (
    DENIED_AARCH64,
    DENIED_EVERYWHERE,
    DENIED_X86_64,
    FIRST_NEWER_AARCH64,
    FIRST_NEWER_X86_64,
    NEWER_AARCH64,
    NEWER_X86_64,
)
from .kernel import PR_SET_SECCOMP, prctl

ALLOW = 0x7FFF0000
KILL = 0x80000000
_ERRNO = 0x00050000
_MODE_FILTER = 2

_LOAD = 0x20
_JUMP_EQUAL = 0x15
_JUMP_GREATER_EQUAL = 0x35
_JUMP_ANY_BIT = 0x45
_RETURN = 0x06

_OFFSET_NUMBER, _OFFSET_ARCH, _OFFSET_ARGUMENTS = 0, 4, 16
_X32_BIT = 0x40000000
_NEW_NAMESPACE = 0x7E020000
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C


# What an argument may not be. Advice that throws pages out of memory, or shares them with others who have the same.
_ADVICE_DONT_NEED = 4
_MERGEABLE, _COLD, _PAGE_OUT = 12, 20, 21
# HIPRI, DSYNC, SYNC, APPEND, NOAPPEND. What is left out: NOWAIT says whether a page is in memory, DONTCACHE throws it out.
_FLAGS_OF_READING = 0x37
# Own descriptors, flags, record locks, owners and signals; pipes and seals. Left out: leases and watchers of folders.
_COMMANDS_OF_FCNTL = (*range(12), 15, 16, 36, 37, 38, *range(1030, 1035))
_SET_FLAGS = 4


@dataclass(frozen=True)
class Machine:
    """What a filter must know about a processor: its audit number and its system call numbers.

    `openings`: the calls that open a file, and the place of their flags; `no_cache`: O_DIRECT among these.
    """

    arch: int
    has_x32: bool
    first_newer: int
    denied: dict[str, int]
    newer: dict[str, int]
    socket: int
    socketpair: int
    ioctl: int
    clone: int
    prlimit: int
    memfd_create: int
    openings: dict[int, int]
    no_cache: int
    fcntl: int
    flock: int
    fsync: int
    fdatasync: int
    fadvise64: int
    madvise: int
    preadv2: int
    pwritev2: int


MACHINES = {
    "x86_64": Machine(
        arch=0xC000003E,
        has_x32=True,
        first_newer=FIRST_NEWER_X86_64,
        denied=DENIED_X86_64 | DENIED_EVERYWHERE,
        newer=NEWER_X86_64,
        socket=41,
        socketpair=53,
        ioctl=16,
        clone=56,
        prlimit=302,
        memfd_create=319,
        openings={2: 1, 257: 2},
        no_cache=0x4000,
        fcntl=72,
        flock=73,
        fsync=74,
        fdatasync=75,
        fadvise64=221,
        madvise=28,
        preadv2=327,
        pwritev2=328,
    ),
    "aarch64": Machine(
        arch=0xC00000B7,
        has_x32=False,
        first_newer=FIRST_NEWER_AARCH64,
        denied=DENIED_AARCH64 | DENIED_EVERYWHERE,
        newer=NEWER_AARCH64,
        socket=198,
        socketpair=199,
        ioctl=29,
        clone=220,
        prlimit=261,
        memfd_create=279,
        openings={56: 2},
        no_cache=0x10000,
        fcntl=25,
        flock=32,
        fsync=82,
        fdatasync=83,
        fadvise64=223,
        madvise=233,
        preadv2=286,
        pwritev2=287,
    ),
}


def _step(code: int, value: int, when_true: int = 0, when_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, when_true, when_false, value)


def _refuse(error: int) -> bytes:
    return _step(_RETURN, _ERRNO | error)


def _load_argument(index: int) -> bytes:
    # The low half: both processors are little-endian, and the kernel reads these arguments as 32 bits.
    return _step(_LOAD, _OFFSET_ARGUMENTS + 8 * index)


def _when_call(number: int, body: list[bytes]) -> list[bytes]:
    """Run `body`, which ends in a return on every path, if the call has this number."""
    return [_step(_JUMP_EQUAL, number, 0, len(body)), *body]


def _only_unix_sockets(number: int) -> list[bytes]:
    test = _step(_JUMP_EQUAL, int(socket.AF_UNIX), 0, 1)
    return _when_call(number, [_load_argument(0), test, _step(_RETURN, ALLOW), _refuse(errno.EAFNOSUPPORT)])


def _no_namespaces(number: int) -> list[bytes]:
    return _when_call(number, _unless_any_bit(0, _NEW_NAMESPACE, errno.EPERM))


def _only_own_limits(number: int) -> list[bytes]:
    # By user alone the kernel would let a job set the limits of a supervisor that runs as the same one.
    test = _step(_JUMP_EQUAL, 0, 0, 1)
    return _when_call(number, [_load_argument(0), test, _step(_RETURN, ALLOW), _refuse(errno.EPERM)])


def _no_typing(number: int) -> list[bytes]:
    tests = [_step(_JUMP_EQUAL, _TIOCSTI, 1, 0), _step(_JUMP_EQUAL, _TIOCLINUX, 0, 1)]
    return _when_call(number, [_load_argument(1), *tests, _refuse(errno.EPERM), _step(_RETURN, ALLOW)])


def _refuse_when(number: int, index: int, values: Sequence[int], error: int) -> list[bytes]:
    """Refuse a call for some values of one argument."""
    tests = [step for value in values for step in _when_call(value, [_refuse(error)])]
    return _when_call(number, [_load_argument(index), *tests, _step(_RETURN, ALLOW)])


def _with_cache(machine: Machine, number: int, index: int) -> list[bytes]:
    # EINVAL as a file system in memory says it: each read would go to the machine's disk.
    return _when_call(number, _unless_any_bit(index, machine.no_cache, errno.EINVAL))


def _unless_any_bit(index: int, bits: int, error: int) -> list[bytes]:
    return [_load_argument(index), _step(_JUMP_ANY_BIT, bits, 0, 1), _refuse(error), _step(_RETURN, ALLOW)]


def _commands_of_fcntl(machine: Machine) -> list[bytes]:
    listed = [step for command in _COMMANDS_OF_FCNTL for step in _when_call(command, [_step(_RETURN, ALLOW)])]
    flags = _when_call(_SET_FLAGS, _unless_any_bit(2, machine.no_cache, errno.EINVAL))
    return _when_call(machine.fcntl, [_load_argument(1), *flags, *listed, _refuse(errno.EPERM)])


def _plain_flags(number: int) -> list[bytes]:
    return _when_call(number, _unless_any_bit(5, ~_FLAGS_OF_READING & 0xFFFFFFFF, errno.EOPNOTSUPP))


def _on_files_of_others(machine: Machine) -> list[bytes]:
    """What reaches beyond a job through files that it shares with others: it is neither told, nor hindered, nor slowed.

    Whatever a job may write to lies in memory, so nothing has to reach a disk: `fsync` is answered, not done. A lock of
    `flock` may be had by whoever can read a file, and keeps out all others: it is answered, not had. Those of `fcntl` need
    a file that one may write to before they keep anybody out.
    """
    done = [_step(_RETURN, _ERRNO)]
    return [
        *_when_call(machine.fsync, done),
        *_when_call(machine.fdatasync, done),
        *_when_call(machine.flock, done),
        *(step for number, place in machine.openings.items() for step in _with_cache(machine, number, place)),
        *_commands_of_fcntl(machine),
        *_refuse_when(machine.fadvise64, 3, [_ADVICE_DONT_NEED], errno.EPERM),
        *_refuse_when(machine.madvise, 2, [_MERGEABLE, _COLD, _PAGE_OUT], errno.EPERM),
        *_plain_flags(machine.preadv2),
        *_plain_flags(machine.pwritev2),
    ]


def _newer_if_listed(machine: Machine) -> list[bytes]:
    """The last part: of the newer calls those that are listed, as if the kernel knew no other."""
    listed = [
        step for number in machine.newer.values() for step in _when_call(number, [_step(_RETURN, ALLOW)])
    ]
    body = [*listed, _refuse(errno.ENOSYS)]
    return [_step(_JUMP_GREATER_EQUAL, machine.first_newer, 0, len(body)), *body]


def program(machine: Machine, *, memory_is_counted: bool = True) -> bytes:
    """Assemble the filter for one processor: 8 bytes a step, at most 4096 steps.

    Files in memory that are no process's and on no file system are refused where nobody counts them.
    """
    steps = [
        _step(_LOAD, _OFFSET_ARCH),
        _step(_JUMP_EQUAL, machine.arch, 1, 0),
        _step(_RETURN, KILL),
        _step(_LOAD, _OFFSET_NUMBER),
    ]
    if machine.has_x32:
        steps += [_step(_JUMP_GREATER_EQUAL, _X32_BIT, 0, 1), _refuse(errno.EPERM)]
    for number in machine.denied.values():
        steps += _when_call(number, [_refuse(errno.EPERM)])
    if not memory_is_counted:
        steps += _when_call(machine.memfd_create, [_refuse(errno.EPERM)])
    steps += _only_unix_sockets(machine.socket)
    steps += _only_unix_sockets(machine.socketpair)
    steps += _no_namespaces(machine.clone)
    steps += _only_own_limits(machine.prlimit)
    steps += _no_typing(machine.ioctl)
    steps += _on_files_of_others(machine)
    steps += _newer_if_listed(machine)
    return b"".join([*steps, _step(_RETURN, ALLOW)])


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))


def install(*, memory_is_counted: bool) -> None:
    """Put the filter on this process and all its children, for good; needs no_new_privs.

    Raises `OSError` where the kernel refuses and `KeyError` on a processor that is not in `MACHINES`.
    """
    steps = program(MACHINES[platform.machine()], memory_is_counted=memory_is_counted)
    loaded = _Program(len(steps) // 8, steps)
    prctl(PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(loaded))
