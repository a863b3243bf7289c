import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)


def call(number, *arguments):
    ctypes.set_errno(0)
    return libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments)), ctypes.get_errno()

import fcntl
import signal
import socket

for pid in {1, os.getppid()}:
    handle, _ = call(434, pid, 0)
    for number in (signal.SIGTERM, signal.SIGSTOP):
        if handle >= 0 and call(424, handle, number, 0, 0)[0] == 0:
            print("GOT THROUGH: signalled", pid)
    if handle >= 0 and call(438, handle, 0, 0)[0] >= 0:
        print("GOT THROUGH: took a descriptor of", pid)
    left, right = socket.socketpair()
    for act in (lambda: fcntl.fcntl(left, fcntl.F_SETOWN, pid), lambda: fcntl.fcntl(left, 10, int(signal.SIGKILL)),
                lambda: fcntl.fcntl(left, fcntl.F_SETFL, os.O_ASYNC), lambda: right.send(b"x"), lambda: os.killpg(os.getpgid(pid), 15)):
        try:
            act()
        except OSError:
            pass
