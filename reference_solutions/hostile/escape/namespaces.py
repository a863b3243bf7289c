import ctypes

libc = ctypes.CDLL(None, use_errno=True)

import os


def forked(how, *arguments):
    answer = libc.syscall(*arguments)
    if answer == 0:
        os._exit(0)
    if answer > 0:
        print("GOT THROUGH:", how, "made a namespace")


for flag in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
    forked("clone", 56, ctypes.c_ulong(flag | 17), 0, 0, 0, 0)
    forked("clone3", 435, (ctypes.c_uint64 * 11)(flag, 0, 0, 0, 17), 88)
    if libc.unshare(flag) == 0:
        print("GOT THROUGH: unshare made a namespace")
for name in ("cgroup", "ipc", "mnt", "net", "pid", "user", "uts", "time"):
    try:
        descriptor = os.open(f"/proc/1/ns/{name}", os.O_RDONLY)
        print(name, libc.setns(descriptor, 0))
    except OSError:
        pass
print(libc.chroot(b"/tmp"), libc.syscall(155, b"/tmp", b"/tmp"))
