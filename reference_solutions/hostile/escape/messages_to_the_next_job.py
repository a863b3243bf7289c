import ctypes

libc = ctypes.CDLL(None, use_errno=True)

import os

for name in ("shmget", "semget", "msgget"):
    if getattr(libc, name)(4711, 0, 0) != -1:
        print("GOT THROUGH: a friend left something for", name)
print(libc.shmget(4711, 4096, 0o1666), libc.semget(4711, 1, 0o1666), libc.msgget(4711, 0o1666))
if libc.mq_open(b"/friend", os.O_CREAT | os.O_RDWR, 0o666, None) >= 0:
    print("GOT THROUGH: a message queue")
for path in ("/tmp/friend", "/dev/shm/friend", "/var/tmp/friend", "/dev/mqueue/friend"):
    if os.path.exists(path):
        print("GOT THROUGH: a friend left", path)
    try:
        open(path, "w").write("for you")
        os.chmod(path, 0o777)
    except OSError:
        pass
