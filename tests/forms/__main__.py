"""`make forms`: each assignment's right and wrong answer in every form that people write, graded; a table, then what fails.

    python -m tests.forms                                # all of it: forms, leniencies, students' files (trained)
    python -m tests.forms --form variable --row xor      # some of the forms
    python -m tests.forms --only leniencies              # or forms, students
    python -m tests.forms --row xor --form quizzes --show    # the files themselves; nothing is graded

A right answer must pass with the canonical form and the compile settings of the plain solution, a wrong one must fail for
the same first cause. Exits with 1 when anything comes out otherwise, and lists it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from rich.progress import track

from tests.forms.judge import words
from tests.forms.leniencies import NOT_PASSED, PASSED, data_of
from tests.forms.matrix import FORMS, SEED, Case, Grader, Result, pairs, singles
from tests.forms.rows import ROWS
from tests.forms.table import lacking, legend, matrix
from tests.students.whole import graded_otherwise
from workers.sandbox.base import Mode
from workers.sandbox.bubblewrap import BubblewrapSandbox


def main(arguments: Sequence[str] | None = None) -> int:
    """Grade what is asked for; the number of the exit status."""
    asked = _asked(arguments)
    cases = [it for it in [*singles(asked.seed), *pairs(asked.pairs, asked.seed)] if _wanted(it, asked)]
    if asked.show:
        for case in cases:
            print(f"#### {case.name}\n{case.draft().text()}")
        return 0
    looks: dict[str, Callable[[Grader], list[str]]] = {
        "forms": lambda grader: _forms(grader, cases, asked.threads),
        "leniencies": _leniencies,
        "students": lambda _: graded_otherwise(),
    }
    some = ["forms"] if asked.form or asked.row else asked.only or list(looks)
    grader = Grader(lambda: BubblewrapSandbox(mode=Mode.FORKSERVER))
    try:
        bad = [line for name in some for line in looks[name](grader)]
    finally:
        grader.close()
    print("\n".join(["", *bad]))
    return 1 if bad else 0


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.forms",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--form", action="append", choices=list(FORMS), metavar="FORM", help=f"of {', '.join(FORMS)}"
    )
    rows = [row.slug for row in ROWS]
    parser.add_argument(
        "--row", action="append", choices=rows, metavar="ROW", help="an assignment, by its slug"
    )
    parser.add_argument("--pairs", type=int, default=25, help="so many pairs of forms for each assignment")
    parser.add_argument("--seed", type=int, default=SEED, help="of what is drawn")
    parser.add_argument("--threads", type=int, default=2, help="so many files at a time")
    parser.add_argument(
        "--only", action="append", choices=["forms", "leniencies", "students"], help="this part"
    )
    parser.add_argument("--show", action="store_true", help="print the files and grade nothing")
    return parser.parse_args(arguments)


def _wanted(case: Case, asked: argparse.Namespace) -> bool:
    names = [case.single] if case.single else [it.name for it in case.forms]
    in_form = not asked.form or any(name in asked.form for name in names)
    return in_form and (not asked.row or case.row.slug in asked.row)


def _forms(grader: Grader, cases: Sequence[Case], threads: int) -> list[str]:
    """The table, printed; a text for each file that comes out otherwise than the plain solution."""
    results: list[Result] = []
    for result in track(grader.results(cases, threads), "forms", len(cases), disable=not sys.stderr.isatty()):
        results.append(result)
        if result.fault:
            print(
                f"{len(results)} of {len(cases)}: {result.case.name}: {result.fault[:100]}", file=sys.stderr
            )
    bad = [it for it in results if it.fault]
    print(f"{matrix(results)}\n\n{legend()}\n\n{lacking()}\n", flush=True)
    print(f"{len(results)} files in these forms: {len(bad)} come out otherwise than the plain solution")
    return [f"{it.case.name}\n    {it.fault[:300]}\n    {' | '.join(it.told)[:600]}" for it in bad]


def _leniencies(grader: Grader) -> list[str]:
    """What must not pass and does, and what must pass and does not."""
    bad = []
    for verdict, files in (("invalid", NOT_PASSED), ("passed", PASSED)):
        for name, (slug, cells) in track(files.items(), verdict, disable=not sys.stderr.isatty()):
            report = grader.judge.report(slug, *data_of(cells))
            if report.verdict != verdict:
                told = " | ".join(words(report))[:300]
                bad.append(f"{name}: {report.verdict.value} instead of {verdict}: {told}")
    print(
        f"{len(NOT_PASSED)} files with a layer that failed, {len(PASSED)} with a harmless stop: {len(bad)} come out wrong"
    )
    return bad


if __name__ == "__main__":
    sys.exit(main())
