from __future__ import annotations

import threading

import pytest

from grader.punctual import Late, Punctual

PLENTY = 30.0


def test_what_ends_in_time_has_been_done_and_may_fail_by_its_own_error() -> None:
    done: list[int] = []
    Punctual(PLENTY).do(lambda: done.append(1))
    assert done == [1]

    def fall() -> None:
        raise KeyError("own")

    with pytest.raises(KeyError, match="own"):
        Punctual(PLENTY).do(fall)


def test_while_one_hangs_no_other_is_begun_and_afterwards_they_are() -> None:
    punctual, over, begun = Punctual(0.05), threading.Event(), list[int]()
    with pytest.raises(Late, match="no answer"):
        punctual.do(lambda: over.wait(PLENTY) and None)
    with pytest.raises(Late, match="hangs"):
        punctual.do(lambda: begun.append(1))
    assert not begun
    (hanging,) = [thread for thread in threading.enumerate() if thread.name == "punctual"]
    over.set()
    hanging.join(PLENTY)
    Punctual.do(punctual, lambda: begun.append(2))
    assert begun == [2]
