import json
import os

text = "<img src=x onerror=alert(1)>\x1b[2J\u202e\u0000{0.__class__}" * 50
os.write(3, json.dumps({"error": {"reason": "bad_result", "code": "returned_nothing", "params": {
    "function": text, text: text}, "location": {"line": -5, "column": 1e308}}}).encode())
os._exit(0)
