import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)


def call(number, *arguments):
    ctypes.set_errno(0)
    return libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments)), ctypes.get_errno()


ends = (ctypes.c_int * 2)()
for family in (2, 10, 16, 17, 30, 38, 40, 44):
    answer, error = call(53, family, 1, 0, ctypes.addressof(ends))
    if answer == 0 or error != 97:
        print("GOT THROUGH: the kernel looked at a pair of family", family, error)
