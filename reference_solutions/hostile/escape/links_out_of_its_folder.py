import os
import socket

for number, target in enumerate(("/etc/passwd", "/", "/opt/grader", "..", "/proc/1/root", "__HOME__", "loop5")):
    os.symlink(target, f"loop{number}")
    for place in ("/tmp", "/dev/shm"):
        try:
            os.symlink(target, f"{place}/link{number}")
        except OSError:
            pass
try:
    os.link("/etc/hostname", "hard")
except OSError:
    pass
os.mkfifo("fifo")
socket.socket(socket.AF_UNIX).bind("socket")
os.makedirs("/".join("d" * 200))
os.mkdir("closed", 0)
