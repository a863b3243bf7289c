from __future__ import annotations

import threading
import time
from pathlib import Path

from workers.alone import in_company


class Worker(threading.Thread):
    """Works until it is let go, and says when it began."""

    def __init__(self, folder: Path, *, alone: bool = False) -> None:
        super().__init__(daemon=True)
        self.began, self.over = threading.Event(), threading.Event()
        self._folder, self._alone = folder, alone
        self.start()

    def run(self) -> None:
        with in_company(self._folder, alone=self._alone):
            self.began.set()
            assert self.over.wait(20)

    def end(self) -> None:
        self.over.set()
        self.join(20)


def test_many_work_beside_each_other(tmp_path: Path) -> None:
    workers = [Worker(tmp_path) for _ in range(3)]
    assert all(worker.began.wait(20) for worker in workers)
    for worker in workers:
        worker.end()


def test_who_is_alone_waits_for_the_others_and_then_they_wait(tmp_path: Path) -> None:
    neighbour = Worker(tmp_path)
    assert neighbour.began.wait(20)
    lonely = Worker(tmp_path, alone=True)
    time.sleep(0.05)
    later = Worker(tmp_path)
    time.sleep(0.05)
    assert not lonely.began.is_set()
    assert not later.began.is_set(), "a row of neighbours would keep it waiting for ever"
    neighbour.end()
    assert lonely.began.wait(20)
    assert not later.began.is_set()
    lonely.end()
    assert later.began.wait(20)
    later.end()
