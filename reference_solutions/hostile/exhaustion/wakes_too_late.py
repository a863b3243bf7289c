import time

time.sleep(14)
