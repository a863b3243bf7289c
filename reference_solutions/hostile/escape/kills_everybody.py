import os

try:
    os.kill(-1, 9)
except OSError as error:
    print(error)
os.kill(os.getpid(), 9)
