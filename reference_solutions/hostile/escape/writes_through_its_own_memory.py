import os

path = os.__file__
before = open(path, "rb").read(4096)
import mmap

file = os.open(path, os.O_RDONLY)
for how in (mmap.MAP_PRIVATE, mmap.MAP_SHARED):
    shown = mmap.mmap(file, 4096, how, mmap.PROT_READ)
    for line in open("/proc/self/maps"):
        if line.rstrip().endswith(path):
            start = int(line.split("-")[0], 16)
            try:
                with open("/proc/self/mem", "r+b", buffering=0) as memory:
                    memory.seek(start)
                    memory.write(b"# owned")
            except (OSError, ValueError):
                pass
    if open(path, "rb").read(4096) != before:
        print("GOT THROUGH: changed", path)
