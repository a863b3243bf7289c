"""`await` at the top of a cell is waited for; anywhere else Python's own rules hold."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.workers.guest import notebooks
from workers.guest import awaiting, pieces
from workers.guest.failure import Failure
from workers.guest.refusal import NoModel

HEAD = "import asyncio\nasync def f(x=1):\n    await asyncio.sleep(0)\n    return x\n"


@pytest.fixture(autouse=True)
def _one_loop() -> Iterator[None]:
    yield
    awaiting.forget()


def run(*texts: str) -> tuple[dict[str, object], list[Failure]]:
    return notebooks.run(notebooks.book(*texts))


@pytest.mark.parametrize(
    "cell",
    [
        "x = await f(3)",
        "x = (await asyncio.gather(f(3), f(4)))[0]",
        "task = asyncio.create_task(f(3))\nx = await task",
        "async def many():\n    yield 3\nasync for x in many(): pass",
        "class C:\n    async def __aenter__(self): return 3\n    async def __aexit__(self, *_): pass\nasync with C() as x: pass",
        "async def many():\n    yield 3\nx = [i async for i in many()][0]",
        "x = asyncio.run(f(3))",
        "loop = asyncio.new_event_loop()\nx = loop.run_until_complete(f(3))\nloop.close()",
    ],
)
def test_a_cell_is_waited_for(cell: str) -> None:
    namespace, failures = run(HEAD, cell)
    assert (namespace.get("x"), failures) == (3, [])


def test_a_task_of_one_cell_is_awaited_by_another() -> None:
    namespace, failures = run(HEAD, "task = asyncio.create_task(f(3))", "x = await task")
    assert (namespace.get("x"), failures) == (3, [])


def test_what_is_raised_while_waiting_is_told_by_its_line() -> None:
    _, failures = run(HEAD, "a = 1\nawait f()\nawait f(1 / 0)")
    assert failures[0].cell == 2
    assert failures[0].mistake.line == 11


def test_await_in_a_plain_function_is_a_mistake_of_its_line() -> None:
    namespace, failures = run("a = 1", "def g():\n    return await f()", "b = 2")
    assert (namespace["a"], namespace["b"]) == (1, 2)
    assert (failures[0].mistake.code, failures[0].mistake.line) == ("syntax_error", 6)


def test_a_script_does_not_wait() -> None:
    with pytest.raises(NoModel) as caught:
        pieces.read(f"{HEAD}\nx = await f()\n", [])
    assert (caught.value.code, caught.value.line) == ("syntax_error", 6)


def test_the_end_of_the_program_goes_through() -> None:
    namespace, failures = run(HEAD, "await f()\nraise SystemExit", "b = 2")
    assert failures == []
    assert "b" not in namespace
