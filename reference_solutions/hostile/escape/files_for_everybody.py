import os

with open("file", "w") as file:
    file.write("x")
os.mkdir("folder")
for path in ("file", "folder", "."):
    if os.stat(path).st_mode & 0o077:
        print("GOT THROUGH: everybody may see", path)
