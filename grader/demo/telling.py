"""What the demo says while it works: a bar on a terminal; elsewhere, where a bar would not be seen, a line every 15 seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from grader.demo.tries import Try

LINE_SECONDS = 15.0
ENOUGH_TO_GUESS = 5
MINUTE = 60


def _nothing() -> None:
    """Nothing else."""


class Lines:
    """A line every 15 seconds, with how long it has been; `first` is called whenever there might be one."""

    def __init__(
        self,
        console: Console,
        first: Callable[[], None] = _nothing,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.console = console
        self._first, self._clock = first, clock
        self._started = clock()
        self._due = self._started + LINE_SECONDS

    def tell(self, words: Callable[[], str]) -> None:
        """Print the words if it is time for a line; on a terminal too, where the bar is not there yet."""
        self.heed()
        if self._clock() >= self._due:
            passed = self._clock() - self._started
            self.console.print(
                f"{duration(passed):>10}  {words()}", highlight=False, markup=False, soft_wrap=True
            )
            self._due += LINE_SECONDS * (1 + (self._clock() - self._due) // LINE_SECONDS)

    def heed(self) -> None:
        """Do what comes first."""
        self._first()


def how_far(tries: list[Try], now_graded: str, seconds: float) -> str:
    """Done, unexpected verdicts so far, what is being graded, and the time left by the pace until now."""
    done = [each for each in tries if each.report is not None]
    wrong = sum(not each.right for each in done)
    return (
        f"{len(done)} of {len(tries)} graded, {wrong} unexpected; {time_left(len(done), len(tries), seconds)}"
        f"{f'; now {now_graded}' if now_graded else ''}"
    )


def time_left(done: int, total: int, seconds: float) -> str:
    """Guessed from what is done, once that is enough to guess from."""
    if done < ENOUGH_TO_GUESS:
        return "time left not known yet"
    return f"about {duration(seconds / done * (total - done))} left"


def duration(seconds: float) -> str:
    """Whole seconds, and minutes where there are some."""
    minutes, rest = divmod(round(seconds), MINUTE)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


@contextmanager
def shown(tries: list[Try], lines: Lines) -> Iterator[Callable[[str], None]]:
    """A function that is told, again and again, what is being graded."""
    started = time.monotonic()
    if not lines.console.is_terminal:
        yield lambda graded: lines.tell(lambda: how_far(tries, graded, time.monotonic() - started))
        return
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=lines.console) as progress:
        task = progress.add_task("handed in", total=len(tries))

        def show(graded: str) -> None:
            lines.heed()
            done = sum(each.report is not None for each in tries)
            progress.update(task, completed=done, description=graded or "waiting for the next one")

        yield show
