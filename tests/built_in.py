"""The assignments of this project, read once for all tests of a process."""

from __future__ import annotations

from functools import cache

from grader.catalog import Catalog, load_catalog
from grader.settings import BUILT_IN_ASSIGNMENTS


@cache
def catalog() -> Catalog:
    """Every built-in assignment; nobody changes it."""
    return load_catalog([BUILT_IN_ASSIGNMENTS])
