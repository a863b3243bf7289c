import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)


def call(number, *arguments):
    ctypes.set_errno(0)
    return libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments)), ctypes.get_errno()

import fcntl
import signal

watcher, _ = call(294, 0)
folder = ctypes.create_string_buffer(b"/usr/lib")
if watcher >= 0:
    print("GOT THROUGH: inotify", call(254, watcher, ctypes.addressof(folder), 0xFFF))
if call(253)[0] >= 0 or call(300, 0, 0)[0] >= 0:
    print("GOT THROUGH: the older inotify or fanotify")
signal.signal(signal.SIGIO, signal.SIG_IGN)
folder, file = os.open(os.path.dirname(os.__file__), os.O_RDONLY), os.open(os.__file__, os.O_RDONLY)
for name, of, command, value in (("F_NOTIFY", folder, 1026, 0x3F), ("F_SETLEASE", file, 1024, fcntl.F_RDLCK), ("F_SETDELEG", folder, 1040, 0)):
    try:
        fcntl.fcntl(of, command, value)
        print("GOT THROUGH:", name)
    except OSError as error:
        if error.errno != 1:
            print("GOT THROUGH: the kernel looked at", name)
