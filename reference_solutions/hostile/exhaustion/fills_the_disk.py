import os

for folder in ("/dev/shm", "/tmp", "."):
    for number in range(128):
        try:
            with open(f"{folder}/{number}", "wb", buffering=0) as file:
                file.write(bytes(16 << 20))
        except OSError:
            break
raise OSError(28, "No space left on device")
