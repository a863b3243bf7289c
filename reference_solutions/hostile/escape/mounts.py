import ctypes

libc = ctypes.CDLL(None, use_errno=True)

answers = [libc.mount(b"tmpfs", b"/tmp", b"tmpfs", 0, None), libc.mount(None, b"/", None, 32, None), libc.umount2(b"/proc", 2)]
answers += [libc.syscall(number, -100, b"/", 0, 0, 0) for number in (428, 429, 430, 431, 432, 433, 442, 304, 303)]
if set(answers) != {-1}:
    print("GOT THROUGH: mounted", answers)
