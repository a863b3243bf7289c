"""The system calls that student code may not make, as a filter that the kernel runs.

Everything is allowed but what is listed: TensorFlow needs too many calls for the other way round. Numbers
are those of the kernel's system call tables. A foreign architecture (int 0x80) is killed, x32 is refused.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import socket
import struct
from dataclasses import dataclass

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

# The same number on every architecture since Linux 5.1.
_DENIED_EVERYWHERE = {
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "io_uring_register": 427,
    "open_tree": 428,
    "move_mount": 429,
    "fsopen": 430,
    "fsconfig": 431,
    "fsmount": 432,
    "fspick": 433,
    "pidfd_getfd": 438,
    "process_madvise": 440,
    "mount_setattr": 442,
    "quotactl_fd": 443,
    "open_tree_attr": 467,
}
_CLONE3 = 435

_DENIED_X86_64 = {
    "ptrace": 101,
    "syslog": 103,
    "personality": 135,
    "pivot_root": 155,
    "adjtimex": 159,
    "chroot": 161,
    "acct": 163,
    "settimeofday": 164,
    "mount": 165,
    "umount2": 166,
    "swapon": 167,
    "swapoff": 168,
    "reboot": 169,
    "sethostname": 170,
    "setdomainname": 171,
    "iopl": 172,
    "ioperm": 173,
    "init_module": 175,
    "delete_module": 176,
    "quotactl": 179,
    "lookup_dcookie": 212,
    "clock_settime": 227,
    "kexec_load": 246,
    "add_key": 248,
    "request_key": 249,
    "keyctl": 250,
    "migrate_pages": 256,
    "unshare": 272,
    "perf_event_open": 298,
    "fanotify_init": 300,
    "name_to_handle_at": 303,
    "open_by_handle_at": 304,
    "clock_adjtime": 305,
    "setns": 308,
    "process_vm_readv": 310,
    "process_vm_writev": 311,
    "kcmp": 312,
    "finit_module": 313,
    "kexec_file_load": 320,
    "bpf": 321,
    "userfaultfd": 323,
}
_DENIED_AARCH64 = {
    "lookup_dcookie": 18,
    "umount2": 39,
    "mount": 40,
    "pivot_root": 41,
    "chroot": 51,
    "quotactl": 60,
    "acct": 89,
    "personality": 92,
    "unshare": 97,
    "kexec_load": 104,
    "init_module": 105,
    "delete_module": 106,
    "clock_settime": 112,
    "syslog": 116,
    "ptrace": 117,
    "reboot": 142,
    "sethostname": 161,
    "setdomainname": 162,
    "settimeofday": 170,
    "adjtimex": 171,
    "add_key": 217,
    "request_key": 218,
    "keyctl": 219,
    "swapon": 224,
    "swapoff": 225,
    "migrate_pages": 238,
    "perf_event_open": 241,
    "fanotify_init": 262,
    "name_to_handle_at": 264,
    "open_by_handle_at": 265,
    "clock_adjtime": 266,
    "setns": 268,
    "process_vm_readv": 270,
    "process_vm_writev": 271,
    "kcmp": 272,
    "finit_module": 273,
    "bpf": 280,
    "userfaultfd": 282,
    "kexec_file_load": 294,
}


@dataclass(frozen=True)
class Machine:
    """What a filter must know about a processor: its audit number and its system call numbers."""

    arch: int
    has_x32: bool
    socket: int
    socketpair: int
    ioctl: int
    clone: int
    denied: dict[str, int]


MACHINES = {
    "x86_64": Machine(0xC000003E, True, 41, 53, 16, 56, _DENIED_X86_64 | _DENIED_EVERYWHERE),
    "aarch64": Machine(0xC00000B7, False, 198, 199, 29, 220, _DENIED_AARCH64 | _DENIED_EVERYWHERE),
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
    test = _step(_JUMP_ANY_BIT, _NEW_NAMESPACE, 0, 1)
    return _when_call(number, [_load_argument(0), test, _refuse(errno.EPERM), _step(_RETURN, ALLOW)])


def _no_typing(number: int) -> list[bytes]:
    tests = [_step(_JUMP_EQUAL, _TIOCSTI, 1, 0), _step(_JUMP_EQUAL, _TIOCLINUX, 0, 1)]
    return _when_call(number, [_load_argument(1), *tests, _refuse(errno.EPERM), _step(_RETURN, ALLOW)])


def program(machine: Machine) -> bytes:
    """Assemble the filter for one processor: 8 bytes a step, at most 4096 steps."""
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
    # libc asks clone3 first and falls back to clone, whose flags a filter can see.
    steps += _when_call(_CLONE3, [_refuse(errno.ENOSYS)])
    steps += _only_unix_sockets(machine.socket)
    steps += _only_unix_sockets(machine.socketpair)
    steps += _no_namespaces(machine.clone)
    steps += _no_typing(machine.ioctl)
    return b"".join([*steps, _step(_RETURN, ALLOW)])


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))


def install() -> None:
    """Put the filter on this process and all its children, for good; needs no_new_privs.

    Raises `OSError` where the kernel refuses and `KeyError` on a processor that is not in `MACHINES`.
    """
    steps = program(MACHINES[platform.machine()])
    loaded = _Program(len(steps) // 8, steps)
    prctl(PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(loaded))
