"""The whole: every form of every row, right and wrong, and pairs of forms; each graded and compared with the plain solution."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import combinations
from random import Random

from grader.domain.report import Report
from tests.forms import around, files, imports, pythons, shapes, texts
from tests.forms.draft import Draft, plain
from tests.forms.form import FORMS as NOTED
from tests.forms.form import Form, Stage, composed
from tests.forms.judge import Judge, Seen, seen, words
from tests.forms.rows import ROWS, Row
from workers.sandbox.base import Sandbox

WRITTEN = (shapes, imports, pythons, texts, around, files)
"""The modules that note forms, in the order of the table."""
APART = {frozenset({"chinese", "western"}), frozenset({"chinese", "eastern"})}
"""Forms that exclude each other, beside those of one stage: not every alphabet can write the other's comments."""
SEED = 2026
FORMS = {it.name: it for it in sorted(NOTED.values(), key=lambda it: it.stage)}
"""All forms by name, as they are put together."""


@dataclass(frozen=True)
class Case:
    """One file to be graded: a row's right or wrong answer in some forms.

    `single` is the form that it is there for, "" where it is one of several.
    """

    row: Row
    right: bool
    forms: tuple[Form, ...]
    seed: int = SEED
    single: str = ""

    @property
    def name(self) -> str:
        """Such as `xor/right/variable+sys_exit`."""
        answer = "right" if self.right else "wrong"
        return f"{self.row.slug}/{answer}/{'+'.join(it.name for it in self.forms) or 'plain'}"

    def draft(self) -> Draft:
        """The file, unless it is encoded."""
        return composed(plain(self.row, self.right), self.forms, str(self.seed))


@dataclass(frozen=True)
class Result:
    """What came of a case; `fault` is "" where nothing differs from the plain solution, `told` is the report's words."""

    case: Case
    fault: str
    told: tuple[str, ...] = ()


def singles(seed: int = SEED) -> list[Case]:
    """Each form of each row, of the right answer and of the wrong one.

    What stands around an answer, and the file, are tried of a finished network as often as of a function.
    """
    every = [(row, it) for it in FORMS.values() for row in ROWS if not it.lacking(row)]
    return [
        Case(row, right, (*_shape(row, it, seed), it), seed, it.name)
        for row, it in every
        for right in (True, False)
    ]


def _shape(row: Row, form: Form, seed: int) -> tuple[Form, ...]:
    drawn = (
        form.stage in {Stage.AROUND, Stage.FILE} and Random(f"{seed} {row.slug} {form.name}").random() < 0.5
    )
    return (FORMS["variable"],) if row.variables and (form.of_variable or drawn) else ()


def pairs(each: int, seed: int = SEED) -> list[Case]:
    """So many pairs of forms for each row, drawn from all that go together; every fifth of the wrong answer."""
    cases = []
    for row in ROWS:
        able = [it for it in FORMS.values() if not it.lacking(row)]
        together = [pair for pair in combinations(able, 2) if go_together(*pair)]
        drawn = Random(f"{seed} {row.slug}").sample(together, each)
        cases += [Case(row, number % 5 != 4, pair, seed) for number, pair in enumerate(drawn)]
    return cases


def bundles(seed: int = SEED) -> list[Case]:
    """Few files that have every form between them: for each a row that can have its forms, of the wrong answer every third."""
    random = Random(seed)
    waiting = {stage: random.sample(of, len(of)) for stage, of in _by_stage().items()}
    cases: list[Case] = []
    while any(waiting.values()):
        chosen: list[Form] = []
        rows = [*ROWS[len(cases) % len(ROWS) :], *ROWS[: len(cases) % len(ROWS)]]
        for stage, forms in waiting.items():
            for _ in range(2 if stage is Stage.AROUND else 1):
                for each in forms:
                    able = [row for row in rows if not each.lacking(row)]
                    if able and all(go_together(each, other) for other in chosen):
                        rows = able
                        chosen.append(each)
                        forms.remove(each)
                        break
        cases.append(Case(rows[0], len(cases) % 3 != 2, tuple(chosen), seed))
    return cases


def _by_stage() -> dict[Stage, list[Form]]:
    return {stage: [it for it in FORMS.values() if it.stage is stage] for stage in Stage}


def go_together(first: Form, second: Form) -> bool:
    """Whether one file can have both."""
    if frozenset({first.name, second.name}) in APART:
        return False
    return first.stage is not second.stage or first.stage is Stage.AROUND


class Grader:
    """Grades cases, one sandbox for each thread; plain solutions once."""

    def __init__(self, open_sandbox: Callable[[], Sandbox]) -> None:
        self._open = open_sandbox
        self._own = threading.local()
        self._opened: list[Sandbox] = []
        self._plain: dict[tuple[str, bool, bool], Seen] = {}

    def close(self) -> None:
        """Close every sandbox."""
        for sandbox in self._opened:
            sandbox.close()

    @property
    def judge(self) -> Judge:
        """This thread's."""
        if not hasattr(self._own, "judge"):
            sandbox = self._open()
            self._opened.append(sandbox)
            self._own.judge = Judge(sandbox)
        return self._own.judge

    def result(self, case: Case) -> Result:
        """Grade it and compare; a form that cannot be written at all is a fault too."""
        draft = case.draft()
        report = self.judge.report(case.row.slug, draft.data(), draft.file_name, draft.cpu_seconds)
        found, wanted = seen(report), self._wanted(case, draft, report)
        fault = found.difference(wanted)
        if not fault and wanted.verdict != ("passed" if case.right else "failed"):
            fault = f"verdict: the plain solution itself is {wanted.verdict}"
        return Result(case, fault, tuple(words(report)) if fault else ())

    def _wanted(self, case: Case, draft: Draft, report: Report) -> Seen:
        """What the plain solution gives. A finished network that was taken has been compiled in the file."""
        wanted = self._plainly(case.row, case.right, variable=False)
        is_taken = draft.net in case.row.variables and draft.net in [it.entry_point for it in report.parts]
        if not is_taken:
            return wanted
        return replace(wanted, compiled=self._plainly(case.row, case.right, variable=True).compiled)

    def _plainly(self, row: Row, right: bool, *, variable: bool) -> Seen:
        key = (row.slug, right, variable)
        if key not in self._plain:
            shape = (FORMS["variable"],) if variable else ()
            draft = Case(row, right, shape).draft()
            self._plain[key] = seen(self.judge.report(row.slug, draft.data(), draft.file_name))
        return self._plain[key]

    def results(self, cases: Sequence[Case], threads: int) -> Iterator[Result]:
        """Those of all cases, in their order."""
        with ThreadPoolExecutor(threads) as pool:
            yield from pool.map(self.result, cases)
