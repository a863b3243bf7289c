"""What bubblewrap and the programs around it say, word for word, and the sentence that an operator reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from workers.sandbox import causes
from workers.sandbox.causes import BubblewrapUnavailable, Cause

SAID = {
    "bwrap: Can't mount proc on /newroot/proc: Operation not permitted": Cause.PROC,
    "bwrap: No permissions to create new namespace, likely because the kernel does not allow non-privileged user "
    "namespaces. On e.g. debian this can be enabled with 'sysctl kernel.unprivileged_userns_clone=1'.": Cause.NAMESPACES,
    "bwrap: Creating new namespace failed: Operation not permitted": Cause.NAMESPACES,
    "bwrap: setting up uid map: Permission denied": Cause.NAMESPACES,
    "bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted": Cause.NAMESPACES,
    "unshare: unshare failed: Operation not permitted": Cause.NAMESPACES,
    "bwrap: execvp /nowhere/python3: No such file or directory": Cause.OTHER,
    "": Cause.OTHER,
}


@pytest.mark.parametrize("said", SAID)
def test_what_was_said_tells_the_cause(said: str) -> None:
    assert causes.of(said) == SAID[said]


@pytest.mark.parametrize(
    ("cause", "advice"),
    [
        (Cause.NO_BUBBLEWRAP, "apt install bubblewrap"),
        (Cause.PROC, "systempaths=unconfined"),
        (Cause.OTHER, "no such thing"),
    ],
)
def test_each_cause_has_its_sentence(cause: Cause, advice: str) -> None:
    error = BubblewrapUnavailable(cause, "no such thing")
    assert error.cause == cause
    assert advice in str(error)


@pytest.mark.parametrize(
    ("file", "value", "advice"),
    [
        ("user/max_user_namespaces", "0", "sysctl -w user.max_user_namespaces=15000"),
        ("kernel/unprivileged_userns_clone", "0", "sysctl -w kernel.unprivileged_userns_clone=1"),
        ("kernel/apparmor_restrict_unprivileged_userns", "1", "AppArmor"),
        ("kernel/apparmor_restrict_unprivileged_userns", "0", "seccomp=unconfined"),
        ("user/max_user_namespaces", "96365", "seccomp=unconfined"),
    ],
)
def test_who_refuses_namespaces(file: str, value: str, advice: str, tmp_path: Path) -> None:
    place = tmp_path / "proc" / "sys" / file
    place.parent.mkdir(parents=True)
    place.write_text(f"{value}\n", encoding="ascii")
    assert advice in causes._who_refuses(tmp_path)
