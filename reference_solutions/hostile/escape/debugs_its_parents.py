import ctypes

libc = ctypes.CDLL(None, use_errno=True)

import os
import signal

for pid in {1, os.getppid(), *(int(name) for name in os.listdir("/proc") if name.isdigit())} - {os.getpid()}:
    if libc.ptrace(16, pid, 0, 0) == 0:
        print("GOT THROUGH: traces", pid)
    if libc.prlimit(pid, 7, None, (ctypes.c_uint64 * 2)()) == 0:
        print("GOT THROUGH: reads the limits of", pid)
    print(pid, libc.syscall(310, pid, 0, 0, 0, 0, 0), libc.syscall(434, pid, 0))
    for number in (signal.SIGSTOP, signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV):
        try:
            os.kill(pid, number)
            print("reached", pid)
        except OSError:
            pass
