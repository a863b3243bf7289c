"""`make bench`: figures beside a fresh `python solution.py`, printed and saved.

    python -m tests.bench                                  everything
    python -m tests.bench --quick                          the same with smaller numbers, in under four minutes
    python -m tests.bench --only happy_ratio,help_seconds  the groups of these figures

Exits with 1 when a goal is missed.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path
from types import ModuleType

from rich.console import Console

from tests.bench import grading, happy, lists, scaling, slow, starting, storm
from tests.bench.goals import GOALS
from tests.bench.ground import Ground
from tests.bench.results import Results

ON_COMMON_GROUND = (grading, storm)
ALONE = (scaling, happy, lists, slow, starting)
GROUPS = (*ON_COMMON_GROUND, *ALONE)
ENDED = 128 + signal.SIGTERM


def main() -> int:
    """Measure, print, save."""
    options = _options()
    _clear_environment()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(ENDED))  # what was started is ended on the way out
    results = Results(options.quick, Console(width=None if sys.stdout.isatty() else 160))
    with Ground() as ground:
        for group in ON_COMMON_GROUND:
            _measure(group, results, options, ground)
    for group in ALONE:
        _measure(group, results, options)
    results.console.print(results.table())
    results.console.print(f"Saved in {options.out}")
    return int(any(GOALS[key].is_met(value) is False for key, value in results.figures.items()))


def _measure(group: ModuleType, results: Results, options: argparse.Namespace, *lent: Ground) -> None:
    if set(group.KEYS) & options.only:
        results.say(f"{group.__name__.rpartition('.')[2]}: {', '.join(group.KEYS)}")
        group.run(results, *lent)
        results.save(options.out)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", type=_keys, default=set(GOALS), metavar="KEY,…")
    parser.add_argument("--out", type=Path, default=Path("bench.json"))
    return parser.parse_args()


def _keys(text: str) -> set[str]:
    keys = set(text.split(","))
    if keys - set(GOALS):
        raise argparse.ArgumentTypeError(
            f"no figure is called {', '.join(keys - set(GOALS))}; there are {', '.join(GOALS)}"
        )
    return keys


def _clear_environment() -> None:
    """An operator's own settings are not measured; processes that we start say nothing but what counts."""
    for name in [name for name in os.environ if name.startswith("GRADER_")]:
        del os.environ[name]
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"


if __name__ == "__main__":
    sys.exit(main())
