"""The filter is run here by a small interpreter of the kernel's own instruction set."""

from __future__ import annotations

import errno
import os
import platform
import struct
from functools import cache

import pytest

from workers.guest.seccomp import ALLOW, KILL, MACHINES, program

X86 = MACHINES["x86_64"]
ARM = MACHINES["aarch64"]


def refused(error: int) -> int:
    return 0x00050000 | error


@cache
def steps_of(steps: bytes) -> list[tuple[int, int, int, int]]:
    """Code, the two ways on and the value of each step."""
    return list(struct.iter_unpack("<HBBI", steps))


def decide(steps: bytes, arch: int, number: int, *arguments: int) -> int:
    """What the kernel would answer."""
    padded = (*arguments, 0, 0, 0, 0, 0, 0)[:6]
    call = struct.pack("<IIQ6Q", number, arch, 0, *padded)
    read = steps_of(steps)
    loaded, at = 0, 0
    while True:
        code, yes, no, value = read[at]
        at += 1
        if code == 0x20:
            (loaded,) = struct.unpack("<I", call[value : value + 4])
        elif code == 0x06:
            return value
        else:
            holds = loaded == value if code == 0x15 else loaded >= value if code == 0x35 else loaded & value
            assert code in (0x15, 0x35, 0x45)
            at += yes if holds else no


@pytest.mark.parametrize("machine", [X86, ARM], ids=["x86_64", "aarch64"])
class TestFilter:
    def test_every_denied_call_is_refused(self, machine) -> None:
        steps = program(machine)
        for number in machine.denied.values():
            assert decide(steps, machine.arch, number) == refused(errno.EPERM)

    def test_ordinary_calls_pass(self, machine) -> None:
        answered = {machine.flock, machine.fsync, machine.fdatasync}
        judged = {*machine.denied.values(), machine.socket, machine.socketpair, *answered}
        steps = program(machine)
        for number in set(range(machine.first_newer)) - judged:
            assert decide(steps, machine.arch, number) == ALLOW, number

    def test_of_the_newer_calls_those_that_are_listed(self, machine) -> None:
        steps = program(machine)
        listed = set(machine.newer.values())
        assert not listed & set(machine.denied.values())
        for number in [*range(machine.first_newer, 500), 1000, 0x3FFFFFFF]:
            if number in listed:
                assert decide(steps, machine.arch, number) == ALLOW, number
            elif number not in machine.denied.values():
                assert decide(steps, machine.arch, number) == refused(errno.ENOSYS), number

    def test_what_is_answered_and_not_done(self, machine) -> None:
        for number in (machine.flock, machine.fsync, machine.fdatasync):
            assert decide(program(machine), machine.arch, number, 3, 2) == refused(0)

    def test_pages_in_memory_are_not_told_and_not_thrown_out(self, machine) -> None:
        steps = program(machine)
        for advice in range(8):
            wanted = refused(errno.EPERM) if advice == 4 else ALLOW
            assert decide(steps, machine.arch, machine.fadvise64, 3, 0, 0, advice) == wanted
        for advice in range(110):
            wanted = refused(errno.EPERM) if advice in (12, 20, 21) else ALLOW
            assert decide(steps, machine.arch, machine.madvise, 0, 4096, advice) == wanted
        for number in (machine.preadv2, machine.pwritev2):
            for bit in range(32):
                wanted = ALLOW if bit in (0, 1, 2, 4, 5) else refused(errno.EOPNOTSUPP)
                assert decide(steps, machine.arch, number, 3, 0, 1, 0, 0, 1 << bit) == wanted
            assert decide(steps, machine.arch, number, 3, 0, 1, 0, 0, 0) == ALLOW

    def test_no_leases_and_no_watchers(self, machine) -> None:
        steps = program(machine)
        useful = {*range(12), 15, 16, 36, 37, 38, 1030, 1031, 1032, 1033, 1034}
        for command in (*range(64), *range(1000, 1100)):
            wanted = ALLOW if command in useful else refused(errno.EPERM)
            assert decide(steps, machine.arch, machine.fcntl, 3, command) == wanted, command

    def test_nothing_is_read_past_the_cache(self, machine) -> None:
        steps = program(machine)
        for number, place in machine.openings.items():
            before = [0] * place
            assert decide(steps, machine.arch, number, *before, 0x80242) == ALLOW
            assert decide(steps, machine.arch, number, *before, machine.no_cache) == refused(errno.EINVAL)
        assert decide(steps, machine.arch, machine.fcntl, 3, 4, 0x800) == ALLOW
        assert decide(steps, machine.arch, machine.fcntl, 3, 4, machine.no_cache) == refused(errno.EINVAL)

    def test_files_in_memory_are_refused_where_nobody_counts_them(self, machine) -> None:
        uncounted = program(machine, memory_is_counted=False)
        assert decide(uncounted, machine.arch, machine.memfd_create) == refused(errno.EPERM)
        assert decide(program(machine), machine.arch, machine.memfd_create) == ALLOW
        assert decide(uncounted, machine.arch, machine.memfd_create - 1) == ALLOW

    def test_only_unix_sockets(self, machine) -> None:
        steps = program(machine)
        for call in (machine.socket, machine.socketpair):
            assert decide(steps, machine.arch, call, 1) == ALLOW
            for domain in (0, 2, 10, 16, 17, 38, 40, 45):
                assert decide(steps, machine.arch, call, domain) == refused(errno.EAFNOSUPPORT)

    def test_no_clone_with_a_new_namespace(self, machine) -> None:
        steps = program(machine)
        assert decide(steps, machine.arch, machine.clone, 17) == ALLOW
        assert decide(steps, machine.arch, machine.clone, 0x3D0F00) == ALLOW
        for bit in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
            assert decide(steps, machine.arch, machine.clone, bit | 17) == refused(errno.EPERM)

    def test_clone3_does_not_exist(self, machine) -> None:
        assert decide(program(machine), machine.arch, 435) == refused(errno.ENOSYS)

    def test_only_its_own_limits(self, machine) -> None:
        steps = program(machine)
        assert decide(steps, machine.arch, machine.prlimit, 0, 7) == ALLOW
        for pid in (1, 2, 4_000_000):
            assert decide(steps, machine.arch, machine.prlimit, pid, 7) == refused(errno.EPERM)

    def test_no_typing_into_terminals(self, machine) -> None:
        steps = program(machine)
        assert decide(steps, machine.arch, machine.ioctl, 0, 0x5401) == ALLOW
        for request in (0x5412, 0x541C, 0x5412 | 1 << 40):
            assert decide(steps, machine.arch, machine.ioctl, 0, request) == refused(errno.EPERM)

    def test_a_foreign_architecture_is_killed(self, machine) -> None:
        assert decide(program(machine), 0x40000003, 1) == KILL

    def test_fits_into_the_kernel(self, machine) -> None:
        assert len(program(machine)) // 8 < 4096


def test_x32_calls_are_refused() -> None:
    assert decide(program(X86), X86.arch, 0x40000000 + 39) == refused(errno.EPERM)


@pytest.mark.skipif(platform.machine() not in MACHINES, reason="its numbers are not in any list")
def test_the_flag_is_this_machines() -> None:
    assert MACHINES[platform.machine()].no_cache == os.O_DIRECT
