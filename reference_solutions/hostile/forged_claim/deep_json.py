import os

with open(3, "wb", closefd=False) as pipe:
    pipe.write(b"[" * 100_000)
os._exit(0)
