"""What a job has in common with others: files of /usr, their pages in memory, disks, the machine's load. It is told nothing
of them and can do nothing to them; what it does with files of its own goes on as ever.
"""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path

import pytest

from tests.sandbox_types import Runner

pytestmark = pytest.mark.sandbox

# Words of a machine's load that an engine lets nobody cover in a container of compose's kind.
NOT_COVERED = {"unix": {"vmstat", "pressure", "softirqs", "zoneinfo", "buddyinfo", "locks", "cgroups", "fs"}}


def test_each_refusal_is_an_ordinary_error(run: Runner) -> None:
    source = """
        import ctypes, fcntl, os, sys
        libc = ctypes.CDLL(None, use_errno=True)
        file, folder = os.open(os.__file__, os.O_RDONLY), os.open("/usr", os.O_RDONLY)
        def told(name, act):
            try: answer = act()
            except OSError as error: print(name, type(error).__name__, error.errno)
            else: print(name, "answered", answer)
        def of_libc(name, *arguments):
            if getattr(libc, name)(*arguments) < 0: raise OSError(ctypes.get_errno(), name)
        told("DONTNEED", lambda: os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED))
        told("NOTIFY", lambda: fcntl.fcntl(folder, fcntl.F_NOTIFY, fcntl.DN_ACCESS))
        told("LEASE", lambda: fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK))
        told("NOWAIT", lambda: os.preadv(file, [bytearray(8)], 0, os.RWF_NOWAIT))
        told("DIRECT", lambda: os.open(os.__file__, os.O_RDONLY | os.O_DIRECT))
        told("inotify", lambda: of_libc("inotify_init1", 0))
        told("syncfs", lambda: of_libc("syncfs", file))
        told("SEQUENTIAL", lambda: os.posix_fadvise(file, 0, 0, os.POSIX_FADV_SEQUENTIAL))
        told("sync", os.sync)
        told("fsync", lambda: os.fsync(file))
        told("preadv", lambda: os.preadv(file, [bytearray(8)], 0))
        told("unknown", lambda: of_libc("syscall", 999, 0))
        with open("mine", "wb") as file:
            fcntl.lockf(file, fcntl.LOCK_EX)
            child = os.fork()
            if child == 0:
                with open("mine", "r+b") as other:
                    told("a lock of another process", lambda: fcntl.lockf(other, fcntl.LOCK_EX | fcntl.LOCK_NB))
                sys.stdout.flush()
                os._exit(0)
            os.waitpid(child, 0)
    """
    assert run.printed(source) == [
        "DONTNEED PermissionError 1",
        "NOTIFY PermissionError 1",
        "LEASE PermissionError 1",
        "NOWAIT OSError 95",
        "DIRECT OSError 22",
        "inotify PermissionError 1",
        "syncfs PermissionError 1",
        "SEQUENTIAL answered None",
        "sync answered None",
        "fsync answered None",
        "preadv answered 8",
        "unknown OSError 38",
        "a lock of another process BlockingIOError 11",
    ]


def test_nobody_is_seen_and_no_lock_of_somebody_else_hinders(run: Runner) -> None:
    """This process locks a file that bubblewrap shows to jobs; without a cure the job would wait until its clock ends."""
    with Path(os.__file__).open("rb") as ours:
        fcntl.flock(ours, fcntl.LOCK_EX)
        source = f"""
            import fcntl, os
            path = {os.__file__!r} if os.path.exists({os.__file__!r}) else os.__file__
            with open(path, "rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                fcntl.lockf(file, fcntl.LOCK_SH)
            print("no wait")
            pids = {{int(name) for name in os.listdir("/proc") if name.isdigit()}}
            def parent(pid): return int(open(f"/proc/{{pid}}/stat").read().rpartition(")")[2].split()[1])
            above = [os.getpid()]
            while above[-1] > 1: above.append(parent(above[-1]))
            print("beside this job and its supervisor:", sorted(pids - set(above)))
        """
        assert run.printed(source) == ["no wait", "beside this job and its supervisor: []"]


def test_nothing_of_the_machines_load_is_shown(run: Runner) -> None:
    source = """
        import json, os
        def seen(path):
            try: return os.listdir(path) if os.path.isdir(path) else open(path).read()
            except OSError: return ""
        names = ("vmstat", "pressure", "softirqs", "zoneinfo", "buddyinfo", "locks", "cgroups", "fs", "diskstats", "swaps", "schedstat")
        print(json.dumps([name for name in names if seen("/proc/" + name)]))
        print(json.dumps({name: seen("/proc/" + name) for name in ("stat", "meminfo", "loadavg", "uptime")}))
        try: print(os.getloadavg())
        except OSError: print("no load")
        print(os.cpu_count() > 0, os.path.exists("/sys/devices/system/node"))
    """
    names, numbers, load, others = run.printed(source)
    assert set(json.loads(names)) <= NOT_COVERED.get(run.sandbox.name, set())
    told = json.loads(numbers)
    machines = Path("/proc/meminfo").read_text("ascii").splitlines()[0]
    assert machines not in told["meminfo"]
    assert {word for word in told["stat"].split() if word.isdigit()} <= {"0", "1"}
    assert set(told["loadavg"].split()) <= {"0.00", "1/1", "1"}
    assert set(told["uptime"].split()) <= {"0.00"}
    assert (load, others) == ("no load", "True False")


def test_libraries_write_their_files_as_ever(run: Runner) -> None:
    """HDF5 locks with flock and flushes; SQLite locks with fcntl and syncs; joblib maps what it wrote."""
    source = """
        import os, sqlite3, sys, tempfile, threading
        import h5py, joblib, numpy
        numbers = numpy.arange(12.0).reshape(3, 4)
        with h5py.File("x.h5", "w") as file:
            file["weights"] = numbers
            file.flush()
        with h5py.File("x.h5", "r+") as file: file["weights"][0, 0] = 7
        with h5py.File("x.h5", "r") as file: print(file["weights"][0, 0], file["weights"].shape)
        with sqlite3.connect("x.db") as base:
            base.execute("pragma journal_mode=wal")
            base.execute("create table runs (loss real)")
            base.executemany("insert into runs values (?)", [(float(row[0]),) for row in numbers])
        print(sqlite3.connect("x.db").execute("select count(*), max(loss) from runs").fetchall())
        joblib.dump(numbers, "x.joblib")
        print(joblib.load("x.joblib", mmap_mode="r").sum())
        print(joblib.Parallel(n_jobs=2, prefer="threads")(joblib.delayed(abs)(-n) for n in range(3)))
        print(joblib.Memory("cache", verbose=0).cache(abs)(-3), joblib.cpu_count() > 0)
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"x"); file.flush(); os.fsync(file.fileno())
            print(os.path.getsize(file.name))
        thread = threading.Thread(target=print, args=("from a thread",))
        thread.start(); thread.join()
    """
    assert run.printed(source, memory_mib=768, cpu_seconds=20.0) == [
        "7.0 (3, 4)",
        "[(3, 8.0)]",
        "66.0",
        "[0, 1, 2]",
        "3 True",
        "1",
        "from a thread",
    ]
