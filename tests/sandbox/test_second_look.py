"""What a second look at the sandboxes found: each of these got through, or took much longer than its limit."""

from __future__ import annotations

import pytest

from tests.sandbox_types import Runner
from workers.sandbox.base import DiskFull, Finished, OutOfMemory, TimedOut

pytestmark = pytest.mark.sandbox


def limits_files(run: Runner, request: pytest.FixtureRequest) -> bool:
    """Podman, and bubblewrap for an ordinary user, know no limit of files: there the kernel's memory for them counts."""
    backend = request.node.callspec.params["sandbox"]
    return backend not in ("podman-fresh", "bubblewrap-user")


@pytest.mark.parametrize("folder", [".", "/dev/shm"])
@pytest.mark.parametrize(
    "make", ["os.close(os.open(name, os.O_CREAT))", "os.mkdir(name)", "os.symlink('/', name)"]
)
def test_files_without_contents(run: Runner, request: pytest.FixtureRequest, folder: str, make: str) -> None:
    source = f"""
        import os
        for number in range(100_000):
            name = f"{folder}/{{number}}"
            {make}
        while True: pass
    """
    has_limit = limits_files(run, request)
    # Where nothing but the clock ends it, it need not go on for long.
    outcome = run(source, cpu_seconds=3.0 if has_limit else 1.0)
    if has_limit:
        assert isinstance(outcome, DiskFull)
        assert outcome.cpu_seconds < 2.5
    else:
        assert isinstance(outcome, TimedOut | OutOfMemory)


def test_links_to_one_file(run: Runner, request: pytest.FixtureRequest) -> None:
    source = """
        import os
        open("file", "w").close()
        for number in range(100_000): os.link("file", f"{number:0200}")
        while True: pass
    """
    outcome = run(source)
    assert isinstance(outcome, DiskFull if limits_files(run, request) else TimedOut | OutOfMemory)


def test_the_next_job_after_many_files(run: Runner) -> None:
    run("import os\nfor number in range(100_000): os.mkdir(str(number))")
    assert run.printed("import os\nfor number in range(1000): os.mkdir(str(number))\nprint('room')") == [
        "room"
    ]


def test_limits_of_other_processes(run: Runner) -> None:
    """By user alone the kernel would let a job of an ordinary user's sandbox take the supervisor's descriptors away."""
    source = """
        import os, resource
        for pid in {1, os.getppid()}:
            for arguments in ((), ((0, 0),)):
                try: print(resource.prlimit(pid, resource.RLIMIT_NOFILE, *arguments))
                except PermissionError: pass
        print(resource.getrlimit(resource.RLIMIT_NOFILE)[1] <= 256)
    """
    assert run.printed(source) == ["True"]


def test_no_program_of_the_machine_looks_at_a_core(run: Runner) -> None:
    source = "import resource; print(resource.getrlimit(resource.RLIMIT_CORE))"
    assert run.printed(source) == ["(1, 1)"]


def test_messages_between_jobs_have_no_place(run: Runner) -> None:
    source = """
        import ctypes, platform
        libc = ctypes.CDLL(None, use_errno=True)
        x86 = platform.machine() == "x86_64"
        for number in (29, 64, 68, 240, 206, 447) if x86 else (194, 190, 186, 180, 0, 447):
            print(libc.syscall(number, 4711, 4096, 0o1666, 0), ctypes.get_errno())
    """
    assert set(run.printed(source)) == {"-1 1"}


def test_libraries_that_share_memory_still_can(run: Runner) -> None:
    source = """
        import multiprocessing, multiprocessing.shared_memory, mmap, os, tempfile
        lock = multiprocessing.get_context("fork").Lock()
        with lock: print("locked")
        memory = multiprocessing.shared_memory.SharedMemory(create=True, size=4096)
        memory.buf[:2] = b"ok"; print(bytes(memory.buf[:2])); memory.close(); memory.unlink()
        os.mkfifo("pipe"); print(mmap.mmap(-1, 4096)[:1], os.path.exists("pipe"))
    """
    assert run.printed(source) == ["locked", "b'ok'", "b'\\x00' True"]


def test_a_child_of_its_parents_parent(run: Runner) -> None:
    """CLONE_PARENT makes a sibling: nothing of the job's own tree, but of its user."""
    source = """
        import ctypes, os, platform, time
        libc = ctypes.CDLL(None)
        if libc.syscall(56 if platform.machine() == "x86_64" else 220, ctypes.c_ulong(0x8000 | 17), 0, 0, 0, 0) == 0:
            os.setsid(); time.sleep(600); os._exit(0)
        print("left")
    """
    outcome = run(source)
    assert isinstance(outcome, Finished)
    assert run.printed("import glob; print(len(glob.glob('/proc/[0-9]*')) <= 4)") == ["True"]
