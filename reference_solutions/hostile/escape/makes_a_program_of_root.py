import os
import shutil
import subprocess

for folder in (".", "/dev/shm"):
    mine = os.path.join(folder, "shell")
    try:
        shutil.copy("/bin/sh", mine)
        os.chmod(mine, 0o6755)
        said = subprocess.run([mine, "-p", "-c", "id -u"], capture_output=True, text=True).stdout.strip()
        if said == "0":
            print("GOT THROUGH: is root")
        os.chown(mine, 0, 0)
        print("GOT THROUGH: gave a file to root")
    except OSError:
        pass
