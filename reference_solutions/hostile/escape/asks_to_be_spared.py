import os

if open("/proc/self/oom_score_adj").read().strip() != "1000":
    print("GOT THROUGH: others would end first")
for path in ("/proc/1/oom_score_adj", f"/proc/{os.getppid()}/oom_score_adj", f"/proc/{os.getppid()}/oom_adj"):
    try:
        open(path, "w").write("1000")
        print("GOT THROUGH: wrote", path)
    except OSError:
        pass
try:
    open("/proc/self/oom_score_adj", "w").write("-1000")
    print("GOT THROUGH: cannot be ended")
except OSError:
    pass
