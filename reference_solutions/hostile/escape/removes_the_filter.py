import ctypes

libc = ctypes.CDLL(None, use_errno=True)

if libc.syscall(16, 0, 0x5412, b"x") != -1 or ctypes.get_errno() != 1:
    print("GOT THROUGH: the kernel looked at TIOCSTI")
print(libc.prctl(22, 0, 0, 0, 0), libc.prctl(4, 1, 0, 0, 0), libc.prctl(0x59616D61, -1, 0, 0, 0), libc.prctl(36, 1, 0, 0, 0))
print(libc.syscall(317, 0, 0, None))
