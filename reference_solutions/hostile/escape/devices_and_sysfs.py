import os

for top in ("/dev", "/sys"):
    for folder, _, names in os.walk(top):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.basename(path) in ("tty", "console", "ptmx"):
                continue
            try:
                os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))
                print("opened", path)
            except OSError:
                pass
for name in ("mem", "kmem", "kmsg", "kvm", "fuse", "loop0", "sda", "net/tun", "vhost-vsock"):
    for make in (lambda: os.open(f"/dev/{name}", os.O_RDWR), lambda: os.mknod("node", 0o60666, os.makedev(8, 0))):
        try:
            make()
            print("made", name)
        except OSError:
            pass
