import os
import sys

for path in (os.__file__, sys.executable, *[f"{folder}/sitecustomize.py" for folder in sys.path],
             "/opt/grader/guest/student.py", "/opt/grader/guest/x.pth", "/usr/lib/x.py", "/etc/ld.so.preload", "/x", "/dev/x", "/opt/x"):
    for change in (lambda: open(path, "a").write("#"), lambda: os.unlink(path), lambda: os.chmod(path, 0o777)):
        try:
            change()
            print("GOT THROUGH: changed", path)
        except OSError:
            pass
