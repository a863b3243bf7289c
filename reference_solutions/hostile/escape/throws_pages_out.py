import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)


def call(number, *arguments):
    ctypes.set_errno(0)
    return libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments)), ctypes.get_errno()

import mmap

file = os.open(os.__file__, os.O_RDONLY)
try:
    os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
    print("GOT THROUGH: fadvise")
except OSError:
    pass
shown = mmap.mmap(file, 0, prot=mmap.PROT_READ)
for advice in (12, 20, 21):
    try:
        shown.madvise(advice)
        print("GOT THROUGH: madvise", advice)
    except OSError as error:
        if error.errno != 1:
            print("GOT THROUGH: the kernel looked at madvise", advice)
for flags in (0x80, 0x100):
    try:
        os.preadv(file, [bytearray(8)], 0, flags)
        print("GOT THROUGH: read with", flags)
    except OSError:
        pass
