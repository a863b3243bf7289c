import fcntl
import os

for path in (os.__file__, fcntl.__file__, "/usr/bin/env"):
    first, second = os.open(path, os.O_RDONLY), os.open(path, os.O_RDONLY)
    fcntl.flock(first, fcntl.LOCK_EX)
    try:
        fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("GOT THROUGH: keeps others out of", path)
    for kind in (fcntl.LOCK_EX, fcntl.LOCK_EX | fcntl.LOCK_NB):
        try:
            fcntl.lockf(first, kind)
            print("GOT THROUGH: has a lock of", path)
        except OSError:
            pass
