"""An ordinary user with subordinate ids: root's own walls in a user namespace of his, and warm guests."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.hostile.host import eventually
from tests.ordinary_user import OrdinaryUser, OrdinaryUserSandbox
from tests.sandbox_types import Runner
from workers.sandbox import bubblewrap_command, user_namespace
from workers.sandbox.base import Finished, OutOfMemory
from workers.sandbox.bubblewrap import BubblewrapSandbox
from workers.sandbox.runtime import Runtime, this_runtime
from workers.sandbox.self_test import first_look

pytestmark = pytest.mark.sandbox


@pytest.fixture(scope="module")
def run() -> Iterator[Runner]:
    sandbox = OrdinaryUserSandbox(delegated=False, subordinate=65_536)
    yield Runner(sandbox)
    sandbox.close()


@pytest.fixture
def user() -> Iterator[OrdinaryUser]:
    user = OrdinaryUser(subordinate=65_536)
    yield user
    user.close()


def test_the_supervisor_has_three_powers_and_a_job_none(run: Runner) -> None:
    source = """
        for process in ("1", "self"):
            print(next(line for line in open(f"/proc/{process}/status") if line.startswith("CapEff")).split()[1])
    """
    assert run.printed(source) == ["00000000000000e0", "0000000000000000"]


def test_jobs_are_users_that_nobody_else_is(run: Runner) -> None:
    source = "import os; print(os.getuid(), os.getgid(), os.getgroups(), os.stat('/proc/1').st_uid)"
    first, second = (run.printed(source)[0].split() for _ in range(2))
    assert first[0] == first[1] != second[0] == second[1]
    assert first[2:] == second[2:] == ["[]", "0"]
    assert int(first[0]) >= 20_000


def test_memory_that_processes_share_is_counted(run: Runner) -> None:
    """By looks at RssShmem: no control group is here to do it, and each process alone stays below its limit."""
    source = """
        import mmap, os, time
        for _ in range(4):
            if os.fork() == 0:
                held = [mmap.mmap(-1, 2 ** 23) for _ in range(25)]
                for each in held: each.write(b"x" * 2 ** 23)
                time.sleep(10)
                os._exit(0)
        for _ in range(4): os.wait()
    """
    assert isinstance(run(source, cpu_seconds=30.0), OutOfMemory)


def test_nobody_makes_another_user_namespace_in_there() -> None:
    """As the command itself would, before a job's filter is in the way."""
    inside = ["/bin/sh", "-c", "cat /proc/sys/user/max_user_namespaces; unshare --user true"]
    pipe = subprocess.PIPE
    words = user_namespace.around(inside)
    with subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        user_namespace.settle(process.pid, process.stdout, process.stdin)
        said, errors = process.communicate(timeout=60)
    assert (said, process.returncode) == (b"0\n", 1)
    assert b"No space left on device" in errors  # ENOSPC of clone(2) and unshare(2)


def test_where_groups_cannot_be_left_there_is_none() -> None:
    """Whoever made the namespace above has forbidden setgroups for good: a job would keep its maker's groups."""
    code = "from workers.sandbox import user_namespace; print(user_namespace.complaint())"
    words = ["unshare", "--user", "--map-root-user", sys.executable, "-c", code]
    said = subprocess.run(words, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert "groups cannot be left" in said.stdout


def test_a_program_that_is_missing_is_named(user: OrdinaryUser) -> None:
    code = """
from workers.sandbox import user_namespace, users
which = user_namespace.shutil.which
user_namespace.shutil.which = lambda name: None if name == "newuidmap" else which(name)
print(*users.possible())
"""
    assert user.says(code) == ["one newuidmap is not installed (on Debian and Ubuntu: apt install uidmap)"]


def test_ids_that_are_used_up_end_the_guest() -> None:
    sandbox = OrdinaryUserSandbox(delegated=False, subordinate=3)
    run = Runner(sandbox)
    try:
        outcomes = [run("import os; print(os.getuid())") for _ in range(5)]
    finally:
        sandbox.close()
    assert all(isinstance(outcome, Finished) for outcome in outcomes), outcomes
    users = [int(outcome.stdout) for outcome in outcomes]
    assert set(users[:3]) == {1, 2, 3}
    assert users[3] != users[4]
    assert [outcome.left_nothing for outcome in outcomes] == [True, True, False, True, True]


def test_processes_are_counted_for_each_sandbox_apart() -> None:
    """Both have the same only user, and together more processes than one of them may have."""
    source = """
        import os, time
        for _ in range(30):
            if os.fork() == 0:
                time.sleep(2)
                os._exit(0)
        for _ in range(30): os.wait()
        print("all")
    """
    sandboxes = [OrdinaryUserSandbox(delegated=False, subordinate=1) for _ in range(2)]
    try:
        with ThreadPoolExecutor(2) as threads:
            said = list(threads.map(lambda sandbox: Runner(sandbox).printed(source), sandboxes))
    finally:
        for sandbox in sandboxes:
            sandbox.close()
    assert said == [["all"], ["all"]]


def _below(pid: int) -> list[int]:
    children = [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]
    return [*children, *(each for child in children for each in _below(child))]


def test_nothing_outlives_whoever_started_it() -> None:
    sandbox = OrdinaryUserSandbox(delegated=False, subordinate=100)
    try:
        sandbox.probe()
        below = _below(sandbox.pid)
        assert len(below) >= 2  # bubblewrap and the namespace's first process
        os.kill(sandbox.pid, signal.SIGKILL)
        assert eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in below), seconds=20)
    finally:
        sandbox.close()


CHOOSE = """
from pathlib import Path
from tests.ordinary_user import his_runtime
from workers.sandbox import bubblewrap, choose
from workers.sandbox.base import Mode
bubblewrap.this_runtime = his_runtime
{more}
sandbox, why = choose.open_bubblewrap(Mode.{mode})
sandbox.probe()
print(sandbox.users)
print(why)
sandbox.close()
"""


@pytest.mark.parametrize("mode", ["FRESH", "FORKSERVER"])
def test_it_is_chosen_when_it_holds(mode: str, user: OrdinaryUser) -> None:
    assert user.says(CHOOSE.format(mode=mode, more="")) == ["mapped", ""]


def test_one_that_does_not_hold_is_not_chosen(user: OrdinaryUser) -> None:
    """Its self-test finds the hole; without one, as the wall was not missing there, each job gets a fresh sandbox."""
    more = """
plan = bubblewrap.bubblewrap_command.command
def leaky(program, plan_of, arguments):
    words = plan(program, plan_of, arguments)
    return [word for word in words if word != "--unshare-net"]
bubblewrap.bubblewrap_command.command = leaky
"""
    users, why = user.says(CHOOSE.format(mode="FRESH", more=more))
    assert users == "one"
    assert "a Unix socket of the machine: open" in why


def test_libraries_that_jobs_cannot_read(user: OrdinaryUser) -> None:
    """An environment that was installed with umask 077 is read by its owner, and by nobody else."""
    more = """
import os, tempfile
from workers.sandbox.runtime import Runtime
closed = Path(tempfile.mkdtemp())
(closed / "late").mkdir(mode=0o700)
bubblewrap.this_runtime = lambda: Runtime(his_runtime().python, (), (closed,))
import atexit, shutil
atexit.register(shutil.rmtree, closed)
"""
    users, why = user.says(CHOOSE.format(mode="FRESH", more=more))
    assert users == "one"
    assert "cannot read" in why
    assert "chmod -R go+rX" in why


def test_root_too_says_so_of_such_libraries(tmp_path: Path) -> None:
    (tmp_path / "late").mkdir(mode=0o700)
    tmp_path.chmod(0o755)
    here = this_runtime()
    sandbox = BubblewrapSandbox(runtime=Runtime(here.python, here.folders, (tmp_path,)))
    findings = first_look(sandbox, [])
    assert "chmod -R go+rX" in findings.complaint
    assert bubblewrap_command.Users.MACHINE is sandbox.users
