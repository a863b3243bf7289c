"""`make forms`: each assignment's right and wrong answer in every form that people write, graded; a table, then what fails.

    python -m tests.forms                                # all of it, and the students' files, trained
    python -m tests.forms --form variable --row xor      # some
    python -m tests.forms --pairs 0 --no-students        # the table alone
    python -m tests.forms --row xor --form quizzes --show    # the files themselves; nothing is graded

Exits with 1 when anything comes out otherwise than the plain solution does, and lists it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from rich.progress import track

from tests.forms.matrix import FORMS, SEED, Case, Grader, Result, pairs, singles
from tests.forms.rows import ROWS
from tests.forms.table import lacking, legend, matrix
from workers.sandbox.base import Mode
from workers.sandbox.bubblewrap import BubblewrapSandbox


def main(words: Sequence[str] | None = None) -> int:
    """Grade what is asked for; the number of the exit status."""
    asked = _asked(words)
    cases = [it for it in [*singles(asked.seed), *pairs(asked.pairs, asked.seed)] if _wanted(it, asked)]
    if asked.show:
        for case in cases:
            print(f"#### {case.name}\n{case.draft().text()}")
        return 0
    results = _graded(cases, asked.threads)
    print(f"{matrix(results)}\n\n{legend()}\n\n{lacking()}\n")
    bad = [it for it in results if it.fault]
    for result in bad:
        print(f"{result.case.name}\n    {result.fault[:300]}\n    {' | '.join(result.told)[:600]}")
    print(f"{len(results)} files graded, {len(bad)} otherwise than the plain solution")
    students = 0 if asked.no_students or asked.form or asked.row else _students()
    return 1 if bad or students else 0


def _asked(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.forms",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--form", action="append", choices=list(FORMS), help="this form (several times: these)"
    )
    parser.add_argument("--row", action="append", choices=[row.slug for row in ROWS], help="this assignment")
    parser.add_argument("--pairs", type=int, default=25, help="so many pairs of forms for each assignment")
    parser.add_argument("--seed", type=int, default=SEED, help="of what is drawn")
    parser.add_argument("--threads", type=int, default=2, help="so many files at a time")
    parser.add_argument("--show", action="store_true", help="print the files and grade nothing")
    parser.add_argument("--no-students", action="store_true", help="leave out tests/students")
    return parser.parse_args(words)


def _wanted(case: Case, asked: argparse.Namespace) -> bool:
    in_form = not asked.form or any(it.name in asked.form for it in case.forms)
    return in_form and (not asked.row or case.row.slug in asked.row)


def _graded(cases: Sequence[Case], threads: int) -> list[Result]:
    grader = Grader(lambda: BubblewrapSandbox(mode=Mode.FORKSERVER))
    try:
        # The plain solutions come first: threads that need the same one would grade it twice.
        results = grader.results(cases, threads)
        return list(track(results, "grading", total=len(cases), disable=not sys.stderr.isatty()))
    finally:
        grader.close()


def _students() -> int:
    """Grade the students' files with training; how many come out otherwise than they must."""
    from tests.students.whole import graded_otherwise

    bad = graded_otherwise()
    print("\n".join(bad))
    return len(bad)


if __name__ == "__main__":
    sys.exit(main())
