import time

while time.process_time() < 3.5:
    pass
