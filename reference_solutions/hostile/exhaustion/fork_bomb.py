import os
import time

for _ in range(11):  # at most 2048
    try:
        os.fork()
    except OSError:
        pass
time.sleep(2)
