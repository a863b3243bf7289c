"""`make chaos`: every fault on every deployment where it can happen, one after another, as a table.

    python -m tests.chaos                                 all of them, about an hour
    python -m tests.chaos --only "kill -9 web" --on servers
    python -m tests.chaos --soak 300                      mixed submissions, one kill every ten seconds

Exits with 1 when anything was lost, doubled, wrong, stuck or left behind. CHAOS_KEEP=FOLDER keeps what a failed one left.
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from tests.chaos.faults import BOTH, FAULTS
from tests.chaos.scenario import Told, play
from tests.chaos.soak import soak

HEAD = (
    "| fault | deployment | n | t p50/max (s) | after (s) | grader_error | stuck | what the client saw |\n"
    "|---|---|---|---|---|---|---|---|"
)

ENDED = 128 + signal.SIGTERM


def main() -> int:
    """Play, print, judge."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(ENDED))  # what was started is ended on the way out
    kinds = [options.on] if options.on else list(BOTH)
    print(HEAD, flush=True)
    if options.soak:
        told = [soak(options.soak, kind) for kind in kinds]
        print(*(one.row() for one in told), sep="\n", flush=True)
        return _tell(told, options.out)
    told = []
    for name in options.only or FAULTS:
        fault = FAULTS[name]
        for kind in (kind for kind in fault.deployments if kind in kinds):
            told.append(play(name, fault.happen, kind, count=options.count))
            print(told[-1].row(), *told[-1].problems[:20], sep="\n", flush=True)
    return _tell(told, options.out)


def _tell(told: list[Told], out: Path | None) -> int:
    if out:
        out.write_text("\n".join([HEAD, *(one.row() for one in told)]) + "\n", "utf-8")
    bad = [one for one in told if one.problems]
    print(
        f"{len(told)} played, {sum(one.outcome.count for one in told)} submissions, {len(bad)} with problems"
    )
    for one in bad:
        print(f"{one.fault} on {one.deployment}:", *one.problems[:20], sep="\n  ")
    return int(bool(bad))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", action="append", choices=list(FAULTS))
    parser.add_argument("--on", choices=BOTH)
    parser.add_argument("--count", type=int, default=24, help="students of each scenario")
    parser.add_argument("--soak", type=int, metavar="N")
    parser.add_argument("--out", type=Path, help="the table once more, into this file")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
