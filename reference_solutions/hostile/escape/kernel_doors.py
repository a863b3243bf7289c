import ctypes

libc = ctypes.CDLL(None, use_errno=True)

calls = {"bpf": 321, "userfaultfd": 323, "io_uring": 425, "perf": 298, "keyctl": 250, "add_key": 248, "request_key": 249,
         "kexec": 246, "kexec_file": 320, "init_module": 175, "finit_module": 313, "personality": 135, "iopl": 172,
         "quotactl": 179, "kcmp": 312, "acct": 163, "swapon": 167, "reboot": 169, "syslog": 103, "x32": 0x40000027}
for name, number in calls.items():
    print(name, libc.syscall(number, 1, 0, 0, 0, 0), ctypes.get_errno())
