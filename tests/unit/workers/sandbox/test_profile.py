"""The containers' profile and the guest's own filter refuse the same things, each in its own language."""

from __future__ import annotations

import errno
import json
import socket
from pathlib import Path
from typing import Any

import pytest
import yaml

from grader.domain.errors import SandboxUnavailable
from tests.guests import NO_DEVICES, NO_LOAD
from tests.unit.workers.guest.test_seccomp import decide
from workers.guest import seccomp
from workers.sandbox import load, profile

DOCKER = Path(__file__).resolve().parents[4] / "docker"
GROUPS: list[dict[str, Any]] = json.loads(profile.text())["syscalls"]
# What the supervisor cannot do without, and a job must not have lost by that.
SUPERVISOR = {
    "fork",
    "clone",
    "setresuid",
    "setresgid",
    "setgroups",
    "capset",
    "prctl",
    "kill",
    "wait4",
    "execve",
}


# What an engine itself may ask for after it has put the profile in force, and libc's way round a call that no filter can read.
OF_THE_ENGINE = {"openat2", "clone3"}
# Calls from 300 on by x86-64's numbers, as Linux 6.18 has them.
NEWER_NAMES = (
    "fanotify_init fanotify_mark prlimit64 name_to_handle_at open_by_handle_at clock_adjtime syncfs "
    "sendmmsg setns getcpu process_vm_readv process_vm_writev kcmp finit_module sched_setattr "
    "sched_getattr renameat2 seccomp getrandom memfd_create kexec_file_load bpf execveat userfaultfd "
    "membarrier mlock2 copy_file_range preadv2 pwritev2 pkey_mprotect pkey_alloc pkey_free statx "
    "io_pgetevents rseq uretprobe uprobe pidfd_send_signal io_uring_setup io_uring_enter "
    "io_uring_register open_tree move_mount fsopen fsconfig fsmount fspick pidfd_open clone3 close_range "
    "openat2 pidfd_getfd faccessat2 process_madvise epoll_pwait2 mount_setattr quotactl_fd "
    "landlock_create_ruleset landlock_add_rule landlock_restrict_self memfd_secret process_mrelease "
    "futex_waitv set_mempolicy_home_node cachestat fchmodat2 map_shadow_stack futex_wake futex_wait "
    "futex_requeue statmount listmount lsm_get_self_attr lsm_set_self_attr lsm_list_modules mseal "
    "setxattrat getxattrat listxattrat removexattrat open_tree_attr file_getattr file_setattr listns"
)


def allows(call: str, *arguments: int) -> bool:
    """What the profile answers, as libseccomp reads it: of several groups one that fits is enough."""
    given = (*arguments, 0, 0, 0, 0, 0, 0)

    def fits(rule: dict[str, Any]) -> bool:
        value, other, seen = rule["value"], rule.get("valueTwo"), given[rule["index"]]
        return {
            "EQ": seen == value,
            "NE": seen != value,
            "LT": seen < value,
            "GE": seen >= value,
            "MASKED_EQ": seen & value == other,
        }[rule["op"].removeprefix("SCMP_CMP_")]

    allowing = [group for group in groups_of(call) if group["action"] == "SCMP_ACT_ALLOW"]
    return any(all(map(fits, group.get("args", []))) for group in allowing)


def groups_of(call: str) -> list[dict[str, Any]]:
    return [group for group in GROUPS if call in group["names"]]


def test_what_is_not_named_is_refused() -> None:
    assert json.loads(profile.text())["defaultAction"] == "SCMP_ACT_ERRNO"


def test_no_foreign_architecture_gets_in() -> None:
    maps = json.loads(profile.text())["archMap"]
    assert {entry["architecture"]: entry["subArchitectures"] for entry in maps} == {
        "SCMP_ARCH_X86_64": [],
        "SCMP_ARCH_AARCH64": [],
    }


@pytest.mark.parametrize("machine", seccomp.MACHINES.values(), ids=seccomp.MACHINES)
def test_what_the_guest_refuses_no_container_may_do(machine: seccomp.Machine) -> None:
    allowed = {name for group in GROUPS if group["action"] == "SCMP_ACT_ALLOW" for name in group["names"]}
    assert not allowed & machine.denied.keys()


def test_of_the_newer_calls_a_container_has_those_of_a_job() -> None:
    named = {name for group in GROUPS for name in group["names"]} & set(NEWER_NAMES.split())
    assert named - OF_THE_ENGINE == set(seccomp.MACHINES["x86_64"].newer)
    assert set(seccomp.MACHINES["aarch64"].newer) <= named


@pytest.mark.parametrize("machine", seccomp.MACHINES.values(), ids=seccomp.MACHINES)
def test_arguments_are_judged_alike(machine: seccomp.Machine) -> None:
    steps = seccomp.program(machine)

    def guest_allows(number: int, *arguments: int) -> bool:
        return decide(steps, machine.arch, number, *arguments) == seccomp.ALLOW

    for advice in range(110):
        assert allows("madvise", 0, 0, advice) == guest_allows(machine.madvise, 0, 0, advice), advice
        assert allows("fadvise64", 0, 0, 0, advice) == guest_allows(machine.fadvise64, 0, 0, 0, advice)
    for flags in (0, 3, 0x37, *(1 << bit for bit in range(12))):
        for name, number in (("preadv2", machine.preadv2), ("pwritev2", machine.pwritev2)):
            of_both = (0, 0, 0, 0, 0, flags)
            assert allows(name, *of_both) == guest_allows(number, *of_both), flags
    # Commands that the kernel does not know are the kernel's to refuse.
    for command in (*range(12), *range(1024, 1100)):
        guest_too = guest_allows(machine.fcntl, 0, command)
        assert allows("fcntl", 0, command) == (guest_too or command == 1035), command


def test_no_call_is_named_twice_but_for_its_arguments() -> None:
    names = [name for group in GROUPS if "args" not in group for name in group["names"]]
    assert len(names) == len(set(names))


def test_sockets_are_of_one_family() -> None:
    for call in ("socket", "socketpair"):
        allow, refuse = groups_of(call)
        assert allow["args"] == [{"index": 0, "value": int(socket.AF_UNIX), "op": "SCMP_CMP_EQ"}]
        assert refuse["args"] == [{"index": 0, "value": int(socket.AF_UNIX), "op": "SCMP_CMP_NE"}]
        assert refuse["errnoRet"] == errno.EAFNOSUPPORT


def test_no_new_namespace() -> None:
    (clone,) = groups_of("clone")
    masked = {"index": 0, "value": seccomp._NEW_NAMESPACE, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}
    assert clone["args"] == [masked]
    (clone3,) = groups_of("clone3")
    assert (clone3["action"], clone3["errnoRet"]) == ("SCMP_ACT_ERRNO", errno.ENOSYS)


def test_the_supervisor_can_work() -> None:
    allowed = {name for group in GROUPS if group["action"] == "SCMP_ACT_ALLOW" for name in group["names"]}
    assert allowed >= SUPERVISOR


def test_compose_uses_it_and_its_guest_is_as_the_engines() -> None:
    guest = yaml.safe_load((DOCKER / "compose.yaml").read_text("utf-8"))["services"]["guest"]
    assert guest["security_opt"] == ["no-new-privileges:true", f"seccomp={profile.PROFILE.name}"]
    assert profile.PROFILE == DOCKER / "seccomp.json"
    assert guest["cap_drop"] == ["ALL"]
    assert sorted(guest["cap_add"]) == ["KILL", "SETGID", "SETUID"]
    assert guest["mem_limit"] == guest["memswap_limit"]
    assert all("size=" in place and "nr_inodes=" in place for place in guest["tmpfs"])
    places = dict(place.split(":", 1) for place in guest["tmpfs"])
    assert {place: places[place] for place in NO_DEVICES} == NO_DEVICES
    shown = [volume.replace("../workers/sandbox/proc", str(load.FILES)) for volume in guest["volumes"]]
    assert sorted(shown) == sorted(["guest-socket:/run/guest", *NO_LOAD])


def test_without_a_profile_nothing_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(profile, "PROFILE", tmp_path / "none.json")
    with pytest.raises(SandboxUnavailable, match="seccomp profile cannot be read"):
        profile.text()
