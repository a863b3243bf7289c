import json
import os

while True:
    os.write(3, b" " * 65536)
os._exit(0)
