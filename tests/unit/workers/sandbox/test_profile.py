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
from workers.guest import seccomp
from workers.sandbox import profile

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
    assert guest["volumes"] == ["guest-socket:/run/guest"]


def test_without_a_profile_nothing_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(profile, "PROFILE", tmp_path / "none.json")
    with pytest.raises(SandboxUnavailable, match="seccomp profile cannot be read"):
        profile.text()
