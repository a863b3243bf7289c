import ctypes

libc = ctypes.CDLL(None, use_errno=True)
for option, values in ((8, (1, 0)), (24, (7, 0)), (47, (2, 21)), (47, (2, 0)), (28, (0, 0)), (35, (1, 4096)), (27, (1, 0)), (36, (1, 0)), (23, (21, 0))):
    libc.prctl(option, *map(ctypes.c_ulong, (*values, 0, 0)))
libc.prctl(15, b"\x1b]0;owned\x07\n(R)1")
status = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
for name in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
    if int(status[name], 16):
        print("GOT THROUGH: has", name)
if status["NoNewPrivs"].strip() != "1":
    print("GOT THROUGH: may have new ones")
