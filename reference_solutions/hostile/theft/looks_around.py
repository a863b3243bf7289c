import os
import socket

for name in os.listdir("/proc"):
    try:
        words = open(f"/proc/{name}/cmdline").read()
    except OSError:
        continue
    if "pytest" in words:
        print("GOT THROUGH: sees the process", name)
if "keras-grader-" in open("/proc/self/cgroup").read():
    print("GOT THROUGH: sees the names of control groups")
if socket.gethostname() == "__HOST_NAME__":
    print("GOT THROUGH: knows the machine's name")
