"""The kill matrix: which check catches which operator's mutants, in figures for people and for scripts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workers.mutation.judge import Fate, Finding, Must
from workers.mutation.mutant import Aspect

FEWEST = 8
"""Mutants that an assignment must have: with fewer, nothing can be said about its checks."""

Matrix = Mapping[str, Sequence[Finding]]
"""Findings by assignment."""


@dataclass(frozen=True)
class Tally:
    """The figures of one assignment."""

    mutants: int
    caught: int
    exceptions: int
    equivalent: int
    rewritings: int
    passed: int

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> Tally:
        """Counted. Equivalent mutants must pass and are counted apart; what was refused of them counts as a rewriting."""
        found = list(findings)
        fates = Counter(finding.fate for finding in found)
        mutants = [finding for finding in found if finding.must is Must.FAIL]
        return cls(
            mutants=len(mutants),
            caught=fates[Fate.CAUGHT],
            exceptions=fates[Fate.EXCUSED],
            equivalent=fates[Fate.EQUIVALENT],
            rewritings=len(found) - len(mutants) - fates[Fate.EQUIVALENT],
            passed=fates[Fate.PASSED],
        )

    @property
    def enough(self) -> bool:
        """Whether there were mutants enough to say something."""
        return self.mutants >= FEWEST


def problems(findings: Sequence[Finding], unused: Iterable[str] = ()) -> list[str]:
    """Every sentence that there is to say against an assignment's checks; `unused` are exceptions for nothing."""
    told = [_problem(finding) for finding in findings if not finding.as_should_be]
    told += [f"mutants.yaml excuses “{name}”, which needs no excuse" for name in unused]
    tally = Tally.of(findings)
    if not tally.enough:
        told.append(f"{tally.mutants} mutants apply; at least {FEWEST} are needed")
    return told


def _problem(finding: Finding) -> str:
    by = f" by {finding.check} ({finding.code})" if finding.check else ""
    return f"{finding.name} [{finding.aspect.value}] {finding.fate.value}{by}"


def as_plain(matrix: Matrix, told: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """What `--json` prints."""
    return {
        "format": 1,
        "ok": not any(told.values()),
        "assignments": [
            {
                "slug": slug,
                **vars(Tally.of(findings)),
                "problems": list(told[slug]),
                "findings": [
                    {
                        "part": finding.part,
                        "operator": finding.operator,
                        "change": finding.change,
                        "aspect": finding.aspect.value,
                        "must": finding.must.value,
                        "fate": finding.fate.value,
                        "check": finding.check,
                        "code": finding.code,
                        "reason": finding.reason,
                    }
                    for finding in findings
                ],
            }
            for slug, findings in matrix.items()
        ],
    }


HEADER = """\
# The kill matrix

Made by `grader mutate --page docs/mutants.md`; a test says when it is out of date.

Wrong models are made from each assignment's reference solution, one change each, and graded by the assignment's own
checks. A mutant counts as caught only when the first check that fails is the one meant for such a change, with the words
that are true of it; the tables say which check caught how many. What has the same canonical form as the reference is no
wrong model: it is counted as equivalent, and must pass like the rewritings, which spell the same network in other ways.
`writing-an-assignment.md` says how an assignment tells what it fixes, and what to do about a mutant that survives.
"""

COLUMNS = ("assignment", "mutants", "caught", "exceptions", "equivalent", "must pass", "passed")


def page(matrix: Matrix) -> str:
    """The page `docs/mutants.md`."""
    return f"{untrained_page(matrix)}\n{trained_section(matrix)}"


def untrained_page(matrix: Matrix) -> str:
    """The page without what must be trained."""
    quick = {
        slug: [finding for finding in findings if finding.aspect is not Aspect.ACCURACY]
        for slug, findings in matrix.items()
    }
    tallies = {slug: Tally.of(findings) for slug, findings in quick.items()}
    total = Tally(
        *(sum(column) for column in zip(*(vars(t).values() for t in tallies.values()), strict=True))
    )
    lines = [HEADER, _row(COLUMNS), _row(["---"] * len(COLUMNS))]
    lines += [f"| {slug} | {_cells(tally)} |" for slug, tally in [*tallies.items(), ("**all**", total)]]
    for slug, findings in quick.items():
        lines += ["", f"## {slug}", "", *_table(findings)]
    return "\n".join(lines) + "\n"


def trained_section(matrix: Matrix) -> str:
    """The mutants whose layers are right, so that only a training shows what is wrong."""
    lines = ["## Mutants that must be trained", "", "The layers are right; they cannot learn.", ""]
    lines += [_row(["assignment", "mutant", "caught by"]), _row(["---"] * 3)]
    for slug, findings in matrix.items():
        for finding in findings:
            if finding.aspect is Aspect.ACCURACY:
                caught = finding.check if finding.as_should_be else f"**{finding.fate.value}**"
                lines.append(
                    _row([slug, f"{finding.operator} ({finding.part})", caught or finding.fate.value])
                )
    return "\n".join(lines) + "\n"


def _cells(tally: Tally) -> str:
    return " | ".join(str(number) for number in vars(tally).values())


def _table(findings: Sequence[Finding]) -> list[str]:
    """Operators down, checks across; a cell is how many the check caught."""
    mutants = [finding for finding in findings if finding.must is Must.FAIL]
    several = len({finding.part for finding in findings}) > 1
    checks = list(dict.fromkeys(f.check for f in mutants if f.check))
    rows: dict[tuple[str, ...], list[Finding]] = {}
    for finding in mutants:
        rows.setdefault((*([finding.part] if several else []), finding.operator), []).append(finding)
    head = [*(["part"] if several else []), "operator", "mutants", *checks]
    lines = [_row(head), _row(["---"] * len(head))]
    for row, found in rows.items():
        counted = Counter(finding.check for finding in found)
        lines.append(_row([*row, str(len(found)), *(str(counted[check] or "") for check in checks)]))
    excused = [finding for finding in mutants if finding.fate is Fate.EXCUSED]
    if excused:
        lines += ["", *(f"- exception: {finding.name}: {finding.reason}" for finding in excused)]
    return lines


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"
