import socket

for family in range(2, 46):
    for kind in (1, 2, 3, 5):
        try:
            socket.socket(family, kind, 0).close()
            print("GOT THROUGH: a socket of family", family, kind)
        except OSError:
            pass
pair = socket.socketpair()
pair[0].sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, (3).to_bytes(4, "little"))])
