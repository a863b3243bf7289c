from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
CHILD = r"""
import os, signal, sys, time
def told(number, frame):
    os.write(1, b"told\n")  # a print may be what is interrupted
    sys.exit()
signal.signal(signal.SIGTERM, told)
print("ready", flush=True)
time.sleep(60)
"""
PARENT = f"""
import subprocess, sys, threading, time
from grader.lifeline import ends_with_us
def start():
    child = subprocess.Popen([sys.executable, "-c", {CHILD!r}], stdout=subprocess.PIPE, preexec_fn=ends_with_us())
    children.append(child)
    print(child.stdout.readline().decode(), end="", flush=True)
children = []
"""
IN_THE_MAIN_THREAD = f"{PARENT}\nstart()\nprint(children[0].pid, flush=True)\ntime.sleep(60)"
IN_A_THREAD_THAT_ENDS = f"""{PARENT}
one = threading.Thread(target=start)
one.start()
one.join()
print(children[0].stdout.readline().decode(), end="", flush=True)
"""
# Our parent is another one than we were told: it has ended before we could ask. The handler is what a fork inherits.
TOO_LATE = """
import os, signal, time
from grader.lifeline import end_with
signal.signal(signal.SIGTERM, lambda *_: print("swallowed", flush=True))
end_with(os.getppid() + 1)
print("alive", flush=True)
"""


def python(code: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT)


def test_a_child_is_told_when_its_parent_is_killed() -> None:
    with python(IN_THE_MAIN_THREAD) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "ready\n"
        child = int(parent.stdout.readline())
        parent.kill()
    await_end(child)


def test_the_thread_that_starts_it_counts_as_its_parent() -> None:
    """Why `ends_with_us` says where to start a child: the kernel has always done so."""
    with python(IN_A_THREAD_THAT_ENDS) as parent:
        assert parent.communicate(timeout=60)[0] == "ready\ntold\n"


def test_who_asks_too_late_ends_at_once_whatever_it_would_have_done() -> None:
    with python(TOO_LATE) as late:
        assert late.communicate(timeout=60)[0] == ""
    assert late.returncode == -signal.SIGTERM


@pytest.mark.parametrize("ending", ["SIGTERM", "SIGKILL"])
def test_the_signal_can_be_chosen(ending: str) -> None:
    code = (
        "import os, signal, time; from grader.lifeline import end_with\n"
        f"end_with(os.getppid(), signal.{ending})\n"
        "print(os.getpid(), flush=True); time.sleep(60)"
    )
    starter = (
        f"import os, signal, subprocess, sys\nchild = subprocess.Popen([sys.executable, '-c', {code!r}])\n"
        "signal.pause()"
    )
    with python(starter) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    await_end(pid)


def await_end(pid: int) -> None:
    until = time.monotonic() + 20
    while not has_ended(pid):
        assert time.monotonic() < until, pid
        time.sleep(0.01)


def has_ended(pid: int) -> bool:
    """Whether it is gone, or nobody has asked for its status yet."""
    try:
        return "State:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return True
