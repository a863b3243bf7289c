import sys

sys.setrecursionlimit(10**9)


def deeper(n):
    return [deeper(n + 1)]


class Deep:
    def __repr__(self):
        return repr([self])


repr(Deep())
