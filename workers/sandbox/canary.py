"""What the self-test runs inside, as a student's script: one attempt to escape after the other.

Every attempt prints a line of JSON behind a word that only this run knows. `held`: the sandbox stood in the way.
`open`: it did not, and what came of it. `broken`: the attempt itself failed, so nothing is known.
"""

from __future__ import annotations

import json
from typing import Any

from . import canary_files

ATTEMPTS = (
    "environment",
    "files of the machine",
    "folders of the machine",
    "descriptors of the worker",
    "processes of the machine",
    "the supervisor's memory",
    "network",
    "sockets of other families",
    "a Unix socket of the machine",
    "writing outside its folder",
    "devices",
    "an engine's socket",
    "powers",
    "another user",
    "namespaces",
    "doors of the kernel",
    "limits of others",
    "signals",
    *canary_files.ATTEMPTS,
)
END = "end"


def script(word: str, bait: dict[str, Any]) -> str:
    """The canary's source for one run."""
    return f"WORD = {word!r}\nBAIT = {json.dumps(bait)!r}\n{_SCRIPT}{canary_files.SOURCE}{_END}"


_SCRIPT = r"""
import ctypes, glob, json, os, platform, signal, socket, stat, time

bait = json.loads(BAIT)
secret = "".join(bait["secret"])
libc = ctypes.CDLL(None, use_errno=True)
X86 = platform.machine() == "x86_64"
REFUSED = (1, 38, 97)  # EPERM, ENOSYS, EAFNOSUPPORT


def say(name, word, loot=""):
    os.write(1, (WORD + " " + json.dumps([name, word, str(loot)[:200]]) + "\n").encode())


def attempt(act):
    name = act.__doc__
    try:
        loot = act()
    except OSError:
        loot = None
    except BaseException as error:
        say(name, "broken", repr(error))
        return
    say(name, "open" if loot else "held", loot or "")


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read(1 << 16)
    except OSError:
        return b""


def call(number, *arguments):
    ctypes.set_errno(0)
    answer = libc.syscall(ctypes.c_long(number), *(ctypes.c_long(value) for value in arguments))
    return answer, ctypes.get_errno()


def environment():
    "environment"
    texts = {path: read(path) for path in glob.glob("/proc/*/environ")}
    texts["os.environ"] = repr(dict(os.environ)).encode()
    return [path for path, text in texts.items() if secret.encode() in text or b"GRADER_" in text]


def files():
    "files of the machine"
    return [path for path in bait["files"] if secret.encode() in read(path)]


def folders():
    "folders of the machine"
    def is_own(path, device, inode):
        try:
            seen = os.stat(path)
        except OSError:
            return False
        return (seen.st_dev, seen.st_ino) == (device, inode)
    return [path for path, device, inode in bait["own"] if is_own(path, device, inode)]


def descriptors():
    "descriptors of the worker"
    found = []
    for descriptor in range(4, 4096):
        try:
            found.append((descriptor, stat.S_IFMT(os.fstat(descriptor).st_mode)))
        except OSError:
            pass
    return found


def processes():
    "processes of the machine"
    return [path for path in glob.glob("/proc/[0-9]*/cmdline") if bait["marker"].encode() in read(path)]


def memory():
    "the supervisor's memory"
    found = []
    for pid in {1, os.getppid()}:
        if libc.ptrace(16, pid, 0, 0) == 0:
            found.append(f"ptrace {pid}")
        found += [f"/proc/{pid}/{name}" for name in ("mem", "environ", "maps", "auxv") if read(f"/proc/{pid}/{name}")]
    return found


def network():
    "network"
    routes = [line.split()[0] for line in read("/proc/net/route").decode().splitlines()[1:]]
    listening = [line for line in read("/proc/net/tcp").decode().splitlines() if f":{bait['port']:04X} 00000000:0000 0A" in line]
    try:
        socket.create_connection(("127.0.0.1", bait["port"]), timeout=1).close()
    except OSError:
        return routes + listening
    return ["connected"]


def families():
    "sockets of other families"
    found = []
    for family in (2, 10, 15, 16, 17, 38, 40):
        answer, error = call(41 if X86 else 198, family, 2, 0)
        if answer >= 0 or error not in REFUSED:
            found.append((family, error))
    return found


def unix():
    "a Unix socket of the machine"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knocking:
        knocking.settimeout(1)
        knocking.connect("\0" + bait["abstract"])
        return ["connected"]


def writing():
    "writing outside its folder"
    own = os.path.realpath(os.getcwd())
    mounted = [line.split()[4] for line in read("/proc/self/mountinfo").decode().splitlines()]
    places = {os.path.dirname(path) for path in bait["files"]} | set(mounted)
    places |= {"/", "/usr", "/usr/bin", "/etc", "/opt", "/opt/grader", "/opt/grader/guest", "/var", "/var/tmp", "/run", "/dev", "/home", "/root", "/sys"}
    places |= {os.path.dirname(os.__file__), "/tmp/.supervisor"}
    found = []
    for place in sorted(places - {"/tmp", "/dev/shm", "/dev/mqueue", own}):
        file = os.path.join(place, ".grader-canary-was-here")
        try:
            os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
        except OSError:
            continue
        os.unlink(file)
        found.append(place)
    for path in bait["files"] + ["/etc/passwd", "/proc/sys/kernel/hostname", "/proc/1/oom_score_adj", "/proc/sysrq-trigger"]:
        try:
            os.close(os.open(path, os.O_WRONLY))
        except OSError:
            continue
        found.append(path)
    # A folder at the machine's own path may lie in this very tmpfs; what counts is whether it is the machine's.
    return [path for path in found if not path.startswith((own + "/", "/proc/%d/" % os.getpid()))]


def devices():
    "devices"
    named = [name for name in ("mem", "kmem", "port", "kmsg", "kvm", "fuse", "vsock", "vhost-net") if os.path.exists("/dev/" + name)]
    return named + [path for path in glob.glob("/dev/*") if stat.S_ISBLK(os.lstat(path).st_mode)]


def engines():
    "an engine's socket"
    found = []
    for path in ("/var/run/docker.sock", "/run/docker.sock", "/run/podman/podman.sock", "/run/containerd/containerd.sock"):
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knocking:
                knocking.connect(path)
                found.append(path)
        except OSError:
            pass
    return found


def powers():
    "powers"
    status = dict(line.split(":", 1) for line in read("/proc/self/status").decode().splitlines())
    found = [name for name in ("CapInh", "CapPrm", "CapEff", "CapAmb") if int(status[name], 16)]
    found += [name for name, wanted in (("NoNewPrivs", "1"), ("Seccomp", "2")) if status[name].strip() != wanted]
    return found


def users():
    "another user"
    found = ["root"] if 0 in os.getresuid() or 0 in os.getresgid() else []
    for change in (os.setuid, os.setgid, os.seteuid):
        try:
            change(0)
            found.append(change.__name__)
        except OSError:
            pass
    return found


def namespaces():
    "namespaces"
    found = []
    for flag in (0x80, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
        answer, error = call(272 if X86 else 97, flag)
        if answer == 0 or error not in REFUSED:
            found.append(f"unshare {flag:#x}: {error}")
        if flag == 0x80:
            continue
        answer, error = call(56 if X86 else 220, flag | signal.SIGCHLD, 0, 0, 0, 0)
        if answer == 0:
            os._exit(0)
        if answer > 0 or error not in REFUSED:
            found.append(f"clone {flag:#x}: {error}")
    arguments = (ctypes.c_uint64 * 11)(0x10000000, 0, 0, 0, signal.SIGCHLD)
    answer, error = call(435, ctypes.addressof(arguments), 88)
    if answer == 0:
        os._exit(0)
    return found if error in REFUSED else [*found, "clone3"]


def doors():
    "doors of the kernel"
    calls = {"io_uring_setup": 425, "open_tree": 428, "move_mount": 429, "fsopen": 430, "pidfd_getfd": 438}
    calls |= (
        {"mount": 165, "umount2": 166, "chroot": 161, "ptrace": 101, "add_key": 248, "keyctl": 250, "bpf": 321, "perf": 298,
         "userfaultfd": 323, "setns": 308, "process_vm_readv": 310, "open_by_handle_at": 304, "init_module": 175}
        if X86 else
        {"mount": 40, "umount2": 39, "chroot": 51, "ptrace": 117, "add_key": 217, "keyctl": 219, "bpf": 280, "perf": 241,
         "userfaultfd": 282, "setns": 268, "process_vm_readv": 270, "open_by_handle_at": 265, "init_module": 105}
    )
    answers = {name: call(number, 0, 0, 0, 0, 0) for name, number in calls.items()}
    return [(name, error) for name, (answer, error) in answers.items() if answer >= 0 or error not in REFUSED]


def limits():
    "limits of others"
    import resource
    found = []
    for pid in {1, os.getppid()}:
        try:
            found.append((pid, resource.prlimit(pid, resource.RLIMIT_NOFILE)))
        except OSError:
            pass
    return found


def signals():
    "signals"
    others = {1, os.getppid(), bait["watchman"]} - {os.getpid()}
    for pid in others:
        for number in (signal.SIGTERM, signal.SIGSTOP, signal.SIGKILL):
            try:
                os.kill(pid, number)
            except OSError:
                pass
    # Had the supervisor died of it, nobody would be there to read the next line.
    time.sleep(0.1)


for act in (environment, files, folders, descriptors, processes, memory, network, families, unix, writing, devices, engines,
            powers, users, namespaces, doors, limits, signals):
    attempt(act)
"""
_END = """
say("end", "end")
"""
