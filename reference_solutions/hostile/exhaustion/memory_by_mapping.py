import mmap
import os

kept = []
for _ in range(100):
    file = os.memfd_create("x")
    os.ftruncate(file, 16 << 20)
    area = mmap.mmap(file, 16 << 20)
    area[:] = b"x" * (16 << 20)
    kept.append(area)
