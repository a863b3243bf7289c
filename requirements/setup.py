"""`make setup`: makes .venv with the pinned dependencies and a working .venv/bin/grader, and says how far it is.

    python3 requirements/setup.py           keep a .venv that works, finish one that does not, make one where there is none
    python3 requirements/setup.py --this    and make it anew if another version of Python made it
    python3 requirements/setup.py --look    only say what would stop that

Any Python 3 can read this file, so that an old one is told what is wrong.
"""

import os
import sys

OLDEST = (3, 11)


def too_old(name: str) -> str:
    """What to do where Python is too old; empty where it is not."""
    if sys.version_info[:2] >= OLDEST:
        return ""
    here = "{}.{}".format(*sys.version_info[:2])
    return (
        f"Python 3.11 or newer is needed, and {name} is Python {here}. Install one (Debian, Ubuntu: sudo apt-get install "
        "python3.11 python3.11-venv, or python3.12, python3.13) and name it: make setup PYTHON=python3.11"
    )


def main() -> int:
    """The exit status."""
    old = too_old(sys.executable)
    if old:
        sys.stderr.write(old + "\n")
        return 1
    from environment import set_up

    # Students' code runs as users of its own, which must be able to read the libraries.
    os.umask(0o022)
    return set_up(is_python_chosen="--this" in sys.argv, only_look="--look" in sys.argv)


if __name__ == "__main__":
    sys.exit(main())
