import gc
import re
import sys

SECRET = re.compile(r"canary-[a-z_]+-[0-9a-f]{16}")
frame, seen = sys._getframe(), []
while frame:
    seen += SECRET.findall(repr(frame.f_locals))
    frame = frame.f_back
for thing in gc.get_objects():
    if isinstance(thing, (str, bytes, dict, list)) and len(thing) < 100_000:
        try:
            seen += SECRET.findall(repr(thing))
        except Exception:
            pass
print(seen)
