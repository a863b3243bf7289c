import os

os.truncate(os.open("big", os.O_CREAT | os.O_RDWR), 1 << 40)
