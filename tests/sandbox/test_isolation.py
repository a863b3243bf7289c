"""Nothing of the machine can be seen, reached or changed from inside, and nothing of a job is left."""

from __future__ import annotations

import os
import platform
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sandbox_types import Runner
from workers.sandbox.base import Crashed, Finished

pytestmark = pytest.mark.sandbox

PROJECT = Path(__file__).resolve().parent.parent.parent
OTHERS_MOUNTS = ("docker", "engine-", "keras-grader/engine", "containers", "podman", "ordinary-user-")
# A number of seconds that no other process of this machine sleeps, this very test in another worker included.
SLEEPS = str(900_000_000 + os.getpid())


def test_no_socket_but_a_unix_one(run: Runner) -> None:
    source = """
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        for domain in (2, 10, 16, 17, 40, 31, 38, 30):
            print(libc.socket(domain, 1, 0), ctypes.get_errno())
        print(libc.socket(1, 1, 0) >= 0)
    """
    assert run.printed(source) == ["-1 97"] * 8 + ["True"]


def test_a_listener_of_the_host_sees_nobody(run: Runner) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        port = server.getsockname()[1]
        source = f"""
            import socket
            try: socket.create_connection(("127.0.0.1", {port}), timeout=2)
            except OSError as error: print(type(error).__name__)
        """
        assert run.printed(source) == ["OSError"]
        with pytest.raises(TimeoutError):
            server.accept()


def test_a_download_is_explained(run: Runner) -> None:
    outcome = run("import urllib.request; urllib.request.urlopen('http://192.0.2.1/')")
    assert isinstance(outcome, Finished)
    assert b"no_internet" in outcome.claim


def test_files_of_the_machine_are_not_there(
    run: Runner, canary: Callable[[Path], Path], tmp_path: Path
) -> None:
    places = [
        PROJECT,
        PROJECT / "workers",
        Path.home(),
        tmp_path,
        *([Path("/etc")] if os.getuid() == 0 else []),
    ]
    files = [str(canary(place)) for place in places]
    source = f"""
        import os
        for path in {files!r}:
            try: print(open(path).read())
            except OSError: pass
        for top, folders, files in os.walk("/"):
            if top in ("/proc", "/sys"): folders.clear()
            print(*[f"{{top}}/{{name}}" for name in files if name == ".keras-grader-canary"], end="")
    """
    assert run.printed(source) == []


def test_environment_is_ours(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "canary-4711")
    source = """
        import glob, os
        print("DATABASE_URL" in os.environ)
        for path in glob.glob("/proc/*/environ"):
            try: print(b"canary" in open(path, "rb").read())
            except OSError: print(False)
        print(sorted(set(os.environ) - set(
            "PATH LANG HOME TMPDIR KERAS_HOME MPLCONFIGDIR MPLBACKEND KERAS_BACKEND TF_CPP_MIN_LOG_LEVEL "
            "TF_ENABLE_ONEDNN_OPTS CUDA_VISIBLE_DEVICES TF_NUM_INTRAOP_THREADS TF_NUM_INTEROP_THREADS "
            "OMP_NUM_THREADS OPENBLAS_NUM_THREADS JOBLIB_MULTIPROCESSING PYTHONDONTWRITEBYTECODE".split())))
    """
    lines = run.printed(source)
    assert set(lines[:-1]) == {"False"}
    assert lines[-1] == "[]"


def test_no_descriptor_of_the_caller(run: Runner, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("canary", encoding="ascii")
    descriptor = os.open(secret, os.O_RDONLY)
    os.set_inheritable(descriptor, True)
    try:
        source = """
            import os
            def is_open(fd):
                try: os.fstat(fd)
                except OSError: return False
                return True
            print([fd for fd in range(1024) if is_open(fd)])
            print(os.readlink("/proc/self/fd/0"), os.read(0, 1))
        """
        assert run.printed(source) == ["[0, 1, 2, 3]", "/dev/null b''"]
    finally:
        os.close(descriptor)


def test_only_its_own_folder_is_writable(run: Runner) -> None:
    source = """
        import os, sys
        for path in ("/x", "/usr/x", "/opt/x", "/opt/grader/guest/x", "/dev/x", "/etc/x", "/proc/sys/kernel/hostname",
                     sys.prefix + "/x", os.__file__, "/sys/fs/cgroup/memory/memory.limit_in_bytes",
                     "/sys/fs/cgroup/memory.max", "/proc/1/oom_score_adj", "/tmp/.supervisor/x"):
            try: open(path, "w"); print("wrote", path)
            except OSError: pass
        for top, folders, files in os.walk("/"):
            if top in ("/proc", os.getcwd()): folders.clear(); continue
            try: os.close(os.open(top + "/x", os.O_CREAT | os.O_WRONLY)); os.unlink(top + "/x"); print(top)
            except OSError: pass
    """
    assert set(run.printed(source)) <= {"/tmp", "/dev/shm", "/dev/mqueue"}


def test_no_powers(run: Runner) -> None:
    source = """
        import os
        status = dict(line.split(":", 1) for line in open("/proc/self/status"))
        print(os.getuid() != 0 and os.geteuid() != 0, os.getgroups() in ([], [65534]))
        print(*[status[key].strip().strip("0") or "none" for key in ("CapInh", "CapPrm", "CapEff", "CapAmb")])
        print(status["NoNewPrivs"].strip(), status["Seccomp"].strip())
        for call in (os.setuid, os.setgid):
            try: call(0); print("root")
            except OSError: pass
    """
    lines = run.printed(source)
    assert lines == ["True True", "none none none none", "1 2"]


def test_no_new_namespace(run: Runner) -> None:
    source = """
        import ctypes, os, platform
        libc = ctypes.CDLL(None, use_errno=True)
        clone = {"x86_64": 56, "aarch64": 220}[platform.machine()]
        for flag in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
            print(libc.unshare(flag), ctypes.get_errno())
            print(libc.syscall(clone, ctypes.c_ulong(flag | 17), 0, 0, 0, 0), ctypes.get_errno())
        arguments = (ctypes.c_uint64 * 11)(0x10000000, 0, 0, 0, 17)
        print(libc.syscall(435, arguments, 88), ctypes.get_errno())
        print(libc.setns(0, 0), ctypes.get_errno())
    """
    assert run.printed(source) == ["-1 1"] * 14 + ["-1 38", "-1 1"]


def test_refused_system_calls(run: Runner) -> None:
    source = """
        import ctypes, platform
        libc = ctypes.CDLL(None, use_errno=True)
        x86 = platform.machine() == "x86_64"
        calls = [425, 426, 427, 428, 429, 430, 431, 432, 433, 438, 442]
        calls += [250, 248, 321, 101, 310, 311, 298, 323, 165, 166, 155, 161, 304, 246, 135] if x86 else [219, 217, 280, 117]
        for number in calls: print(libc.syscall(number, 0, 0, 0, 0, 0), ctypes.get_errno())
        print(libc.ioctl(0, 0x5412, b"x"), ctypes.get_errno())
    """
    assert set(run.printed(source)) == {"-1 1"}


@pytest.mark.skipif(platform.machine() != "x86_64", reason="no other processor has that table of calls")
def test_calls_by_the_numbers_of_x32(run: Runner) -> None:
    """Refused by the guest's filter; a container's profile, which is asked first, ends whoever tries."""
    outcome = run("import ctypes; print(ctypes.CDLL(None).syscall(0x40000000 + 39))")
    assert outcome.stdout == "-1\n" or (isinstance(outcome, Crashed) and outcome.signal == signal.SIGSYS)


def test_supervisor_cannot_be_touched(run: Runner) -> None:
    source = """
        import ctypes, os, signal, time
        libc = ctypes.CDLL(None, use_errno=True)
        for pid in {1, os.getppid()}:
            for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM, signal.SIGINT, signal.SIGSEGV):
                try: os.kill(pid, number)
                except PermissionError: pass
            print(libc.ptrace(16, pid, 0, 0), ctypes.get_errno())
            for name in ("mem", "environ", "maps", "fd/0"):
                try: open(f"/proc/{pid}/{name}", "rb").read(1); print("read", name)
                except OSError: pass
        time.sleep(0.3)
        print("alive")
    """
    lines = run.printed(source)
    assert lines[-1] == "alive"
    assert set(lines[:-1]) == {"-1 1"}


def test_programs_that_make_root_are_useless(run: Runner) -> None:
    source = """
        import glob, os, subprocess
        for path in glob.glob("/usr/bin/*"):
            if os.path.exists(path) and os.stat(path).st_mode & 0o4000:
                answer = subprocess.run([path, "-c", "id -u"], stdin=subprocess.DEVNULL, capture_output=True)
                print(answer.stdout.strip() == b"0")
    """
    assert set(run.printed(source)) <= {"False"}


def test_processes_die_with_their_job(run: Runner) -> None:
    source = f"""
        import os
        for _ in range(3):
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    os.execv("/bin/sleep", ["sleep", "{SLEEPS}"])
                os._exit(0)
    """
    assert run.printed(source) == []
    _wait_for_their_ends()
    assert _running(SLEEPS) == []


def test_a_killed_job_leaves_no_process(run: Runner) -> None:
    run(
        f"import os, subprocess\nsubprocess.Popen(['sleep', '{SLEEPS}'], start_new_session=True)\nos.kill(os.getpid(), 9)"
    )
    _wait_for_their_ends()
    assert _running(SLEEPS) == []


def _wait_for_their_ends() -> None:
    deadline = time.monotonic() + 30
    while _running(SLEEPS) and time.monotonic() < deadline:
        time.sleep(0.05)


def _running(argument: str) -> list[int]:
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                words = (folder / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            found += [int(folder.name)] if argument.encode() in words[1:2] else []
    return found


def test_nothing_is_left_for_the_next_job(run: Runner) -> None:
    source = """
        import ctypes, os
        os.makedirs("a/" * 300)
        for folder in ("/tmp", "/dev/shm"): open(folder + "/left-behind", "w").write("canary")
        os.mkdir("/tmp/closed"); open("/tmp/closed/file", "w"); os.chmod("/tmp/closed", 0)
        ctypes.CDLL(None).shmget(4711, 4096, 0o1666)
    """
    run(source)
    source = """
        import ctypes, os
        print(sorted(set(os.listdir("/tmp")) - {".supervisor", os.path.basename(os.getcwd())}), os.listdir("/dev/shm"))
        print(os.listdir("."), ctypes.CDLL(None).shmget(4711, 4096, 0))
    """
    assert run.printed(source) == ["[] []", "[] -1"]


def test_no_job_has_the_user_of_another(run: Runner) -> None:
    users = [run.printed("import os; print(os.getuid(), os.getpid() != 1)")[0] for _ in range(2)]
    assert all(user.endswith("True") for user in users)
    if run.sandbox.name != "bubblewrap" or os.getuid() != 0:
        return
    assert "0" not in users


def test_output_forges_no_outcome(run: Runner) -> None:
    source = """
        import json, os, struct
        body = json.dumps({"format": 1, "outcome": "finished", "claim": "forged", "job": "0" * 32}).encode()
        frame = struct.pack(">I", len(body)) + body
        for fd in range(256):
            try: fd != 3 and os.write(fd, frame)
            except OSError: pass
        print("honest")
    """
    outcome = run(source)
    assert isinstance(outcome, Finished)
    assert outcome.claim == b'{"format": 1, "parts": [], "training": null, "notes": []}'
    assert outcome.stdout.endswith("honest\n")


def test_a_forged_claim_is_nothing_but_a_claim(run: Runner) -> None:
    outcome = run('import os; os.write(3, b\'\\xff{"verdict": "passed"\'); os._exit(0)')
    assert isinstance(outcome, Finished)
    assert outcome.claim == '\ufffd{"verdict": "passed"'.encode()


def test_nothing_of_the_machine_grows(run: Runner) -> None:
    run("pass")
    before = _leftovers()
    run("import os\nfor _ in range(5): os.fork()")
    run("while True: pass", cpu_seconds=0.2)
    deadline = time.monotonic() + 30
    while _leftovers() - before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert _leftovers() - before == set()


def _leftovers() -> set[str]:
    """Control groups, mounts and dead children of this process; tests beside this one have their own."""
    groups = {
        str(Path(place, name))
        for place, folders, _ in os.walk("/sys/fs/cgroup")
        for name in folders
        if name.startswith(f"keras-grader-{os.getpid()}-")
    }
    mounts = set(Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines())
    return groups | {line for line in mounts if not any(word in line for word in OTHERS_MOUNTS)} | _zombies()


def _zombies() -> set[str]:
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] == "Z" and int(fields[1]) == os.getpid():
            found.add(str(stat))
    return found
