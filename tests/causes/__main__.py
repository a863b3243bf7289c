"""`make causes`: every wrong answer of this project, graded and trained: the share whose student is told the true cause.

    python -m tests.causes                          # all of them, a table by kind, then what is not told
    python -m tests.causes --kind order             # one kind
    python -m tests.causes --name xor/one_neuron.py --show    # one file, with its whole feedback
    python -m tests.causes --page                   # all of them, into docs/causes.md

Exits with 1 where anything is not told.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from rich.progress import track

from grader.domain.report import Report
from grader.messages import render
from grader.settings import load_settings
from tests import chinese
from tests.built_in import catalog
from tests.causes.truth import KINDS, Truth, truths
from workers.pipeline import open_pipeline

PAGE = Path(__file__).resolve().parents[2] / "docs" / "causes.md"
HEAD = """\
# Whether a student is told what is wrong

Made by `make causes`. Each wrong answer of `reference_solutions` and `tests/students/files` has, by somebody who read it, its true
first cause: its kind, and patterns that the feedback must have or must not have (`tests/causes/truths.tsv`). All of them are graded,
and trained where that decides. CI holds every reference solution and a sample of the students' files to it.

"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Grade what is asked for; the number of the exit status."""
    parser = argparse.ArgumentParser(
        "python -m tests.causes", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kind", choices=KINDS)
    parser.add_argument("--name", choices=truths(), metavar="FILE", help="as in truths.tsv")
    parser.add_argument("--show", action="store_true", help="what each student is told")
    parser.add_argument("--page", action="store_true", help="write the table into docs/causes.md")
    asked = parser.parse_args(arguments)
    chosen = [
        it for it in truths().values() if asked.kind in (None, it.kind) and asked.name in (None, it.name)
    ]
    of_kind, untold = Counter(it.kind for it in chosen), []
    for truth, report in _graded(chosen):
        if asked.show:
            print(f"\n== {truth.name}", *map(render, report.feedback), sep="\n   ")
        if lacks := [
            *truth.untold(report),
            *chinese.faults(report, catalog().assignments[truth.slug].words_in("zh")),
        ]:
            untold.append((truth, lacks))
    told = _told(of_kind, untold)
    print(told)
    if asked.page and len(chosen) == len(truths()):
        PAGE.write_text(HEAD + told + "\n", encoding="utf-8")
    return 1 if untold else 0


def _graded(chosen: Sequence[Truth]) -> Iterator[tuple[Truth, Report]]:
    with tempfile.TemporaryDirectory(prefix="grader-causes-") as scratch:
        settings = load_settings({}, data_dir=Path(scratch), sandbox="bubblewrap")
        with closing(open_pipeline(settings)) as pipeline:
            for one in track(chosen, "wrong answers", disable=not sys.stderr.isatty()):
                yield one, pipeline.grade_file(one.slug, one.path.read_bytes(), one.path.name)


def _told(of_kind: Counter[str], untold: Sequence[tuple[Truth, list[str]]]) -> str:
    not_told = Counter(truth.kind for truth, _ in untold)
    lines = ["| kind | what | files | told truly |", "|---|---|---|---|"]
    for kind, files in sorted(of_kind.items()):
        lines.append(f"| {kind} | {KINDS[kind]} | {files} | {files - not_told[kind]} |")
    files = of_kind.total()
    lines += ["", f"{files} wrong answers, {files - len(untold)} told truly: {1 - len(untold) / files:.1%}"]
    lines += [f"- {truth.name}: {'; '.join(lacks)}" for truth, lacks in untold]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
