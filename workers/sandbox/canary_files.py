"""The canary's attempts at what a job has in common with others: files and their pages, disks, the machine's load.

A further piece of its script, which has `call`, `read`, `attempt` and what they need.
"""

from __future__ import annotations

ATTEMPTS = (
    "calls that nobody knows",
    "watching files",
    "pages in memory",
    "the machine's disks",
    "locks that keep others out",
    "the machine's load",
)

SOURCE = r"""

def unknown():
    "calls that nobody knows"
    # Not 335 and 336: no filter is asked about them, and the kernel ends whoever calls them from where it put no probe.
    numbers = [337, 437, 444, 451, *range(457, 462), 463, 464, 465, 466, *range(468, 480), 511, 1000, 100000]
    answers = {number: call(number, -1, 0, 0, 0, 0) for number in numbers if X86 or number >= 424}
    return [(number, error) for number, (answer, error) in answers.items() if answer >= 0 or error != 38]


def refusals(tries):
    # Of (name, function, errors) what was not refused: it answers at all, or fails for another reason.
    found = []
    for name, act, *errors in tries:
        try:
            answer = act()
        except OSError as error:
            answer = (-1, error.errno)
        if not isinstance(answer, tuple) or answer[0] >= 0 or answer[1] not in (*REFUSED, *errors):
            found.append((name, answer))
    return found


def watching():
    "watching files"
    import fcntl
    folder = os.open(os.path.dirname(os.__file__), os.O_RDONLY)
    file = os.open(os.__file__, os.O_RDONLY)
    try:
        return refusals([
            ("inotify_init1", lambda: call(294 if X86 else 26, 0)),
            ("inotify_init", lambda: call(253, 0) if X86 else (-1, 38)),
            ("inotify_add_watch", lambda: call(254 if X86 else 27, folder, 0, 0xFFF)),
            ("fanotify_init", lambda: call(300 if X86 else 262, 0, 0)),
            ("F_NOTIFY", lambda: fcntl.fcntl(folder, 1026, 0x8000003F)),
            ("F_SETLEASE", lambda: fcntl.fcntl(file, 1024, fcntl.F_RDLCK)),
        ])
    finally:
        os.close(folder)
        os.close(file)


def pages():
    "pages in memory"
    file = os.open(os.__file__, os.O_RDONLY)
    how = (ctypes.c_uint64 * 3)(0, 0, 0x20)
    name = ctypes.create_string_buffer(os.__file__.encode())
    vector = (ctypes.c_uint64 * 2)(ctypes.addressof(name), 16)
    told = ctypes.create_string_buffer(64)
    own = os.sysconf("SC_PAGE_SIZE")
    page = ctypes.addressof(told) // own * own
    read = 327 if X86 else 286
    try:
        return refusals([
            ("mincore", lambda: call(27 if X86 else 232, page, own, ctypes.addressof(told))),
            ("cachestat", lambda: call(451, file, ctypes.addressof(how), ctypes.addressof(told), 0)),
            ("NOWAIT", lambda: call(read, file, ctypes.addressof(vector), 1, 0, 0, 8), 95),
            ("DONTCACHE", lambda: call(read, file, ctypes.addressof(vector), 1, 0, 0, 0x80), 95),
            ("RESOLVE_CACHED", lambda: call(437, -100, ctypes.addressof(name), ctypes.addressof(how), 24)),
            ("fadvise DONTNEED", lambda: os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)),
            *((f"madvise {advice}", lambda advice=advice: call(28 if X86 else 233, page, own, advice)) for advice in (12, 20, 21)),
            ("O_DIRECT", lambda: os.open(os.__file__, os.O_RDONLY | os.O_DIRECT), 22),
        ])
    finally:
        os.close(file)


def disks():
    "the machine's disks"
    file = os.open(os.__file__, os.O_RDONLY)
    try:
        return refusals([
            ("sync", lambda: call(162 if X86 else 81)),
            ("syncfs", lambda: call(306 if X86 else 267, file)),
            ("sync_file_range", lambda: call(277 if X86 else 84, file, 0, 0, 7)),
        ])
    finally:
        os.close(file)


def locks():
    "locks that keep others out"
    import fcntl
    files = [os.open(os.__file__, os.O_RDONLY) for _ in range(2)]
    try:
        for file in files:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return [os.__file__]
    finally:
        for file in files:
            os.close(file)


def load():
    "the machine's load"
    kept = ctypes.create_string_buffer(512)
    found = refusals([("sysinfo", lambda: call(99 if X86 else 179, ctypes.addressof(kept)))])
    if not bait["covers_proc"]:
        return found
    def counts(path, digits):
        return path if any(letter in digits for letter in read(path).decode("utf-8", "replace")) else ""
    found += [path for path in ("/proc/loadavg", "/proc/uptime") if counts(path, "23456789")]
    found += [path for path in ("/proc/diskstats", "/proc/vmstat", "/proc/softirqs", "/proc/interrupts", "/proc/schedstat",
                                "/proc/zoneinfo", "/proc/buddyinfo", "/proc/locks", "/proc/cgroups", "/proc/swaps",
                                "/proc/pressure/cpu", "/proc/pressure/io", "/proc/pressure/memory", "/proc/sys/fs/file-nr",
                                "/sys/devices/system/node/node0/vmstat") if read(path)]
    numbers = read("/proc/stat").split()
    found += ["/proc/stat"] if any(int(number) > 1 for number in numbers if number.isdigit()) else []
    return found + (["/proc/meminfo"] if bait["memory"].encode() in read("/proc/meminfo") else [])


for act in (unknown, watching, pages, disks, locks, load):
    attempt(act)
"""
