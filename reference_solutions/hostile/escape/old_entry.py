# getpid by the entry of 32 bits, whose numbers mean other calls than those that a filter of 64 bits lists.
import ctypes
import mmap
import os
import platform

if platform.machine() != "x86_64":
    os.abort()
area = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
area.write(bytes.fromhex("b814000000cd80c3"))  # mov eax, 20; int 0x80; ret
entry = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(area)))
print("GOT THROUGH: the old entry says", entry())
