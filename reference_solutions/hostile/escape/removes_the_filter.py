import ctypes

libc = ctypes.CDLL(None, use_errno=True)

print(libc.prctl(22, 0, 0, 0, 0), libc.prctl(4, 1, 0, 0, 0), libc.prctl(0x59616D61, -1, 0, 0, 0), libc.prctl(36, 1, 0, 0, 0))
print(libc.syscall(16, 0, 0x5412, b"x"), libc.syscall(317, 0, 0, None))
