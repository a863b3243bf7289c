import ctypes
import socket

libc = ctypes.CDLL(None, use_errno=True)


def attempt(call):
    try:
        print(call())
    except OSError as error:
        print(error)


attempt(lambda: socket.create_connection(("127.0.0.1", int("__TCP_PORT__")), timeout=1))
attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", int("__UDP_PORT__"))))
attempt(lambda: socket.socket(socket.AF_UNIX).connect("\0__ABSTRACT__"))
attempt(lambda: socket.socket(socket.AF_UNIX).connect("/var/run/docker.sock"))
attempt(lambda: socket.socket(socket.AF_UNIX).connect("/run/guest/guest.sock"))
attempt(lambda: socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM).connect((2, 1234)))
print(libc.syscall(425, 8, 0), ctypes.get_errno())
