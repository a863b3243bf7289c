import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)


def call(number, *arguments):
    ctypes.set_errno(0)
    return libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments)), ctypes.get_errno()


NAMES = ("vmstat", "softirqs", "interrupts", "schedstat", "zoneinfo", "buddyinfo", "locks", "diskstats", "partitions", "swaps", "cgroups",
         "cmdline", "pressure/cpu", "pressure/io", "pressure/memory", "sys/fs/file-nr", "sys/fs/inode-nr", "sys/fs/dentry-state")
KEPT = ("vmstat", "softirqs", "interrupts", "schedstat", "zoneinfo", "buddyinfo", "locks", "partitions", "cgroups", "cmdline", "sys/fs",
        "pressure") if "/run/guest" in open("/proc/mounts").read() else ()  # an engine lets few files of a listening guest be covered


def seen(path):
    try:
        return open(path).read()
    except OSError:
        return ""


for name in NAMES:
    if seen("/proc/" + name) and not name.startswith(KEPT or ("-",)):
        print("GOT THROUGH: /proc/" + name)
if set(seen("/proc/loadavg").split()) - {"0.00", "1/1", "1"} or set(seen("/proc/uptime").split()) - {"0.00"}:
    print("GOT THROUGH: the load")
if any(word.isdigit() and int(word) > 1 for word in seen("/proc/stat").split()):
    print("GOT THROUGH: /proc/stat")
kept = ctypes.create_string_buffer(512)
if call(99, ctypes.addressof(kept))[0] == 0:
    print("GOT THROUGH: sysinfo")
for path in ("/sys/devices/system/node/node0/vmstat", "/sys/block", "/sys/class/net", "/sys/kernel/mm"):
    if os.path.exists(path) and (seen(path) or (os.path.isdir(path) and os.listdir(path))):
        print("GOT THROUGH:", path)
