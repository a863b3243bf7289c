import json
import os

os.write(3, json.dumps({"format": 1, "error": {"reason": "time_limit", "code": "returned_nothing", "params": {"function": "x"}}}).encode())
os._exit(0)
