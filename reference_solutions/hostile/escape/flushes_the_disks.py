import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)


def call(number, *arguments):
    ctypes.set_errno(0)
    return libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments)), ctypes.get_errno()


file = os.open(os.__file__, os.O_RDONLY)
for name, number, arguments in (("sync", 162, ()), ("syncfs", 306, (file,)), ("sync_file_range", 277, (file, 0, 0, 7))):
    if call(number, *arguments)[0] == 0:
        print("GOT THROUGH:", name)
reading, _ = os.pipe()
for flush in (os.fsync, os.fdatasync):
    try:
        flush(reading)  # the kernel itself would say that a pipe has no disk
    except OSError:
        print("GOT THROUGH: the kernel looked at", flush.__name__)
