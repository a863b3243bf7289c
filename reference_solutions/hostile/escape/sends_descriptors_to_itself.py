import array
import os
import socket

left, right = socket.socketpair()
folders = [os.open(path, os.O_RDONLY | os.O_DIRECTORY) for path in ("/", "/proc/self", "/usr")]
left.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", folders))])
_, extra, _, _ = right.recvmsg(1, 1024)
received = array.array("i", extra[0][2])
for folder in received:
    for path in ("../../../../etc/shadow", "../../__HOME__/__CANARY_FILE__", "root/../etc/shadow", "1/root/etc/shadow"):
        try:
            os.close(os.open(path, os.O_RDONLY, dir_fd=folder))
            print("GOT THROUGH: opened", path)
        except OSError:
            pass
for wrong in (1, os.getppid()):
    try:
        left.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_CREDENTIALS, array.array("i", [wrong, 0, 0]))])
        print("GOT THROUGH: speaks as", wrong)
    except OSError:
        pass
