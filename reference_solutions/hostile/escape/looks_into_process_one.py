import os
import re

SECRET = re.compile(rb"canary-[a-z_]+-[0-9a-f]{16}")
for pid in (1, os.getppid(), "__PID__"):
    for name in ("mem", "root/etc/passwd", "fd/0", "fd/1", "fd/3", "cwd/.", "environ", "exe", "auxv", "stack", "syscall"):
        try:
            with open(f"/proc/{pid}/{name}", "rb") as file:
                print(pid, name, SECRET.findall(file.read(65536)))
        except OSError:
            pass
for name in os.listdir("/proc/self/fd"):
    try:
        print(name, os.readlink(f"/proc/self/fd/{name}"))
    except OSError:
        pass
