import os

HARMLESS = ("null", "zero", "full", "random", "urandom", "tty", "stdin", "stdout", "stderr")
OWN = ("/dev/pts", "/dev/shm", "/dev/mqueue")
for top in ("/dev", "/sys"):
    for folder, _, names in os.walk(top):
        for name in names:
            path = os.path.join(folder, name)
            if name in ("tty", "console", "ptmx"):
                continue
            try:
                os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))
                print("opened" if name in HARMLESS or folder.startswith(OWN) else "GOT THROUGH: opened", path)
            except OSError:
                pass
for name in ("mem", "kmem", "kmsg", "kvm", "fuse", "loop0", "sda", "net/tun", "vhost-vsock"):
    for make in (lambda: os.open(f"/dev/{name}", os.O_RDWR), lambda: os.mknod("node", 0o60666, os.makedev(8, 0))):
        try:
            make()
            print("GOT THROUGH: made", name)
        except OSError:
            pass
