"""`await` at the top of a cell: code that waits is driven on one event loop, which the submission keeps."""

from __future__ import annotations

import types
from inspect import CO_COROUTINE
from typing import Any

_WANTS_A_RUNNING_LOOP = frozenset(
    {"create_task", "ensure_future", "gather", "shield", "get_running_loop", "current_task", "all_tasks"}
)
_kept: list[Any] = []


def run_code(code: types.CodeType, namespace: dict[str, object]) -> None:
    """Run a code object; one that awaits is waited for, as a notebook does. What it raises goes through."""
    if code.co_flags & CO_COROUTINE:
        _loop().run_until_complete(eval(code, namespace))  # noqa: S307 - this is what the sandbox is for
    elif "asyncio" in code.co_names and _WANTS_A_RUNNING_LOOP.intersection(code.co_names):
        _loop().run_until_complete(_while_it_runs(code, namespace))
    else:
        exec(code, namespace)  # noqa: S102 - this is what the sandbox is for


def forget() -> None:
    """Close the loop, so that the next code gets one of its own."""
    while _kept:
        _kept.pop().close()


async def _while_it_runs(code: types.CodeType, namespace: dict[str, object]) -> None:
    exec(code, namespace)  # noqa: S102 - in a notebook the loop runs while every cell does


def _loop() -> Any:
    """The submission's loop. Imported when it is needed: few submissions do."""
    if not _kept:
        import asyncio

        _kept.append(asyncio.new_event_loop())
        asyncio.set_event_loop(_kept[0])
    return _kept[0]
