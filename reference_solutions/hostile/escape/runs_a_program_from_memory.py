import os
import subprocess
import sys

CODE = "import socket; print('GOT THROUGH: has a socket', socket.socket(2, 1))"
try:
    memory = os.memfd_create("python")
    with open(sys.executable or "/usr/bin/python3", "rb") as program:
        os.sendfile(memory, program.fileno(), 0, 1 << 26)
    child = os.fork()
    if child == 0:
        try:
            os.execve(memory, ["python", "-I", "-S", "-c", CODE], {})
        finally:
            os._exit(1)
    os.waitpid(child, 0)
except OSError:
    pass
for words in (["/bin/sh", "-c", "exec 3<>/dev/tcp/127.0.0.1/__TCP_PORT__ && echo GOT THROUGH: a shell"],
              ["/bin/bash", "-c", "exec 4<>/dev/tcp/127.0.0.1/__TCP_PORT__ && echo GOT THROUGH: a shell"],
              ["/lib64/ld-linux-x86-64.so.2", "/usr/bin/python3", "-c", CODE]):
    try:
        subprocess.run(words, stderr=subprocess.DEVNULL, timeout=5)
    except OSError:
        pass
