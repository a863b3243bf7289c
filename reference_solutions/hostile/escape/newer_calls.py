import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)


def call(number, *arguments):
    ctypes.set_errno(0)
    return libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments)), ctypes.get_errno()


NAMES = {"cachestat": 451, "statmount": 457, "listmount": 458, "setxattrat": 463, "landlock": 444, "seccomp": 317, "openat2": 437,
         "sched_setattr": 314, "tomorrow's": 470, "next year's": 700, "the last": 0x3FFFFFFF}
for name, number in NAMES.items():
    answer, error = call(number, -1, 0, 0, 0, 0)
    if answer >= 0 or error != 38:
        print("GOT THROUGH: the kernel looked at", name, error)
