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
    "memfd_secret": 447,
    "process_mrelease": 448,
    "set_mempolicy_home_node": 450,
    "open_tree_attr": 467,
}
_CLONE3 = 435

_DENIED_X86_64 = {
    "shmget": 29,
    "shmat": 30,
    "shmctl": 31,
    "semget": 64,
    "semop": 65,
    "semctl": 66,
    "shmdt": 67,
    "msgget": 68,
    "msgsnd": 69,
    "msgrcv": 70,
    "msgctl": 71,
    "ptrace": 101,
    "syslog": 103,
    "uselib": 134,
    "personality": 135,
    "vhangup": 153,
    "modify_ldt": 154,
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
    "io_setup": 206,
    "io_destroy": 207,
    "io_getevents": 208,
    "io_submit": 209,
    "io_cancel": 210,
    "lookup_dcookie": 212,
    "remap_file_pages": 216,
    "semtimedop": 220,
    "clock_settime": 227,
    "mbind": 237,
    "set_mempolicy": 238,
    "get_mempolicy": 239,
    "mq_open": 240,
    "mq_unlink": 241,
    "mq_timedsend": 242,
    "mq_timedreceive": 243,
    "mq_notify": 244,
    "mq_getsetattr": 245,
    "kexec_load": 246,
    "add_key": 248,
    "request_key": 249,
    "keyctl": 250,
    "migrate_pages": 256,
    "unshare": 272,
    "vmsplice": 278,
    "move_pages": 279,
    "perf_event_open": 298,
    "fanotify_init": 300,
    "fanotify_mark": 301,
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
    "io_setup": 0,
    "io_destroy": 1,
    "io_submit": 2,
    "io_cancel": 3,
    "io_getevents": 4,
    "lookup_dcookie": 18,
    "umount2": 39,
    "mount": 40,
    "pivot_root": 41,
    "chroot": 51,
    "vhangup": 58,
    "quotactl": 60,
    "vmsplice": 75,
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
    "mq_open": 180,
    "mq_unlink": 181,
    "mq_timedsend": 182,
    "mq_timedreceive": 183,
    "mq_notify": 184,
    "mq_getsetattr": 185,
    "msgget": 186,
    "msgctl": 187,
    "msgrcv": 188,
    "msgsnd": 189,
    "semget": 190,
    "semctl": 191,
    "semtimedop": 192,
    "semop": 193,
    "shmget": 194,
    "shmctl": 195,
    "shmat": 196,
    "shmdt": 197,
    "add_key": 217,
    "request_key": 218,
    "keyctl": 219,
    "swapon": 224,
    "swapoff": 225,
    "remap_file_pages": 234,
    "mbind": 235,
    "get_mempolicy": 236,
    "set_mempolicy": 237,
    "migrate_pages": 238,
    "move_pages": 239,
    "perf_event_open": 241,
    "fanotify_init": 262,
    "fanotify_mark": 263,
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
    prlimit: int
    memfd_create: int
    denied: dict[str, int]


MACHINES = {
    "x86_64": Machine(0xC000003E, True, 41, 53, 16, 56, 302, 319, _DENIED_X86_64 | _DENIED_EVERYWHERE),
    "aarch64": Machine(0xC00000B7, False, 198, 199, 29, 220, 261, 279, _DENIED_AARCH64 | _DENIED_EVERYWHERE),
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


def _only_own_limits(number: int) -> list[bytes]:
    # By user alone the kernel would let a job set the limits of a supervisor that runs as the same one.
    test = _step(_JUMP_EQUAL, 0, 0, 1)
    return _when_call(number, [_load_argument(0), test, _step(_RETURN, ALLOW), _refuse(errno.EPERM)])


def _no_typing(number: int) -> list[bytes]:
    tests = [_step(_JUMP_EQUAL, _TIOCSTI, 1, 0), _step(_JUMP_EQUAL, _TIOCLINUX, 0, 1)]
    return _when_call(number, [_load_argument(1), *tests, _refuse(errno.EPERM), _step(_RETURN, ALLOW)])


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
    # libc asks clone3 first and falls back to clone, whose flags a filter can see.
    steps += _when_call(_CLONE3, [_refuse(errno.ENOSYS)])
    steps += _only_unix_sockets(machine.socket)
    steps += _only_unix_sockets(machine.socketpair)
    steps += _no_namespaces(machine.clone)
    steps += _only_own_limits(machine.prlimit)
    steps += _no_typing(machine.ioctl)
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
