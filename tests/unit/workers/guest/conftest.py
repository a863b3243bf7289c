"""A guest runs no event loop of its own; a process of tests may: a browser that is driven has left one running."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def no_loop_is_running() -> Iterator[None]:
    before = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(before)
