import os

for path in ("/proc/kallsyms", "/proc/modules", "/proc/iomem", "/proc/timer_list", "/proc/vmallocinfo"):
    try:
        lines = open(path).read(20000).splitlines()
    except OSError:
        continue
    for line in lines:
        if any(len(word) == 16 and word.strip("0") and all(c in "0123456789abcdef" for c in word) for word in line.replace("-", " ").split()):
            print("GOT THROUGH: an address in", path)
            break
for path in ("/proc/kcore", "/dev/mem", "/dev/kmem", "/proc/1/pagemap", "/proc/kpagecount", "/sys/kernel/notes", "/proc/1/stack"):
    try:
        with open(path, "rb") as file:
            if file.read(1):
                print("GOT THROUGH: reads", path)
    except OSError:
        pass
