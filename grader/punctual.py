"""Something that may hang, waited for no longer than so many seconds, whatever it is made of."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Late(TimeoutError):
    """It has not ended in time, or an earlier one still hangs."""


class Punctual:
    """Does things in threads of their own. While one of them is late no other is begun: it would hang as well."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._late = 0
        self._lock = threading.Lock()

    def do(self, act: Callable[[], None]) -> None:
        """Do it now; its own error is raised here, `Late` where it takes too long. It goes on then, unwatched."""
        if self._late:
            raise Late("an earlier one still hangs")
        task = _Task(act, self._ended)
        task.thread.start()
        task.thread.join(self._seconds)
        with self._lock:
            if not task.over:
                task.is_late = True
                self._late += 1
                raise Late(f"no answer within {self._seconds:g} s")
        if task.error is not None:
            raise task.error

    def _ended(self, task: _Task) -> None:
        with self._lock:
            task.over = True
            self._late -= task.is_late


class _Task:
    def __init__(self, act: Callable[[], None], ended: Callable[[_Task], None]) -> None:
        self._act, self._tell = act, ended
        self.over = self.is_late = False
        self.error: BaseException | None = None
        self.thread = threading.Thread(target=self._run, name="punctual", daemon=True)

    def _run(self) -> None:
        try:
            self._act()
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits
            self.error = error
        finally:
            self._tell(self)
