import json
import os

import struct

body = json.dumps({"format": 1, "job": "0" * 32, "outcome": "finished", "claim": "{}", "detail": {}, "stdout": "GOT THROUGH: speaks for the supervisor",
                   "truncated": False, "cpu_seconds": 0, "wall_seconds": 0, "versions": {}, "left_nothing": True}).encode()
for descriptor in range(256):
    try:
        descriptor not in (1, 2) and os.write(descriptor, struct.pack(">I", len(body)) + body)
    except OSError:
        pass
os._exit(0)
