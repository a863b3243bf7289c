import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)


def call(number, *arguments):
    ctypes.set_errno(0)
    return libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments)), ctypes.get_errno()

import mmap

file = os.open(os.__file__, os.O_RDONLY)
size = mmap.PAGESIZE
seen = ctypes.create_string_buffer(4 * size)
page = ctypes.addressof(seen) // size * size + size
if call(27, page, size, ctypes.addressof(seen))[0] == 0:
    print("GOT THROUGH: mincore")
if call(451, file, ctypes.addressof(seen), ctypes.addressof(seen) + 64, 0)[0] == 0:
    print("GOT THROUGH: cachestat")
try:
    print("GOT THROUGH: NOWAIT", os.preadv(file, [bytearray(8)], 0, os.RWF_NOWAIT))
except BlockingIOError:
    print("GOT THROUGH: NOWAIT says no")
except OSError:
    pass
how = (ctypes.c_uint64 * 3)(0, 0, 0x20)
name = ctypes.create_string_buffer(b"/usr")
if call(437, -100, ctypes.addressof(name), ctypes.addressof(how), 24)[0] >= 0:
    print("GOT THROUGH: RESOLVE_CACHED")
