"""Limits hold for everything that a job starts, and the reason given is the true one."""

from __future__ import annotations

import json

import pytest

from tests.sandbox_types import Runner
from workers.sandbox.base import (
    ClaimTooBig,
    Crashed,
    DiskFull,
    EndedEarly,
    Finished,
    OutOfMemory,
    TimedOut,
    TooManyProcesses,
    TooMuchOutput,
)

pytestmark = pytest.mark.sandbox


def test_cpu_time(run: Runner) -> None:
    outcome = run("while True: pass", cpu_seconds=0.5)
    assert isinstance(outcome, TimedOut)
    assert outcome.clock == "cpu"


def test_cpu_time_in_c_code(run: Runner) -> None:
    outcome = run("10 ** 10 ** 8", cpu_seconds=0.5)
    assert isinstance(outcome, TimedOut)


def test_cpu_time_of_all_children_together(run: Runner) -> None:
    source = """
        import os, time
        for _ in range(6):
            if os.fork() == 0:
                begun = time.process_time()
                while time.process_time() - begun < 0.4: pass
                os._exit(0)
        for _ in range(6): os.wait()
        time.sleep(30)
    """
    outcome = run(source, cpu_seconds=1.0)
    assert isinstance(outcome, TimedOut)
    assert outcome.clock == "cpu"


@pytest.mark.parametrize(
    "source",
    [
        "import time; time.sleep(1e6)",
        "import threading; lock = threading.Lock(); lock.acquire(); lock.acquire()",
        "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
        "import signal\nfor n in range(1, 32):\n  try: signal.signal(n, signal.SIG_IGN)\n  except OSError: pass\nsignal.pause()",
    ],
    ids=["sleeps", "waits for itself", "stops itself", "ignores signals"],
)
def test_wall_clock(run: Runner, source: str) -> None:
    outcome = run(source, wall_seconds=0.7)
    assert isinstance(outcome, TimedOut)
    assert outcome.clock == "wall"


@pytest.mark.parametrize(
    "source",
    [
        "held = []\nwhile True: held.append(bytearray(10 ** 7))",
        "import os\nfor _ in range(10):\n  if os.fork() == 0:\n    held = b'x' * (200 * 2 ** 20)\n    import time; time.sleep(20)\n    os._exit(0)\nos.wait()\nos.kill(os.getpid(), 9)",
    ],
    ids=["slowly", "by many processes"],
)
def test_memory(run: Runner, source: str) -> None:
    assert isinstance(run(source, cpu_seconds=30.0), OutOfMemory)


def test_memory_that_the_kernel_does_not_even_promise(run: Runner) -> None:
    """Nothing was killed for it, so a counter knows nothing of it: it is an error of the code's, and told as that."""
    outcome = run("held = bytearray(10 ** 11)", cpu_seconds=30.0)
    if "memory" in run.sandbox.degraded:
        assert isinstance(outcome, OutOfMemory)
    else:
        claimed = isinstance(outcome, Finished) and json.loads(outcome.claim)["error"]["reason"]
        assert claimed == "memory_limit" or isinstance(outcome, OutOfMemory)  # where all memory is promised


def test_memory_in_files_of_no_file_system(run: Runner) -> None:
    """A control group counts them; where there is none, nobody would, and there are none."""
    source = """
        import os
        try:
            os.memfd_create("x")
        except PermissionError:
            print("refused", flush=True)
            raise SystemExit from None
        for _ in range(400):
            os.write(os.memfd_create("y"), b"x" * 2 ** 23)
    """
    outcome = run(source, cpu_seconds=30.0)
    if "memory" in run.sandbox.degraded:
        assert outcome.stdout == "refused\n"
    else:
        assert isinstance(outcome, OutOfMemory)


def test_memory_of_a_killed_child_does_not_kill_the_supervisor(run: Runner) -> None:
    source = """
        import os
        if os.fork() == 0:
            held = []
            while True: held.append(bytearray(10 ** 7))
        print(os.waitstatus_to_exitcode(os.wait()[1]))
    """
    assert isinstance(run(source, cpu_seconds=30.0), Finished | OutOfMemory)
    assert run.printed("print('next')") == ["next"]


def test_processes(run: Runner) -> None:
    source = """
        import os, time
        for _ in range(2000):
            if os.fork() == 0:
                time.sleep(20)
                os._exit(0)
    """
    assert isinstance(run(source), TooManyProcesses)


def test_fork_bomb(run: Runner) -> None:
    source = """
        import os
        for _ in range(2000):
            try: os.fork()
            except OSError: pass
    """
    outcome = run(source, cpu_seconds=1.0, wall_seconds=5.0)
    assert isinstance(outcome, TimedOut | Finished | TooManyProcesses | Crashed)
    assert run.printed("print('next')") == ["next"]


def test_threads(run: Runner) -> None:
    source = """
        import threading, time
        for _ in range(2000): threading.Thread(target=time.sleep, args=(20,), daemon=True).start()
    """
    assert isinstance(run(source), TooManyProcesses)


def test_output(run: Runner) -> None:
    outcome = run("while True: print('x' * 1000)", kept_output_bytes=5000)
    assert isinstance(outcome, TooMuchOutput)
    assert outcome.truncated
    assert len(outcome.stdout) == 5000


def test_output_of_standard_error_counts_too(run: Runner) -> None:
    assert isinstance(run("import sys\nwhile True: sys.stderr.write('x' * 1000)"), TooMuchOutput)


def test_a_long_output_is_cut_and_the_job_goes_on(run: Runner) -> None:
    outcome = run("print('x' * 100_000)", kept_output_bytes=100)
    assert isinstance(outcome, Finished)
    assert (outcome.stdout, outcome.truncated) == ("x" * 100, True)


@pytest.mark.parametrize("folder", [".", "/tmp", "/dev/shm"])
def test_disk(run: Runner, folder: str) -> None:
    source = f"""
        for number in range(1000):
            with open(f"{folder}/many-{{number}}", "wb") as file: file.write(b"x" * 2 ** 20)
    """
    assert isinstance(run(source), DiskFull)


def test_one_huge_file(run: Runner) -> None:
    assert isinstance(run("open('huge', 'wb').truncate(10 ** 13)"), DiskFull)


def test_reserved_disk(run: Runner) -> None:
    assert isinstance(
        run("import os; os.posix_fallocate(os.open('x', os.O_CREAT | os.O_RDWR), 0, 2 ** 30)"), DiskFull
    )


def test_open_files(run: Runner) -> None:
    source = """
        import os
        try:
            for _ in range(100_000): os.dup(1)
        except OSError as error: print(error.errno)
    """
    assert run.printed(source) == ["24"]


def test_claim_size(run: Runner) -> None:
    assert isinstance(
        run("import os\nwhile True: os.write(3, b'x' * 4096)", description_bytes=10_000), ClaimTooBig
    )


@pytest.mark.parametrize(
    ("source", "signal"),
    [
        ("import ctypes; ctypes.string_at(0)", 11),
        ("import os; os.abort()", 6),
        ("import os; os.kill(os.getpid(), 9)", 9),
        (
            "import sys\nsys.setrecursionlimit(10 ** 9)\ndef f(): [f() for _ in range(2)]\ndef g(): return g()\nimport ctypes; ctypes.string_at(1)",
            11,
        ),
    ],
    ids=["segfault", "abort", "kills itself", "bad pointer"],
)
def test_crash(run: Runner, source: str, signal: int) -> None:
    outcome = run(source)
    assert isinstance(outcome, Crashed)
    assert outcome.signal == signal


@pytest.mark.parametrize("status", [0, 1, 124, 137, 139, 253])
def test_exit_statuses_imitate_nothing(run: Runner, status: int) -> None:
    outcome = run(f"import os; os._exit({status})")
    assert isinstance(outcome, EndedEarly)
    assert outcome.status == status


def test_sys_exit_is_a_claim_without_a_model(run: Runner) -> None:
    outcome = run("import sys; sys.exit(0)")
    assert isinstance(outcome, Finished)
    assert b'"ended_early"' in outcome.claim
