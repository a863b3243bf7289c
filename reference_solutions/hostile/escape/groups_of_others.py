import os

if set(os.getgroups()) - {65534}:
    print("GOT THROUGH: is in groups", os.getgroups())
for act in (lambda: os.setgroups([0]), lambda: os.setegid(0), lambda: os.setresgid(0, 0, 0), lambda: os.setfsgid(0) or os.setregid(0, 0)):
    try:
        act()
        print("GOT THROUGH: joined a group")
    except (OSError, AttributeError):
        pass
