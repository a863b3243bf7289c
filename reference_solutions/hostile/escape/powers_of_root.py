import ctypes

libc = ctypes.CDLL(None, use_errno=True)

import os
import subprocess

for call in (os.setuid, os.setgid, os.seteuid):
    try:
        call(0)
        print("GOT THROUGH: is root")
    except OSError:
        pass
print(libc.prctl(38, 0, 0, 0, 0), libc.prctl(8, 1, 0, 0, 0), libc.prctl(47, 2, 7, 0, 0), libc.syscall(126, 0, 0))
for line in open("/proc/self/status"):
    if line.startswith(("CapEff", "CapPrm", "CapInh")) and int(line.split()[1], 16):
        print("GOT THROUGH: has", line.strip())
    if line.startswith("NoNewPrivs") and line.split()[1] != "1":
        print("GOT THROUGH: may get privileges by a program")
for program in (["su", "-c", "id"], ["sudo", "-n", "id"], ["mount"], ["newuidmap", "1", "0", "0", "1"], ["bwrap", "--ro-bind", "/", "/", "id"]):
    try:
        print(program[0], subprocess.run(program, stdin=subprocess.DEVNULL, capture_output=True, timeout=2).returncode)
    except (OSError, subprocess.SubprocessError):
        pass
