import os
import sys

for path in (os.__file__, sys.executable, *[f"{folder}/sitecustomize.py" for folder in sys.path],
             "/opt/grader/guest/student.py", "/opt/grader/guest/x.pth", "/usr/lib/x.py", "/etc/ld.so.preload"):
    for change in (lambda: open(path, "a").write("1"), lambda: os.unlink(path), lambda: os.chmod(path, 0o777)):
        try:
            change()
            print("changed", path)
        except OSError:
            pass
