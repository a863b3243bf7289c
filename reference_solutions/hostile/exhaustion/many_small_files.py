import os

for number in range(20_000):
    os.mkdir(f"d{number}")
    os.close(os.open(f"f{number}", os.O_CREAT))
else:  # not behind the loop: what stands there runs though the loop has failed
    print("GOT THROUGH: forty thousand files")
