import ctypes

libc = ctypes.CDLL(None, use_errno=True)

import os
import resource

try:
    resource.setrlimit(resource.RLIMIT_CORE, (-1, -1))
except (OSError, ValueError):
    pass
libc.prctl(4, 1, 0, 0, 0)
child = os.fork()
if child == 0:
    os.abort()
if os.WCOREDUMP(os.waitpid(child, 0)[1]):
    print("GOT THROUGH: a core file", flush=True)
os.abort()
