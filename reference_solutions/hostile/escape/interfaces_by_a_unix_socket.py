import array
import fcntl
import socket
import struct

asking = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
names = array.array("B", bytes(4096))
try:
    told = fcntl.ioctl(asking, 0x8912, struct.pack("iL", 4096, names.buffer_info()[0]))
    length = struct.unpack("iL", told)[0]
    found = {bytes(names[at : at + 16]).split(b"\0")[0] for at in range(0, length, 40)}
    if found - {b"lo"}:
        print("GOT THROUGH: sees", found)
except OSError:
    pass
if [name for _, name in socket.if_nameindex() if name != "lo"] if hasattr(socket, "if_nameindex") and False else []:
    print("GOT THROUGH: sees interfaces")
for line in open("/proc/net/dev").read().splitlines()[2:]:
    if line.split(":")[0].strip() not in ("lo", "tunl0", "sit0", "ip6tnl0", "gre0", "gretap0", "erspan0", "ip_vti0", "ip6_vti0", "ip6gre0"):
        print("GOT THROUGH: sees", line)
