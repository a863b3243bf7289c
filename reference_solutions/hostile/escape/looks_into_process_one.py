import os
import re

SECRET = re.compile(rb"canary-[a-z_]+-[0-9a-f]{16}")
for pid in {1, os.getppid()} - {os.getpid()}:
    for name in ("mem", "root/etc/passwd", "fd/0", "fd/1", "fd/3", "cwd/.", "environ", "exe", "auxv", "stack", "syscall"):
        try:
            with open(f"/proc/{pid}/{name}", "rb", buffering=0) as file:
                print("GOT THROUGH: looks into", name, "of", pid)
                print(SECRET.findall(file.read(65536)))
        except OSError:
            pass
for number in range(256):
    try:
        print(number, os.readlink(f"/proc/self/fd/{number}"), SECRET.findall(os.pread(number, 4096, 0)))
    except OSError:
        pass
