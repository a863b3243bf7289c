import fcntl
import os

try:
    os.open(os.__file__, os.O_RDONLY | os.O_DIRECT)
    print("GOT THROUGH: O_DIRECT")
except OSError:
    pass
file = os.open(os.__file__, os.O_RDONLY)
try:
    fcntl.fcntl(file, fcntl.F_SETFL, os.O_DIRECT)
    print("GOT THROUGH: O_DIRECT afterwards")
except OSError:
    pass
