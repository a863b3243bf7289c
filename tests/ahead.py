"""On a clean clone each process would compile the project and rewrite every test for itself: they share that work first.

Each of them takes its part of the files and writes what Python and pytest keep beside them; by the time that it collects,
the others' parts are there. What is kept already is left alone, and what is out of date is still noticed by whoever loads it.
pytest has no public name for its rewriting (`_pytest.assertion.rewrite`).
"""

from __future__ import annotations

import os
import py_compile
import sys
from importlib.util import cache_from_source
from pathlib import Path

import pytest
from _pytest.assertion.rewrite import (
    PYC_TAIL,
    _rewrite_test,
    _write_pyc,
    assertstate_key,
    get_cache_dir,
)

ROOT = Path(__file__).resolve().parents[1]


def share(config: pytest.Config) -> None:
    """Do this process's part, if it is one of several."""
    number = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    if not number or sys.dont_write_bytecode:
        return
    count = int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
    for path in _tests(config.args)[int(number) :: count]:
        _rewrite(path, config)
    for path in _modules()[int(number) :: count]:
        if not Path(cache_from_source(str(path))).exists():
            py_compile.compile(str(path), quiet=2)


def _tests(places: list[str]) -> list[Path]:
    """The files of tests below what pytest was asked for."""
    found: set[Path] = set()
    for place in places:
        path = Path(place.partition("::")[0]).resolve()
        found |= {path} if path.is_file() else set(path.rglob("test_*.py"))
    return sorted(found)


def _modules() -> list[Path]:
    return sorted(path for package in ("grader", "workers") for path in (ROOT / package).rglob("*.py"))


def _rewrite(path: Path, config: pytest.Config) -> None:
    kept = get_cache_dir(path) / (path.stem + PYC_TAIL)
    if kept.exists():
        return
    kept.parent.mkdir(parents=True, exist_ok=True)
    source_hash, code = _rewrite_test(path, config)
    _write_pyc(config.stash[assertstate_key], code, source_hash, kept)
