"""The filter is run here by a small interpreter of the kernel's own instruction set."""

from __future__ import annotations

import errno
import struct

import pytest

from workers.guest.seccomp import ALLOW, KILL, MACHINES, program

X86 = MACHINES["x86_64"]
ARM = MACHINES["aarch64"]


def refused(error: int) -> int:
    return 0x00050000 | error


def decide(steps: bytes, arch: int, number: int, *arguments: int) -> int:
    """What the kernel would answer."""
    padded = (*arguments, 0, 0, 0, 0, 0, 0)[:6]
    call = struct.pack("<IIQ6Q", number, arch, 0, *padded)
    loaded, at = 0, 0
    while True:
        code, yes, no, value = struct.unpack("<HBBI", steps[8 * at : 8 * at + 8])
        at += 1
        if code == 0x20:
            (loaded,) = struct.unpack("<I", call[value : value + 4])
        elif code == 0x06:
            return value
        else:
            holds = {0x15: loaded == value, 0x35: loaded >= value, 0x45: bool(loaded & value)}[code]
            at += yes if holds else no


@pytest.mark.parametrize("machine", [X86, ARM], ids=["x86_64", "aarch64"])
class TestFilter:
    def test_every_denied_call_is_refused(self, machine) -> None:
        steps = program(machine)
        for number in machine.denied.values():
            assert decide(steps, machine.arch, number) == refused(errno.EPERM)

    def test_ordinary_calls_pass(self, machine) -> None:
        denied = {*machine.denied.values(), machine.socket, machine.socketpair, 435}
        for number in set(range(340)) - denied:
            assert decide(program(machine), machine.arch, number) == ALLOW

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
