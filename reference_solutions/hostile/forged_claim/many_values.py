import json
import os

with open(3, "wb", closefd=False) as pipe:
    pipe.write(b'{"format": 1, "parts": [' + b"[]," * 300_000 + b"[]]}")
os._exit(0)
